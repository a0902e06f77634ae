// A million eager operations, a hundred thousand compiled calls and ten thousand different
// Programs, each in one synchronous job, in which the garbage collector learns about tensors that
// were dropped and nobody else does. Prints what each took and fails when it took too much.

import { grad, jit, ones, sin, type Tensor, tensor } from '@grad/core';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { setExecutor } from '../../src/trace/executor.ts';

const mebibyte = 2 ** 20;
const most = { rss: 1024, memory: 512 };

const workloads: { readonly [name: string]: (share: number) => void } = {
  'eager operations': (share) => {
    // 4 to 96 kB: some are copied, some stay in memory.
    const xs = [500, 2000, 6000, 12_000].map((size) => ones([size]));
    const last: Tensor[] = [];
    for (let i = 0; i < 1e6 * share; i++) {
      const [x, at] = [xs[i % xs.length], i % xs.length];
      if (x) last[at] = (last[at] ?? x).add(x);
    }
    const total = last.reduce((sum, x) => sum + x.at(0).item(), 0);
    expectEqual(total, Math.ceil(1e6 * share) + last.length);
  },
  'compiled calls': (share) => {
    const step = jit((x: Tensor, v: Tensor) => [x.add(v.mul(0.5)), v.sub(x.mul(0.5))]);
    let state = [ones([20_000]), tensor(new Float64Array(20_000))];
    for (let i = 0; i < 1e5 * share; i++) {
      const [x, v] = state;
      if (!x || !v) throw new Error('no state');
      state = i % 100 === 0 ? [ones([20_000]), v.mul(0)] : step(x, v);
    }
    const [x] = state;
    if (!x || !Number.isFinite(x.at(0).item())) throw new Error('a wrong result');
  },
  'different Programs': (share) => {
    for (let i = 0; i < 1e4 * share; i++) {
      const size = 1 + (i % 977);
      const f = (x: Tensor): Tensor => sin(x.mul(i % 5 === 0 ? 2 : -1)).sum();
      const x = tensor(new Float64Array(size + Math.floor(i / 977)).fill(0.5));
      const slope = (i % 2 === 0 ? jit(grad(f)) : grad(f))(x).at(0).item();
      const factor = i % 5 === 0 ? 2 : -1;
      if (Math.abs(slope - factor * Math.cos(0.5 * factor)) > 1e-12) throw new Error('wrong');
    }
  },
};

function expectEqual(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${actual} is not ${expected}`);
}

/** Runs a share of the workloads, or of the one that is named. */
export function runWorkloads(share: number, only: string | undefined): void {
  for (const [name, run] of Object.entries(workloads)) {
    if (only !== undefined && only !== name) continue;
    const executor = new WasmExecutor();
    setExecutor(executor);
    const start = performance.now();
    run(share);
    const seconds = (performance.now() - start) / 1000;
    const rss = process.resourceUsage().maxRSS / 1024;
    const memory = executor.bytesReserved / mebibyte;
    console.log(
      `${name}: ${seconds.toFixed(1)} s, peak RSS ${rss.toFixed(0)} MiB, WebAssembly memory ${memory.toFixed(0)} MiB, ` +
        `${executor.compiledPrograms} compiled Programs`,
    );
    if (rss > most.rss || memory > most.memory) {
      throw new Error(`${name}: more than ${most.rss} MiB of RSS or ${most.memory} MiB of memory`);
    }
  }
}

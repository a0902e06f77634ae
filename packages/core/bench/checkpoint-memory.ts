/**
 * The gradient of a function of the last of 10^6 states of a model, and the memory it takes:
 *
 *     node packages/core/bench/checkpoint-memory.ts [steps]
 *
 * prints, for each way of checkpointing, the forward steps beyond those that are recorded, the
 * WebAssembly memory, the growth of the process, and the time.
 */

import { grad, jit, type LoopCheckpoint, scan, type Tensor, tensor, whileLoop } from '@grad/core';
import { WasmExecutor } from '../src/runtime/wasm-executor.ts';
import { setExecutor } from '../src/trace/executor.ts';
import { lorenz96Start, lorenz96Step } from './lorenz96.ts';

const steps = Number(process.argv[2] ?? 1_000_000);
const dt = 1e-4;

type Loop = (x: Tensor, checkpoint: LoopCheckpoint) => Tensor;

const known: Loop = (x, checkpoint) =>
  scan((c: Tensor) => [lorenz96Step(c, dt), null], x, null, { length: steps, checkpoint })[0];

const unknown: Loop = (x, checkpoint) =>
  whileLoop(
    ({ k }) => k.lt(steps),
    ({ c, k }) => ({ c: lorenz96Step(c, dt), k: k.add(1) }),
    { c: x, k: tensor(0, { dtype: 'int32' }) },
    { checkpoint },
  ).c;

/** Steps of the binomial schedule, r n - C(s + r, r - 1). */
function binomialSteps(places: number): number {
  let reach = 1;
  let before = 0;
  let r = 0;
  while (reach < steps) {
    before += reach;
    r += 1;
    reach = (reach * (places + r)) / r;
  }
  return r * steps - before;
}

const places = Math.ceil(Math.sqrt(2 * steps + 0.25) - 1.5);
const runs: readonly [title: string, loop: Loop, checkpoint: LoopCheckpoint, extra: number][] = [
  ['scan, 1500 states', known, 1500, binomialSteps(1500)],
  ['scan, online', known, 'online', binomialSteps(places)],
  ['whileLoop, online', unknown, 'online', steps],
];

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

for (const [title, loop, checkpoint, extra] of runs) {
  const executor = new WasmExecutor();
  setExecutor(executor);
  const before = process.memoryUsage().rss;
  const gradient = jit(grad((x: Tensor) => loop(x, checkpoint).square().sum()));
  const start = performance.now();
  const g = gradient(lorenz96Start);
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${title}: ${(extra / steps).toFixed(3)} extra steps per step, ${mib(executor.bytesReserved)} of WebAssembly memory, ` +
      `${mib(process.memoryUsage().rss - before)} more in the process, ${seconds.toFixed(2)} s; |gradient| ${g.square().sum().sqrt().item().toExponential(6)}`,
  );
}

// Everything that makes and drops memory, over and over in one process: operations, calls, calls in
// slices that are aborted, calls that fail, threads, functions compiled anew. What the process and
// the memory take must not rise once the first third of the time has shown what they need.

import {
  foriLoop,
  grad,
  jit,
  matmul,
  ones,
  setThreads,
  sin,
  sum,
  type Tensor,
  take,
  tensor,
  threads,
  vmap,
} from '@grad/core';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { setExecutor } from '../../src/trace/executor.ts';

const mebibyte = 2 ** 20;
/** MiB that the most of the last third may be above that of the second. */
const slack = 32;

interface Reading {
  readonly seconds: number;
  /** MiB of the process, and of WebAssembly memory. */
  readonly rss: number;
  readonly memory: number;
}

const x = ones([20_000]).mul(0.5);
const square = ones([128, 128]);
const step = jit((y: Tensor) => sin(y).mul(0.9).add(x));
const product = jit((y: Tensor) => sum(matmul(y, y)));
const picked = jit((y: Tensor, i: Tensor) => sum(take(y, i)));
const outside = tensor([20_000], { dtype: 'int32' });
const long = jit((y: Tensor) => foriLoop(0, 1000, (_, c) => sin(c).add(y), y));

function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

async function round(number: number): Promise<void> {
  let y = x;
  for (let i = 0; i < 200; i++) y = y.add(x);
  expectThat(y.at(0).item() === 100.5, 'an operation went wrong');
  for (let i = 0; i < 50; i++) y = step(y);
  expectThat(Number.isFinite(y.at(0).item()), 'a call went wrong');
  expectThat(product(square).item() === 128 ** 3, 'a product went wrong');
  // Another Program in each of two hundred rounds.
  const size = 1 + (number % 200);
  const slope = jit(grad((z: Tensor) => sum(vmap((w: Tensor) => w.mul(w))(z))))(ones([size]));
  expectThat(slope.at(-1).item() === 2, 'a gradient went wrong');
  let failed = false;
  try {
    picked(x, outside);
  } catch {
    failed = true;
  }
  expectThat(failed, 'an index outside of the axis was taken');
  const aborted = long.async([x], { signal: AbortSignal.timeout(2) }).catch(() => undefined);
  const whole = number % 10 === 0 ? long.async([ones([50])]) : undefined;
  await Promise.all([aborted, whole]);
  if (number % 50 === 0) await setThreads(1 + ((number / 50) % 3));
}

/** Runs for so many minutes. */
export async function runMinutes(minutes: number): Promise<void> {
  const executor = new WasmExecutor();
  setExecutor(executor);
  const start = performance.now();
  const end = minutes * 60;
  const readings: Reading[] = [];
  let rounds = 0;
  let said = 0;
  for (let seconds = 0; seconds < end; rounds++) {
    await round(rounds);
    seconds = (performance.now() - start) / 1000;
    const rss = process.memoryUsage.rss() / mebibyte;
    const memory = executor.bytesReserved / mebibyte;
    readings.push({ seconds, rss, memory });
    if (seconds - said < Math.min(10, end / 6)) continue;
    said = seconds;
    console.log(
      `${seconds.toFixed(0)} s: ${rounds + 1} rounds, RSS ${rss.toFixed(0)} MiB, WebAssembly memory ${memory.toFixed(0)} MiB, ` +
        `${executor.compiledPrograms} compiled Programs, ${threads()} threads`,
    );
  }
  await setThreads(1);
  const most = (third: number, what: 'rss' | 'memory'): number =>
    readings
      .filter(({ seconds }) => Math.floor((3 * seconds) / end) === third)
      .reduce((max, reading) => Math.max(max, reading[what]), 0);
  for (const what of ['rss', 'memory'] as const) {
    const [middle, last] = [most(1, what), most(2, what)];
    const name = what === 'rss' ? 'RSS' : 'WebAssembly memory';
    console.log(
      `${name}: at most ${middle.toFixed(0)} MiB in the second third, ${last.toFixed(0)} MiB in the last`,
    );
    expectThat(middle > 0 && last > 0, 'too few rounds to tell');
    expectThat(last <= middle + slack, `${name} rises`);
  }
}

// A program that uses threads and ends in one of several ways, of which some need a SIGINT.

import { Worker, workerData } from 'node:worker_threads';
import {
  jit,
  matmul,
  ones,
  setThreads,
  sin,
  sum,
  type Tensor,
  threads,
  whileLoop,
} from '../../src/index.ts';

const mean = jit((x: Tensor) => sum(matmul(x, x)).mul(0.75 / 512 ** 3));
const x = ones([512, 512]);

/** Takes hours. */
const endless = jit((y: Tensor) =>
  whileLoop(
    (c) => sum(c).lt(1e12),
    (c) => sin(c).add(y),
    y,
  ),
);

async function interrupted(how: string): Promise<void> {
  await setThreads(3);
  if (how === 'interrupt') {
    console.log('computing');
    endless(x);
    return;
  }
  const control = new AbortController();
  process.on('SIGINT', () => control.abort(new Error('interrupted')));
  const call = endless.async([x], { signal: control.signal });
  console.log('computing');
  const outcome = await call.catch((error: unknown) => error);
  console.log(String(outcome), mean(x).item(), threads());
}

async function main(how: string): Promise<void> {
  if (how.startsWith('interrupt')) return interrupted(how);
  const started = setThreads(3);
  if (how === 'leave') {
    console.log(how, mean(x).item());
    return;
  }
  if ((await started) !== 3) throw new Error('There are no threads.');
  if (how === 'async') console.log(how, (await mean.async([x])).item());
  else console.log(how, mean(x).item());
  if (how === 'exit') process.exit();
  if (threads() !== 3) throw new Error('Threads are gone.');
}

const how: string = workerData ?? process.argv[2] ?? 'wait';
if (how === 'worker' && workerData === null)
  new Worker(new URL(import.meta.url), { workerData: how });
else await main(how);

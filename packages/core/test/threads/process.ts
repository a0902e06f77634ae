// A program that uses threads and ends in one of several ways.

import { Worker, workerData } from 'node:worker_threads';
import { jit, matmul, ones, setThreads, sum, type Tensor, threads } from '../../src/index.ts';

const mean = jit((x: Tensor) => sum(matmul(x, x)).mul(0.75 / 512 ** 3));
const x = ones([512, 512]);

async function main(how: string): Promise<void> {
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

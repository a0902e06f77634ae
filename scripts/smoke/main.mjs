// The main program of a user of Node, Bun or Deno: see `run.ts`.

import { version, versions } from 'node:process';
import { Worker } from 'node:worker_threads';
import { check } from './checks.mjs';

const threads = await check();
const inWorker = await new Promise((resolve, reject) => {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url));
  worker.once('message', resolve);
  worker.once('error', reject);
});
const { bun, deno } = versions;
const host = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${version}`;
console.log(`${host}: all is right, on ${threads} threads, in a worker on ${inWorker}`);
process.exit(0);

// The page of a user: see `run.ts`.

import { tensor } from '@grad/core';
import { check } from './checks.mjs';

async function inWorker() {
  const worker = new Worker(new URL('./page-worker.mjs', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

/** The one thing that a strict policy forbids says so. */
function refuses() {
  try {
    tensor([1, 2]).ndarray();
  } catch (error) {
    if (/content security policy/.test(error.message)) return;
    throw error;
  }
  throw new Error('the policy of the page is not strict');
}

globalThis.finished = check()
  .then((threads) => {
    refuses();
    return threads;
  })
  .then(async (threads) => `on ${threads} threads, in a worker on ${await inWorker()}`)
  .catch((error) => `failed: ${error.stack}`);

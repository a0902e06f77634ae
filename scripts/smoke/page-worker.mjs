import { check } from './checks.mjs';

check().then(
  (threads) => postMessage(threads),
  (error) => postMessage({ error: String(error.stack) }),
);

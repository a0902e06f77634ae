import { parentPort } from 'node:worker_threads';
import { check } from './checks.mjs';

parentPort.postMessage(await check());

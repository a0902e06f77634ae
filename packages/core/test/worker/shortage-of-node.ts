import { parentPort } from 'node:worker_threads';
import { shortage } from './shortage.ts';

parentPort?.postMessage(shortage());

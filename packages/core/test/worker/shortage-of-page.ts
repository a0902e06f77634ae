import { shortage } from './shortage.ts';

addEventListener('message', () => postMessage(shortage()));

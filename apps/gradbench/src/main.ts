import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { evals } from './evals/index.ts';
import { answer, ProtocolError } from './protocol.ts';

// Messages come one to a line, and the next one is sent when this one has been answered.
try {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    if (!process.stdout.write(`${answer(line, evals)}\n`)) await once(process.stdout, 'drain');
  }
} catch (error) {
  if (!(error instanceof ProtocolError)) throw error;
  console.error(`gradbench: ${error.message}`);
  process.exitCode = 1;
}

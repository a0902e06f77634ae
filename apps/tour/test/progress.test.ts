import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { breathe, createProgress } from '../src/progress.ts';

/** What progress on a stream looks like, with or without a terminal behind it. */
async function shown(isTTY: boolean, steps: readonly (readonly [string, number])[]) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  const progress = createProgress(stream, 'job');
  for (const [stage, fraction] of steps) progress.show(stage, fraction);
  progress.stop();
  stream.end();
  return text(stream);
}

test('a log gets a line for each stage and no flood of lines within one', async () => {
  const steps = [
    ['read', 0],
    ...Array.from({ length: 500 }, () => ['solve', 0.5] as const),
  ] as const;
  expect(await shown(false, steps)).toBe('job: read (0 %)\njob: solve (50 %)\n');
});

test('a terminal gets a bar, and stopping gives the cursor back', async () => {
  const output = await shown(true, [['solve', 0.25]]);
  expect(output).toMatch(/job {2}█{6}░{18} 25% {2}solve/);
  const [hide, show] = ['\u001B[?25l', '\u001B[?25h'];
  expect(output.indexOf(hide)).toBeGreaterThanOrEqual(0);
  expect(output.lastIndexOf(show)).toBeGreaterThan(output.lastIndexOf(hide));
});

test('stopping without anything shown writes nothing', async () => {
  expect(await shown(true, [])).toBe('');
});

test('breathing lets an event in and passes the reason of an abort on', async () => {
  const controller = new AbortController();
  const reason = new Error('stop');
  await expect(breathe(controller.signal)).resolves.toBeUndefined();
  setImmediate(() => controller.abort(reason));
  await expect(breathe(controller.signal)).rejects.toBe(reason);
});

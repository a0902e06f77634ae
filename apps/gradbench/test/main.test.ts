import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Runs the tool on what an eval would write. */
async function run(...lines: readonly string[]) {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], { stdio: 'pipe' });
  child.stdin.on('error', () => {}); // it may end before it has read everything
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stderr, answers: stdout.trimEnd().split('\n') };
}

test('a session is answered line by line, a line of a megabyte included', async () => {
  const x = Array.from({ length: 100_000 }, (_, i) => i / 7);
  const { code, stderr, answers } = await run(
    '{"id": 0, "kind": "start", "eval": "lse"}',
    '{"id": 1, "kind": "define", "module": "lse"}',
    JSON.stringify({ id: 2, kind: 'evaluate', module: 'lse', function: 'gradient', input: { x } }),
    '',
    '{"id": 3, "kind": "analysis", "of": 2, "valid": true}',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [start, define, evaluated, analysis] = answers.map((line) => JSON.parse(line));
  expect([start, define, analysis]).toEqual([
    { id: 0, tool: 'grad' },
    { id: 1, success: true },
    { id: 3 },
  ]);
  const gradient: number[] = evaluated.output;
  expect(gradient).toHaveLength(100_000);
  expect(gradient.at(-1)).toBeCloseTo(1 - Math.exp(-1 / 7), 12);
});

test('a line that is no message ends the session with what is wrong with it', async () => {
  const { code, stderr, answers } = await run('{"id": 0, "kind": "start"}', 'hello?', '{"id": 1}');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^gradbench: a message is not JSON .*: hello\?\n$/);
  expect(answers).toHaveLength(1);
});

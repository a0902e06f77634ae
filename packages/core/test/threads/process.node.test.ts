import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { jit, random, setThreads, sin, sum, type Tensor, threads } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { tinyGrain, using, Workers } from './workers.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('./process.ts', import.meta.url));

/** What a process prints that ends by itself. */
async function outputOf(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, args, { timeout: 50_000 });
  return stdout.trim();
}

/** A process that is sent SIGINT in the midst of a call: what it printed, and how it ended. */
async function interrupt(
  how: string,
): Promise<{ printed: string; code: unknown; signal: unknown }> {
  const child = spawn(process.execPath, [script, how], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (text: Buffer) => {
    // Not at once: the call is to be under way.
    if (printed === '') setTimeout(() => child.kill('SIGINT'), 300);
    printed += text.toString();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const [code, signal]: unknown[] = await once(child, 'close');
  clearTimeout(timer);
  return { printed: printed.trim(), code, signal };
}

describe('SIGINT in the midst of a call with threads', () => {
  test('ends a process that does not listen', async () => {
    expect(await interrupt('interrupt')).toEqual({
      printed: 'computing',
      code: null,
      signal: 'SIGINT',
    });
  });

  test('can abort a call in slices, and the process goes on', async () => {
    expect(await interrupt('interrupt-slices')).toEqual({
      printed: 'computing\nError: interrupted 0.75 3',
      code: 0,
      signal: null,
    });
  });
});

describe('a process', () => {
  test.each(['wait', 'leave', 'exit', 'async', 'worker'])(
    'with threads ends by itself: %s',
    async (how) => {
      expect(await outputOf(script, how)).toBe(`${how} 0.75`);
    },
  );

  test('that is given as text has threads', async () => {
    const core = new URL('../../src/index.ts', import.meta.url);
    const text = `import { setThreads } from '${core}'; console.log(await setThreads(3));`;
    expect(await outputOf('--input-type=module', '--eval', text)).toBe('3');
  });
});

test('a worker that ends is replaced, and calls go on meanwhile', async () => {
  const f = jit((x: Tensor) => sum(sin(x)));
  const x = random.normal(random.key(5), [5000]);
  const watched = new Workers();
  const own = new WasmExecutor({ grain: tinyGrain, pool: { spawn: watched.spawn } });
  const expected = f(x).item();
  await using(own, async () => {
    expect(await setThreads(3)).toBe(3);
    watched.terminate();
    for (let again = 0; again < 50; again++) expect(f(x).item()).toBe(expected);
    await expect.poll(() => f(x).item() === expected && watched.started).toBe(4);
    await expect.poll(() => threads()).toBe(3);
    expect(f(x).item()).toBe(expected);
  });
});

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const run = promisify(execFile);
const script = fileURLToPath(new URL('./process.ts', import.meta.url));

/** What a process prints that ends by itself. */
async function outputOf(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, args, { timeout: 50_000 });
  return stdout.trim();
}

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

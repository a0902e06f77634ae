import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const script = fileURLToPath(new URL('run.ts', import.meta.url));

// 10,000 operations make half a gigabyte of results that nobody holds.
test.each(['eager operations', 'compiled calls', 'different Programs'])(
  'a hundredth of the soak, %s, stays within bounds in one job',
  async (name) => {
    const { stdout } = await run(process.execPath, [script, '0.01', name]);
    expect(stdout).toMatch(new RegExp(`^${name}: .* peak RSS \\d+ MiB`));
  },
);

// Packs the package in the current folder and checks the tarball as a user would get it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack, run } from './pack.ts';

const folder = mkdtempSync(join(tmpdir(), 'pack-'));
try {
  const tarball = pack(process.cwd(), folder);
  console.log(run('pnpm', ['exec', 'publint', 'run', '--strict', tarball]));
  console.log(run('pnpm', ['exec', 'attw', tarball, '--profile', 'esm-only']));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Installs the peers from npm, without their scripts, when they are not there yet. */
export function installPeers(): void {
  const cwd = join(import.meta.dirname, '..');
  if (existsSync(join(cwd, 'node_modules', '.modules.yaml'))) return;
  const args = ['install', '--frozen-lockfile', '--ignore-scripts', '--reporter=append-only'];
  const { status, error } = spawnSync('pnpm', args, { cwd, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`The peers from npm are missing (pnpm: ${error?.message ?? status}).`);
  }
}

// Programs that the npm registry carries, installed one by one into `.tools/`.

import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { arch, exit, pid, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

const tools = join(dirname(dirname(fileURLToPath(import.meta.url))), '.tools');
const windows = platform === 'win32';

/** Installs one npm package on its own, without install scripts, and returns its `node_modules`. */
export function installTool(name, version) {
  const folder = join(tools, `${name}-${version}`);
  if (!existsSync(folder)) {
    console.log(`Installing ${name}@${version} into .tools/`);
    const partial = `${folder}.${pid}.partial`;
    const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
    const args = ['install', '--prefix', partial, ...flags, `${name}@${version}`];
    const { status, error } = spawnSync('npm', args, { stdio: 'inherit', shell: windows });
    if (status !== 0) {
      console.error(`Could not install ${name}@${version}: ${error?.message ?? 'see above'}`);
      rmSync(partial, { recursive: true, force: true });
      exit(1);
    }
    renameSync(partial, folder);
  }
  return join(folder, 'node_modules');
}

/** Installs a Node release, for which npm has one package per platform; returns its `bin` folder. */
export function installNode(version) {
  const prefix = platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${windows ? 'win' : platform}-${arch}`;
  return join(installTool(name, version), name, 'bin');
}

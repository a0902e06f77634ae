// Installs the packed `@grad/core` into an empty project, as a user would, and differentiates a
// compiled function there with each Node release that the packages promise to support.

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installNode } from './npm-tools.mjs';
import { pack, run } from './pack.ts';

const releases = ['22.0.0', '24.21.0', '26.10.0'];

const scripts = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'smoke-'));
try {
  const tarball = pack(join(scripts, '..', 'packages', 'core'), folder);
  const project = {
    private: true,
    type: 'module',
    dependencies: { '@grad/core': `file:${tarball}` },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project));
  copyFileSync(join(scripts, 'smoke-user.mjs'), join(folder, 'user.mjs'));
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  for (const release of releases) {
    const node = join(installNode(release), 'node');
    console.log(run(node, ['user.mjs'], folder).trim());
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

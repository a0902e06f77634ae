/** `npm run bench:peers`: the Python environment with SciPy, PyTorch and JAX, outside the repository. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { exit } from 'node:process';
import { environment, python } from './peers.ts';

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status === 0) return;
  console.error(`${command} ${args.join(' ')}: ${error?.message ?? `ended with ${status}`}`);
  exit(1);
}

mkdirSync(dirname(environment), { recursive: true });
if (!existsSync(python())) run('python3', ['-m', 'venv', environment]);
run(python(), ['-m', 'pip', 'install', '--quiet', 'torch', 'jax', 'numpy', 'scipy', 'mpmath']);
run(python(), [
  '-c',
  'import scipy, torch, jax; print("scipy", scipy.__version__, "torch", torch.__version__, "jax", jax.__version__)',
]);
console.log(`SciPy, PyTorch and JAX are in ${environment}.`);

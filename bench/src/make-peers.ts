/** `npm run bench:peers`: the Python environment of the peers, outside the repository. */

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
const packages = ['numpy', 'scipy', 'torch', 'jax', 'diffrax', 'casadi', 'mpmath'];
run(python(), ['-m', 'pip', 'install', '--quiet', ...packages]);
run(python(), [
  '-c',
  `import ${packages.join()}; print(*(f"{m.__name__} {m.__version__}" for m in (${packages.join()})))`,
]);
console.log(`The peers are in ${environment}.`);

import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** Runs a program, returns what it printed, and throws all of that when it fails. */
export function run(command: string, args: string[], cwd: string = process.cwd()): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${stdout}${stderr}`, {
    cause: error,
  });
}

/** Packs the package in `source` into the folder `target` and returns the tarball's path. */
export function pack(source: string, target: string): string {
  const args = ['pack', '--json', '--pack-destination', target];
  const { filename }: { filename: string } = JSON.parse(run('pnpm', args, source));
  return resolve(target, filename);
}

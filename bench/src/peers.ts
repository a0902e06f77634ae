import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { env, execPath, platform } from 'node:process';
import { Absent } from './suite.ts';

/** How a library or a compiler takes part: a process that does the work on request. */
export interface Peer {
  readonly name: string;
  /** The file of a case that says what this peer does in it. */
  readonly file: string;
  /** @throws Absent when this machine does not have it. */
  command(): readonly string[];
}

const folder = join(import.meta.dirname, 'peers');

/** The Python environment of the peers: outside the repository, made by `npm run bench:peers`. */
export const environment =
  env['GRAD_BENCH_VENV'] ??
  join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'grad-bench', 'venv');

export const python = (): string =>
  platform === 'win32'
    ? join(environment, 'Scripts', 'python.exe')
    : join(environment, 'bin', 'python');

const node = (name: string, file: string, ...flags: string[]): Peer => ({
  name,
  file: `${file}.ts`,
  command: () => [execPath, '--expose-gc', ...flags, join(folder, 'serve.ts'), name],
});

const inPython = (name: string): Peer => ({
  name,
  file: `${name.toLowerCase()}_side.py`,
  command: () => {
    if (!existsSync(python())) {
      throw new Absent('no Python environment; `npm run bench:peers` makes it');
    }
    return [python(), join(folder, 'serve.py'), name.toLowerCase()];
  },
});

const native: Peer = {
  name: 'C',
  file: 'floor.c',
  command: () => [execPath, join(folder, 'serve.ts'), 'C'],
};

export const ours = '@grad/core';

/** All that can take part in a case, in the order of the columns. */
export const peers: readonly Peer[] = [
  node(ours, 'grad'),
  node('micro-kernel', 'kernel'),
  {
    ...native,
    name: 'C to WASM',
    command: () => [execPath, join(folder, 'serve.ts'), 'C to WASM'],
  },
  native,
  node('jax-js', 'jax-js'),
  node('tfjs-wasm', 'tfjs'),
  node('tfjs-cpu', 'tfjs'),
  node('onnxruntime', 'onnx'),
  inPython('SciPy'),
  inPython('Torch'),
  inPython('JAX'),
  inPython('CasADi'),
];

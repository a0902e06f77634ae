import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Files that are changed, by their paths in the package. Samples are tests themselves. */
export const sources = globSync('src/{primitives,transforms,flow}/**/*.ts', { cwd: root })
  .filter((file) => !/samples\.ts$/.test(file))
  .sort();

const near = ['laws', 'transforms', 'flow', 'primitives', 'sparse', 'linalg', 'functions', 'traps'];

function distance(file: string): number {
  const at = near.indexOf(file.split('/')[1] ?? '');
  return at < 0 ? near.length : at;
}

/**
 * Files whose tests may see a change, the likeliest first. Those that check random functions, run
 * for minutes or measure memory say less for their time than the others.
 */
export const testFiles = globSync('test/**/*.test.ts', { cwd: root })
  .filter(
    (file) => !/^test\/(fuzz|soak|worker|threads)|browser\.test|readme|types\.test/.test(file),
  )
  .sort()
  .sort((a, b) => distance(a) - distance(b));

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import type { Chosen } from './choice.ts';
import { mutated } from './mutants.ts';
import { read, root } from './sources.ts';
import { folder as kept } from './state.ts';

const folder = join(kept, 'types');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

const settings = {
  extends: join(root, '../../tsconfig.base.json'),
  compilerOptions: {
    noEmit: true,
    types: ['node'],
    typeRoots: [join(root, '../../node_modules/@types')],
    // What a mutant imports is found among the sources.
    rootDirs: [folder, root],
    // What is not used any more is no error of types.
    noUnusedLocals: false,
    noUnusedParameters: false,
  },
  include: ['src'],
};

/**
 * The mutants that the type checker refuses, all in one run: nobody could overlook them, and they say
 * nothing about tests. Each is a file of its own, and what others import stays as it is.
 */
export function refusedOf(chosen: readonly Chosen[]): ReadonlySet<Chosen> {
  if (chosen.length === 0) return new Set();
  rmSync(folder, { recursive: true, force: true });
  const mutants = new Map<string, Chosen>();
  const put = (file: string, name: string, text: string): string => {
    const path = file.replace(/ts$/, `${name}.ts`);
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    return path;
  };
  for (const [i, each] of chosen.entries()) {
    const text = read(each.file);
    put(each.file, 'same', text);
    mutants.set(put(each.file, `${i}`, mutated(text, each.mutant)), each);
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const options = ['-p', folder, '--pretty', 'false'];
  const { stdout } = spawnSync(process.execPath, [compiler, ...options], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const wrong = new Set(
    Array.from(stdout.matchAll(/^(\S+)\(\d+,\d+\): error/gm), ([, path]) => path),
  );
  const refused = new Set<Chosen>();
  for (const path of wrong) {
    const mutant = mutants.get(path ?? '');
    if (!mutant) throw new Error(`What has not changed is refused:\n${stdout.slice(0, 2000)}`);
    refused.add(mutant);
  }
  return refused;
}

// Keeps data flowing one way through the core: a folder of `packages/core/src` imports only from
// itself and from the folders before it. Type-only imports count, since they tie folders together
// as well.
//
//   node scripts/check-imports.ts packages/core/src

import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const order = [
  'tensor',
  'program',
  'kernel',
  'trace',
  'primitives',
  'functions',
  'transforms',
  'compiler',
  'flow',
  'backends',
  'runtime',
  'testing',
  'eslint',
];

// Every form that names a module: import, export from, import(), and the type import('...').
const specifiers = /\b(?:from|import)\s*\(?\s*(['"])(.+?)\1/g;

/** What is wrong with the imports below `root`, one message each. */
export function importErrors(root: string): string[] {
  return globSync('**/*.ts', { cwd: root })
    .sort()
    .flatMap((file) => {
      const [folder] = file.split(sep);
      if (file === 'index.ts') return [];
      if (!order.includes(folder ?? '')) {
        return [`${file}: stands in no folder of the order ${order.join(', ')}`];
      }
      // Examples in comments import what they like; their lines stay, to be counted.
      const source = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*.*?\*\//gs, (comment) =>
        comment.replaceAll(/[^\n]/g, ' '),
      );
      return [...source.matchAll(specifiers)].flatMap((match) => {
        const name = match[2] ?? '';
        const reason = fault(file, name, root);
        const line = source.slice(0, match.index).split('\n').length;
        return reason ? [`${file}:${line}: imports ${name}, but ${reason}`] : [];
      });
    });
}

function fault(file: string, name: string, root: string): string | undefined {
  if (name.startsWith('@grad/')) return 'the core imports its own files by relative path';
  if (!name.startsWith('.')) return undefined;
  const [from = ''] = file.split(sep);
  const target = relative(root, resolve(root, dirname(file), name));
  const [to = ''] = target.split(sep);
  if (to === '..') return 'that is outside this package';
  if (!order.includes(to)) return `${to} is not one of the folders`;
  if (order.indexOf(to) > order.indexOf(from)) return `${to}/ comes after ${from}/`;
  return undefined;
}

if (import.meta.main) {
  const errors = importErrors(resolve(process.argv[2] ?? 'src'));
  for (const error of errors) console.error(error);
  if (errors.length > 0) {
    console.error(`\nEach folder may import from those before it only: ${order.join(' → ')}`);
    process.exitCode = 1;
  }
}

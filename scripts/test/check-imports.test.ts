import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { importErrors } from '../check-imports.ts';

function sources(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'imports-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), source);
  }
  return root;
}

test('accepts imports from the same folder, from earlier folders and from packages', () => {
  const root = sources({
    'tensor/shape.ts': "import ndarray from 'ndarray';",
    'tensor/tensor.ts': "import { size } from './shape.ts';",
    'trace/bind.ts': "import { Tensor } from '../tensor/tensor.ts';",
    'backends/wasm/encode.ts': "import { Loop } from '../../kernel/loop.ts';",
    'index.ts': "export * from './testing/index.ts';\nexport * from './tensor/tensor.ts';",
  });
  expect(importErrors(root)).toEqual([]);
});

test.for([
  ['a value', "import { jit } from '../runtime/jit.ts';"],
  ['a type', "import type { Jit } from '../runtime/jit.ts';"],
  ['a type in place', "type Jit = import('../runtime/jit.ts').Jit;"],
  ['a re-export', "export * from '../runtime/jit.ts';"],
  ['a module at run time', "const jit = await import('../runtime/jit.ts');"],
  ['side effects', "import '../runtime/jit.ts';"],
  ['a list over several lines', "import {\n  jit,\n} from '../runtime/jit.ts';"],
] as const)('rejects %s imported from a later folder', ([, source]) => {
  const errors = importErrors(sources({ 'tensor/tensor.ts': source }));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain('runtime/ comes after tensor/');
});

test('rejects the entry point, its package name, and paths out of the package', () => {
  const root = sources({
    'tensor/a.ts': "import { grad } from '../index.ts';",
    'tensor/b.ts': "import { grad } from '@grad/core';",
    'tensor/c.ts': "import { adam } from '../../../optim/src/adam.ts';",
    'helpers.ts': 'export {};',
  });
  expect(importErrors(root)).toEqual([
    expect.stringContaining('helpers.ts: stands in no folder'),
    expect.stringContaining('tensor/a.ts:1: imports ../index.ts'),
    expect.stringContaining('tensor/b.ts:1: imports @grad/core'),
    expect.stringContaining('tensor/c.ts:1: imports ../../../optim/src/adam.ts'),
  ]);
});

test('ends with an error code and names the file when an import is out of order', () => {
  const script = fileURLToPath(new URL('../check-imports.ts', import.meta.url));
  const root = sources({ 'kernel/ir.ts': "\nimport { jit } from '../runtime/jit.ts';" });
  const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
  expect(stderr).toContain('kernel/ir.ts:2: imports ../runtime/jit.ts');
  expect(status).toBe(1);
});

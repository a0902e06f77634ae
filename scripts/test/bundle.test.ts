import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bundle } from '../bundle.ts';
import { run } from '../pack.ts';

test('a bundler keeps what three names of the core need to work', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'page.mjs');
  const source = `
    import { grad, jit, tensor } from '@grad/core';
    console.log(jit(grad((x) => x.mul(x).sum()))(tensor([1, 2])).toArray());
  `;
  writeFileSync(file, await bundle(source));
  expect(run(process.execPath, [file])).toBe('[ 2, 4 ]\n');
});

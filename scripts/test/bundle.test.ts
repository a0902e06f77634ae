import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bundle, writeBundle } from '../bundle.ts';
import { run } from '../pack.ts';

/** What a page prints. */
async function printed(source: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return run(process.execPath, [writeBundle(await bundle(source), folder)]);
}

/** The code that a page loads before it does anything. */
async function loaded(source: string): Promise<string> {
  return (await bundle(source)).page.map(({ code }) => code).join('');
}

test('a bundler keeps what three names of the core need to work', async () => {
  const source = `
    import { grad, jit, tensor } from '@grad/core';
    console.log(jit(grad((x) => x.mul(x).sum()))(tensor([1, 2])).toArray());
  `;
  expect(await printed(source)).toBe('[ 2, 4 ]\n');
});

test('a bundler keeps what derivatives of loops need, sums of stacks included', async () => {
  const source = `
    import { grad, jvp, scan, tensor, whileLoop } from '@grad/core';
    const step = ([i, y]) => [i.add(1), y.mul(1.1).add(y.sin().mul(0.2))];
    const grow = (x) => whileLoop(([i]) => i.lt(2.5), step, [tensor(0), x])[1];
    // Each step reads the stack that the inner loop kept, so its cotangents are added up.
    const slope = grad((x) => grow(x).square());
    const f = (x) => scan((c) => [c.add(slope(x).mul(slope(c))), null], x, null, { length: 3 })[0];
    const x = tensor(0.1);
    const [, expected] = jvp(grad(f), [x], [tensor(1)]);
    const second = grad(grad(f))(x);
    console.log(Math.abs(second.sub(expected).item()) < 1e-13 * Math.abs(expected.item()));
  `;
  expect(await printed(source)).toBe('true\n');
});

test.each([
  ['differentiates loops', 'scan', 'the carry must keep its type'],
  ['compiles loops', 'scan', 'A scan has fewer operands than inputs'],
  ['computes lgamma', 'lgamma', 'lgamma negative'],
])('a page loads what %s only where it uses %s', async (_, name, text) => {
  const page = (names: string) => loaded(`export { ${names} } from '@grad/core';`);
  expect(await page(`grad, jit, tensor, ${name}`)).toContain(text);
  expect(await page('grad, jit, tensor')).not.toContain(text);
});

test.each([
  ['calls in slices', 'has no points', 'jit, tensor, setThreads', 'later'],
  ['threads', 'A thread that worked on', 'jit, tensor', 'later'],
  ['threads', 'A thread that worked on', 'jit, tensor, setThreads', 'at once'],
])('a page loads what %s need (%s) with %s %s', async (_, text, names, when) => {
  const { page, later } = await bundle(`export { ${names} } from '@grad/core';`);
  expect(page.some(({ code }) => code.includes(text))).toBe(when === 'at once');
  expect(later.some(({ code }) => code.includes(text))).toBe(when === 'later');
});

test('arguments of a first call in slices stay while a page loads what it needs', async () => {
  const source = `
    import { jit, tensor } from '@grad/core';
    const x = tensor([1, 2]);
    const large = tensor(new Float64Array(100000).fill(3)).mul(1);
    const result = jit((x, y) => x.mul(y.sum())).async([x, large]);
    x.dispose();
    large.dispose();
    console.log((await result).toArray());
  `;
  expect(await printed(source)).toBe('[ 300000, 600000 ]\n');
});

test('a page loads of linalg what it uses', async () => {
  const page = (line: string) => loaded(`${line} export { grad, jit, tensor } from '@grad/core';`);
  const without = await page('');
  const some = await page(
    "import { linalg } from '@grad/core'; export const factor = (x) => linalg.cholesky(x);",
  );
  expect(without).not.toContain('linalg.cholesky');
  expect(some).toContain('linalg.cholesky');
  for (const name of ['linalg.expm', 'linalg.qr', 'linalg.lstsq', 'linalg.det']) {
    expect(some).not.toContain(name);
  }
});

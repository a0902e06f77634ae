// Prints how much of the core a page loads, minified and compressed: all of it, and only what three
// names bring along; and how much more there is to be loaded when it is used.

import { gzipSync } from 'node:zlib';
import { type BundledFile, bundle } from './bundle.ts';

const entries = {
  '@grad/core': "export * from '@grad/core';",
  'grad + jit + tensor': "export { grad, jit, tensor } from '@grad/core';",
};

function size(files: readonly BundledFile[]): string {
  const [minified, zipped] = [
    files.map(({ code }) => code.length),
    files.map(({ code }) => gzipSync(code).length),
  ].map((bytes) => (bytes.reduce((sum, n) => sum + n, 0) / 1000).toFixed(1));
  return `${minified} kB minified, ${zipped} kB minified and gzipped`;
}

for (const [name, source] of Object.entries(entries)) {
  const { page, later } = await bundle(source);
  console.log(`${name}: ${size(page)}; later ${size(later)}`);
}

// Prints how much of the core a page loads, minified and compressed: all of it, and only what three
// names bring along.

import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.ts';

const entries = {
  '@grad/core': "export * from '@grad/core';",
  'grad + jit + tensor': "export { grad, jit, tensor } from '@grad/core';",
};

for (const [name, source] of Object.entries(entries)) {
  const code = await bundle(source);
  const [minified, zipped] = [code.length, gzipSync(code).length].map((n) => (n / 1000).toFixed(1));
  console.log(`${name}: ${minified} kB minified, ${zipped} kB minified and gzipped`);
}

import { random, type Tensor } from '@grad/core';
import { expect, test } from 'vitest';

/** FNV-1a over the bytes of a tensor. */
function checksum(x: Tensor): string {
  const data = x.dataSync();
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}

test('every distribution gives the same bits on every machine and in every engine', () => {
  const key = random.key(1);
  const shape = [1000];
  const sums = Object.fromEntries(
    Object.entries({
      bits: random.bits(key, shape),
      keys: random.keys(key, 10),
      foldIn: random.foldIn(key, 3),
      uniform: random.uniform(key, shape),
      uniform32: random.uniform(key, shape, { dtype: 'float32' }),
      normal: random.normal(key, shape),
      normal32: random.normal(key, shape, { dtype: 'float32' }),
      truncatedNormal: random.truncatedNormal(key, shape, { low: -1, high: 2 }),
      exponential: random.exponential(key, shape),
      gumbel: random.gumbel(key, shape),
      gamma: random.gamma(key, 0.7, shape),
      logGamma: random.logGamma(key, 2.5, shape),
      beta: random.beta(key, 2, 0.5, shape),
      dirichlet: random.dirichlet(key, [0.5, 1, 2], shape),
      bernoulli: random.bernoulli(key, 0.3, shape),
      categorical: random.categorical(key, [0, 1, 2], shape),
      randint: random.randint(key, 0, 100, shape),
      permutation: random.permutation(key, 1000),
    }).map(([name, x]) => [name, checksum(x)]),
  );
  expect(sums).toEqual({
    bits: 'b7386fa5',
    keys: '636e29d6',
    foldIn: 'e3fede50',
    uniform: '1842514',
    uniform32: 'eaeb10d7',
    normal: '459648c1',
    normal32: '63546dc7',
    truncatedNormal: '12b9638f',
    exponential: '6b58694b',
    gumbel: 'd66d7fae',
    gamma: 'fbb1887c',
    logGamma: 'd1a3e0db',
    beta: '8bc8f6ba',
    dirichlet: 'b2c740f',
    bernoulli: '9223f6e0',
    categorical: '2c431317',
    randint: 'ab22ace7',
    permutation: 'fabaa5c5',
  });
});

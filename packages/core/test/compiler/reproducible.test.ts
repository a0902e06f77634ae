import { afterEach, describe, expect, test } from 'vitest';
import { hasFusedMultiplyAdd } from '../../src/backends/wasm/fused.ts';
import { jit, matmul, setReproducible, type Tensor, tensor } from '../../src/index.ts';

const size = 24;

function noise(seed: number): Tensor {
  const values = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => Math.sin(seed + 12.9898 * (i * size + j))),
  );
  return tensor(values);
}

/** The product with every operation rounded, terms in order. */
function rounded(x: Tensor, y: Tensor): number[] {
  const [a, b] = [x.dataSync(), y.dataSync()];
  return Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    let sum = 0;
    for (let k = 0; k < size; k++) sum += (a[i * size + k] ?? 0) * (b[k * size + j] ?? 0);
    return sum;
  });
}

describe('setReproducible', () => {
  afterEach(() => {
    setReproducible(false);
  });

  const product = jit(matmul);
  const [x, y] = [noise(1), noise(2)];

  test.skipIf(!hasFusedMultiplyAdd())('keeps no code that was compiled before it', () => {
    const before = [...product(x, y).dataSync()];
    setReproducible(true);
    expect([...product(x, y).dataSync()]).toEqual(rounded(x, y));
    setReproducible(false);
    expect([...product(x, y).dataSync()]).toEqual(before);
  });

  test('makes products multiply, round, add and round, on any machine', () => {
    setReproducible(true);
    expect([...product(x, y).dataSync()]).toEqual(rounded(x, y));
  });

  test('gives back what was set before', () => {
    expect([setReproducible(true), setReproducible(false), setReproducible(false)]).toEqual([
      false,
      true,
      false,
    ]);
  });
});

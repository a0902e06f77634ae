import { fft, sparseJacobian, type Tensor, tensor } from '@grad/core';
import { expect, test } from 'vitest';
import { fourierTable, halfTurn } from '../../../src/functions/fft/tables.ts';
import { fourierPlan } from '../../../src/primitives/fourier-plan.ts';
import { rootOfUnity } from '../../../src/primitives/root-of-unity.ts';
import { exactRoot, mixed } from './long-transform.ts';

test('tables are made once for a length and dtype, and those used last are kept', () => {
  const table = fourierTable(60, 'float64');
  expect(table.shape).toEqual([2, fourierPlan(60).to]);
  expect(fourierTable(60, 'float64')).toBe(table);
  expect(fourierTable(60, 'float32')).not.toBe(table);
  expect(halfTurn(60, 'float64')).not.toBe(table);
  const large = fourierTable(2 ** 20, 'float32');
  expect(fourierTable(2 ** 20, 'float32')).toBe(large);
  fourierTable(3 * 2 ** 18, 'float32');
  fourierTable(5 * 2 ** 17, 'float32');
  expect(fourierTable(60, 'float64')).not.toBe(table);
});

test('roots of unity are right to a unit, and symmetries of the circle hold to the last bit', () => {
  for (const n of [1, 3, 8, 12, 1000]) {
    for (let m = 0; m <= n; m++) {
      const [cos, sin] = rootOfUnity(m, n);
      const [x, y] = exactRoot(m, n);
      expect(Math.max(Math.abs(cos - x), Math.abs(sin - y)), `${m} of ${n}`).toBeLessThan(2e-16);
      expect(rootOfUnity(n - m, n)).toEqual([cos, sin === 0 ? sin : -sin]);
      expect(rootOfUnity(m - n, n)).toEqual([cos, sin]);
    }
  }
  expect(rootOfUnity(1, 4)).toEqual([0, 1]);
});

test('the steps of a plan make up its length, and those without code of their own come first', () => {
  for (const n of [1, 2, 30, 64, 128, 729, 1009, 2 * 37 * 41, 1048573]) {
    const { steps } = fourierPlan(n);
    expect(steps.reduce((product, { radix }) => product * radix, 1)).toBe(n);
    const plain = steps.findIndex(({ chirp }) => chirp === undefined);
    expect(steps.slice(plain < 0 ? steps.length : plain).every(({ chirp }) => !chirp)).toBe(true);
  }
});

test('the lines of a batch do not depend on each other', () => {
  const jacobian = sparseJacobian((x: Tensor) => fft.fft(x.reshape([4, 6])).re);
  const { pattern } = jacobian(tensor(mixed(24)));
  expect(pattern.nnz).toBe(4 * 6 * 6);
});

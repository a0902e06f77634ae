import { linalg, ShapeError, type Tensor, tensor } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { noise, product, scaled, withValues } from './matrix-cases.ts';

describe('norms, conditions and ranks', () => {
  test('come from singular values', () => {
    const a = withValues(4, 3, [4, 2, 0.5], 25);
    expect(linalg.norm(a, { ord: 2 }).item()).toBeCloseTo(4, 13);
    expect(linalg.norm(a, { ord: -2 }).item()).toBeCloseTo(0.5, 13);
    expect(linalg.norm(a, { ord: 'nuc' }).item()).toBeCloseTo(6.5, 13);
    const along = tensor([a, scaled(a, 2)]).transpose([1, 2, 0]);
    expect(linalg.norm(along, { ord: 2, axis: [1, 0] }).toArray()).toEqual([
      expect.closeTo(4, 13),
      expect.closeTo(8, 13),
    ]);
    expect(linalg.cond(a).item()).toBeCloseTo(8, 12);
    expect(linalg.matrixRank(a).item()).toBe(3);
    expect(linalg.matrixRank(tensor([a, scaled(a, 0)])).toArray()).toEqual([3, 0]);
    expect(
      linalg
        .cond([
          [1, 0],
          [0, 0],
        ])
        .item(),
    ).toBe(Number.POSITIVE_INFINITY);
    expect(linalg.matrixRank(product(noise(6, 2, 26), noise(2, 5, 27))).item()).toBe(2);
    expect(linalg.matrixRank(a, { rtol: 0.2 }).item()).toBe(2);
    expect(linalg.matrixRank([[Number.NaN]]).item()).toBe(0);
  });

  test('have derivatives that pass the checks', () => {
    const a = tensor(withValues(4, 3, [4, 2, 0.5], 28));
    for (const f of [
      (x: Tensor) => linalg.norm(x, { ord: 2 }),
      linalg.cond,
      (x: Tensor) => linalg.norm(x, { ord: 'nuc' }),
    ]) {
      checkGrads((x: Tensor) => f(x), [a], { order: 2 });
    }
  });

  test('of nothing are told, or 0', () => {
    const none = tensor([]).reshape([0, 3]);
    expect(() => linalg.norm(none, { ord: 2 })).toThrow(
      /linalg.norm: matrices in \[0, ?3\] have no singular values/,
    );
    expect(() => linalg.cond(none)).toThrow(ShapeError);
    expect(linalg.norm(none, { ord: 'nuc' }).item()).toBe(0);
    expect(linalg.matrixRank(none).item()).toBe(0);
  });
});

// Forms of arguments that users of NumPy, JAX and PyTorch will try.

import {
  all,
  any,
  at,
  clip,
  einsum,
  expandDims,
  grad,
  jit,
  pad,
  random,
  roll,
  slice,
  squeeze,
  type Tensor,
  take,
  tensor,
  tile,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

const x = tensor([
  [1, 5, 2],
  [4, 3, 6],
]);
const line = tensor([1, 2, 3, 4]);

describe('slice', () => {
  test('takes the positions of Python slices', () => {
    expect(slice(line, [1], [3]).toArray()).toEqual([2, 3]);
    expect(slice(line, [-3]).toArray()).toEqual([2, 3, 4]);
    expect(slice(line, [null], [-1]).toArray()).toEqual([1, 2, 3]);
    expect(slice(line, [null], [null], [-1]).toArray()).toEqual([4, 3, 2, 1]);
    expect(slice(line, [3], [0], [-2]).toArray()).toEqual([4, 2]);
    expect(slice(line, [-1], [null], [-3]).toArray()).toEqual([4, 1]);
    expect(slice(line, [2], [99]).toArray()).toEqual([3, 4]);
    expect(slice(line, [3], [1]).toArray()).toEqual([]);
    expect(slice(x, [null, 0], [], [-1, 2]).toArray()).toEqual([
      [4, 6],
      [1, 2],
    ]);
    expect(at(x, -1, [null, null, -1]).toArray()).toEqual([6, 3, 4]);
  });

  test('has a derivative, compiled too, and says what is wrong', () => {
    const f = (t: Tensor): Tensor =>
      slice(t.square(), [null], [null], [-2])
        .mul(tensor([1, 10]))
        .sum();
    expect(grad(f)(line).toArray()).toEqual([0, 40, 0, 8]);
    expect(jit(grad(f))(line).toArray()).toEqual([0, 40, 0, 8]);
    expect(() => slice(line, [0, 0])).toThrow('slice: 2 positions for shape [4]');
    expect(() => slice(line, [0], [4], [0])).toThrow('step != 0');
  });
});

describe('pad', () => {
  test('mirrors, repeats and wraps', () => {
    expect(pad(line, [[2, 1]]).toArray()).toEqual([0, 0, 1, 2, 3, 4, 0]);
    expect(pad(line, 1, { value: 7 }).toArray()).toEqual([7, 1, 2, 3, 4, 7]);
    expect(pad(line, [[3, 2]], { mode: 'reflect' }).toArray()).toEqual([4, 3, 2, 1, 2, 3, 4, 3, 2]);
    expect(pad(line, [[3, 2]], { mode: 'symmetric' }).toArray()).toEqual([
      3, 2, 1, 1, 2, 3, 4, 4, 3,
    ]);
    expect(pad(line, [[3, 2]], { mode: 'wrap' }).toArray()).toEqual([2, 3, 4, 1, 2, 3, 4, 1, 2]);
    expect(pad(line, [[3, 2]], { mode: 'edge' }).toArray()).toEqual([1, 1, 1, 1, 2, 3, 4, 4, 4]);
    expect(pad(x, [0, [1, 0]], { mode: 'reflect' }).toArray()).toEqual([
      [5, 1, 5, 2],
      [3, 4, 3, 6],
    ]);
  });

  test('has a derivative in every mode, and says when there is too little', () => {
    for (const mode of ['constant', 'edge', 'reflect', 'symmetric', 'wrap'] as const) {
      checkGrads((t: Tensor) => pad(t, [1, 2], { mode }).square(), [x], { order: 2 });
    }
    expect(() => pad(line, 4, { mode: 'reflect' })).toThrow("mode 'reflect' has at most 3 entries");
    expect(() => pad(x, [1])).toThrow('needs one number or [before, after]');
  });
});

test('clip leaves a side open where its bound is null', () => {
  expect(clip(x, null, 4).toArray()).toEqual([
    [1, 4, 2],
    [4, 3, 4],
  ]);
  expect(clip(x, 3).min().item()).toBe(3);
  expect(clip(x, null, null).toArray()).toEqual(x.toArray());
});

test('take clips or wraps an index that lies outside', () => {
  expect(take(line, [-1, 4, 9], { mode: 'wrap' }).toArray()).toEqual([4, 1, 2]);
  expect(take(line, [-1, 4, 2], { mode: 'clip' }).toArray()).toEqual([1, 4, 3]);
  expect(x.take([-1], { axis: 1, mode: 'wrap' }).toArray()).toEqual([[2], [6]]);
  const f = (t: Tensor): Tensor => take(t, [-1, 3], { mode: 'wrap' }).sum();
  expect(grad(f)(line).toArray()).toEqual([0, 0, 0, 2]);
});

test('roll, tile, squeeze and expandDims take several axes', () => {
  expect(roll(x, [1, -1], { axis: [0, 1] }).toArray()).toEqual([
    [3, 6, 4],
    [5, 2, 1],
  ]);
  expect(() => roll(x, [1, 2])).toThrow('one whole number for each axis');
  expect(tile(line, 2).toArray()).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  expect(() => tile(line, 1.5)).toThrow(
    'tile: a number of times must be a whole number >= 0; it is 1.5',
  );
  const wide = expandDims(line, [0, -1]);
  expect(wide.shape).toEqual([1, 4, 1]);
  expect(squeeze(wide, [0, 2]).shape).toEqual([4]);
  expect(squeeze(wide, -1).shape).toEqual([1, 4]);
  expect(() => expandDims(line, [0, 0])).toThrow('name one axis twice');
});

test('any and all take numbers', () => {
  expect(
    any(
      tensor([
        [0, 0],
        [0, 2],
      ]),
      { axis: 1 },
    ).toArray(),
  ).toEqual([false, true]);
  expect(all(tensor([1, Number.NaN])).item()).toBe(1);
  expect(all(tensor([1, 0], { dtype: 'int32' })).item()).toBe(0);
});

describe('einsum', () => {
  test('takes dots for axes that broadcast', () => {
    const a = random.normal(random.key(1), [2, 1, 3, 4]);
    const b = random.normal(random.key(2), [5, 4, 2]);
    const product = a.matmul(b);
    const same = (t: Tensor): number => t.sub(product).abs().max().item();
    expect(same(einsum('...ij,...jk->...ik', a, b))).toBeLessThan(1e-14);
    expect(same(einsum('...ij,...jk', a, b))).toBeLessThan(1e-14);
    expect(einsum('...ij,...jk->k...i', a, b).shape).toEqual([2, 2, 5, 3]);
    expect(einsum('i...->...', x).toArray()).toEqual([5, 8, 8]);
    expect(einsum('...->...', x).toArray()).toEqual(x.toArray());
    expect(einsum('...,...', x, 2).toArray()).toEqual(x.mul(2).toArray());
    checkGrads((s: Tensor, t: Tensor) => einsum('...ij,...jk->...ik', s, t), [a, b], { order: 2 });
  });

  test('says when axes of dots would be lost', () => {
    expect(() => einsum('...i->i', x)).toThrow('the axes of ... must be kept');
    expect(() => einsum('...ij->ij...', line)).toThrow("'...ij->ij...' gives operand 0 2 axes");
  });
});

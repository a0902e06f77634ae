import {
  arange,
  broadcastTo,
  concatenate,
  eye,
  flip,
  full,
  grad,
  jit,
  linspace,
  matmul,
  mean,
  moveAxis,
  prod,
  roll,
  segmentSum,
  squeeze,
  stack,
  sum,
  type Tensor,
  take,
  tensor,
  tile,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

const x = arange(24).reshape([2, 3, 4]);

describe('construction', () => {
  test('arange counts in int32 for whole numbers and in float64 otherwise', () => {
    expect(arange(3).toArray()).toEqual([0, 1, 2]);
    expect(arange(5, 1, -2).toArray()).toEqual([5, 3]);
    expect([arange(0, 1, 0.25).dtype, arange(0, 1, 0.25).toArray()]).toEqual([
      'float64',
      [0, 0.25, 0.5, 0.75],
    ]);
    expect(() => arange(0, 1, 0)).toThrow('it must not be 0');
  });

  test('options come last, however many numbers there are', () => {
    const single = { dtype: 'float32' } as const;
    expect(eye(2, single).dtype).toBe('float32');
    expect([eye(2, 3, single).dtype, eye(2, 3, single).shape]).toEqual(['float32', [2, 3]]);
    for (const x of [arange(3, single), arange(0, 3, single), arange(0, 3, 1, single)]) {
      expect([x.dtype, x.toArray()]).toEqual(['float32', [0, 1, 2]]);
    }
    // @ts-expect-error Options are not in the middle.
    expect(() => arange(0, single, 1)).toThrow('arange: options are one object, and come last.');
    // @ts-expect-error There is no such option.
    expect(() => eye(2, { type: 'float32' })).toThrow("eye: there is no option 'type'");
  });

  test('linspace includes both ends', () => {
    expect(linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(linspace(2, 3, 1).toArray()).toEqual([2]);
  });

  test('eye and full', () => {
    expect(eye(2, 3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(full([2], 0.3, { dtype: 'float32' }).toArray()).toEqual([
      Math.fround(0.3),
      Math.fround(0.3),
    ]);
    expect(() => full([-1], 0)).toThrow('extents are whole numbers >= 0');
  });
});

describe('at', () => {
  test('takes positions, ranges and steps, counted from either end', () => {
    expect(x.at(1, 2, 3).item()).toBe(23);
    expect(x.at(-1, null, 0).toArray()).toEqual([12, 16, 20]);
    expect(x.at(0, [1, 3], [0, 4, 2]).toArray()).toEqual([
      [4, 6],
      [8, 10],
    ]);
    expect(x.at(0, 0, [3, -5, -2]).toArray()).toEqual([3, 1]);
    expect(x.at(0, 0, [2, 100]).toArray()).toEqual([2, 3]);
  });

  test('refuses positions outside, and names the axis', () => {
    expect(() => x.at(0, 3)).toThrow('index 3 is out of range on axis 1 of shape [2, 3, 4]');
    expect(() => x.at(0, 0, 0, 0)).toThrow('4 indices for shape [2, 3, 4]');
  });

  test('gives its cotangent back to the positions it took', () => {
    const g = grad((t) => t.at([0, 4, 2]).sum().add(t.at(3).mul(5)))(tensor([1, 2, 3, 4]));
    expect(g.toArray()).toEqual([1, 0, 1, 5]);
  });
});

describe('rearrangement', () => {
  test('reshape works one extent out', () => {
    expect(x.reshape([4, -1]).shape).toEqual([4, 6]);
    expect(() => x.reshape([5, -1])).toThrow('24 elements of shape [2, 3, 4] do not fit [5, -1]');
  });

  test('transpose, moveAxis and squeeze', () => {
    expect(x.transpose().at(3, 2, 1).item()).toBe(23);
    expect(moveAxis(x, 0, -1).shape).toEqual([3, 4, 2]);
    expect(squeeze(full([1, 2, 1], 0)).shape).toEqual([2]);
    expect(() => squeeze(x, 1)).toThrow('axis 1 of shape [2, 3, 4] has extent 3');
  });

  test('concatenate, stack, flip and roll', () => {
    const [a, b] = [tensor([1, 2]), tensor([3])];
    expect(concatenate([a, b]).toArray()).toEqual([1, 2, 3]);
    expect(stack([a, a], { axis: 1 }).toArray()).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(flip(tensor([1, 2, 3])).toArray()).toEqual([3, 2, 1]);
    expect(roll(tensor([1, 2, 3, 4]), 1).toArray()).toEqual([4, 1, 2, 3]);
    expect(roll(tensor([1, 2, 3, 4]), -6).toArray()).toEqual([3, 4, 1, 2]);
    expect(() => stack([a, b])).toThrow('tensors must have one shape; got [2], [1]');
    expect(() => concatenate([a, eye(2)])).toThrow('shapes must agree except on axis 0');
  });

  test('broadcastTo refuses what does not stretch', () => {
    expect(
      broadcastTo(tensor([[1], [2]]), [2, 2, 3])
        .at(1, 1)
        .toArray(),
    ).toEqual([2, 2, 2]);
    expect(() => broadcastTo(tensor([1, 2]), [3])).toThrow('do not broadcast');
  });
});

describe('reductions', () => {
  test('run over any axes and keep them when told', () => {
    expect(sum(x, { axis: [0, -1] }).toArray()).toEqual([60, 92, 124]);
    expect(mean(x, { axis: 1, keepdims: true }).shape).toEqual([2, 1, 4]);
    expect(
      prod(
        tensor([
          [2, 3],
          [4, 5],
        ]),
        { axis: 0 },
      ).toArray(),
    ).toEqual([8, 15]);
    expect(prod(tensor([])).item()).toBe(1);
    expect(() => sum(x, { axis: 3 })).toThrow('sum: axis 3 is out of range for shape [2, 3, 4]');
    expect(() => sum(x, { axis: [1, 1] })).toThrow('name each axis once');
  });

  test('a float32 sum of a million tenths is right to seven digits', () => {
    expect(Math.abs(full([1e6], 0.1, { dtype: 'float32' }).sum().item() - 1e5)).toBeLessThan(0.1);
  });
});

describe('indexing by tensors', () => {
  test('take puts the axes of the index in place of the axis', () => {
    expect(take(x, tensor([[2, 0]], { dtype: 'int32' }), { axis: 1 }).shape).toEqual([2, 1, 2, 4]);
    expect(take(x, [2, 0], { axis: 2 }).at(1, 1).toArray()).toEqual([18, 16]);
    expect(() => take(x, tensor([0.5]))).toThrow('it must be int32');
  });

  test('an index outside the axis is an error when the call runs', () => {
    expect(() => jit((x: Tensor) => take(x.reshape([1]), [3]))(5)).toThrow(/take.*3.*1/s);
    expect(() => take(tensor([1, 2, 3]), [0, 3])).toThrow(/take.*3.*3/s);
    expect(() => segmentSum(tensor([1, 2]), [0, -1], { count: 2 })).toThrow(/scatterAdd.*-1/s);
  });

  test('segmentSum adds rows that share a segment', () => {
    const rows = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(segmentSum(rows, [2, 0, 2], { count: 3 }).toArray()).toEqual([
      [3, 4],
      [0, 0],
      [6, 8],
    ]);
  });
});

describe('matmul', () => {
  test('takes vectors, matrices and batches of them', () => {
    const a = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(matmul(a, tensor([1, -1])).toArray()).toEqual([-1, -1]);
    expect(matmul(tensor([1, -1]), a).toArray()).toEqual([-2, -2]);
    expect(matmul(tensor([1, 2]), tensor([3, 4])).item()).toBe(11);
    expect(matmul(stack([a, a]), a).shape).toEqual([2, 2, 2]);
    expect(() => matmul(a, tensor([1, 2, 3]))).toThrow('the inner extents 2 and 3');
  });
});

describe('a position in a view of a view', () => {
  const repeated = tile(arange(6).reshape([2, 3]), [2, 2]);
  const rows = [
    [0, 1, 2, 0, 1, 2],
    [3, 4, 5, 3, 4, 5],
  ];

  test('is right where the outer one runs backwards', () => {
    const expected = [...rows, ...rows].map((row) => row.toReversed()).toReversed();
    expect(jit((x: Tensor) => flip(tile(x, [2, 2])))(arange(6).reshape([2, 3])).toArray()).toEqual(
      expected,
    );
    expect(flip(repeated).toArray()).toEqual(expected);
  });

  test('is right where it takes steps of any size, from anywhere', () => {
    const inOrder = Array.from(repeated.dataSync());
    const picked = (first: number, step: number) =>
      jit((x: Tensor) => tile(x, [2, 2]).reshape([24]).at([first, null, step]))(
        arange(6).reshape([2, 3]),
      ).toArray();
    for (const first of [23, 22, 20, 19, 5]) {
      for (const step of [-1, -2, -4, -5, -7]) {
        const expected = inOrder.filter((_, i) => i <= first && (first - i) % -step === 0);
        expect(picked(first, step), `${first}::${step}`).toEqual(expected.toReversed());
      }
    }
  });
});

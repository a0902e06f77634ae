import {
  dynamicSlice,
  dynamicUpdateSlice,
  explain,
  gather,
  grad,
  jit,
  jvp,
  linspace,
  mul,
  type ScatterOptions,
  scan,
  scatter,
  segmentMax,
  sum,
  type Tensor,
  take,
  tensor,
  vmap,
  zeros,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

const int = (data: number | number[] | number[][]): Tensor => tensor(data, { dtype: 'int32' });
const matrix = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

describe('gather', () => {
  test('takes one element for each index along an axis', () => {
    expect(
      gather(
        matrix,
        [
          [2, 0],
          [1, 1],
        ],
        { axis: 1 },
      ).toArray(),
    ).toEqual([
      [3, 1],
      [5, 5],
    ]);
    expect(gather(matrix, [[1, 0, 1]], { axis: 0 }).toArray()).toEqual([[4, 2, 6]]);
    expect(gather([5, 6, 7], [2, 2]).toArray()).toEqual([7, 7]);
    expect(gather(tensor([[true, false]]), [[1]]).toArray()).toEqual([[false]]);
  });

  test('stretches extents of 1 besides the axis', () => {
    expect(gather(matrix, [[2, 1]], { axis: 1 }).toArray()).toEqual([
      [3, 2],
      [6, 5],
    ]);
    expect(gather([[7, 8]], [[0], [1]], { axis: 1 }).toArray()).toEqual([[7], [8]]);
  });

  test('adds the derivatives of elements that are taken repeatedly', () => {
    const f = (x: Tensor): Tensor =>
      sum(
        mul(
          gather(
            x,
            [
              [0, 0],
              [2, 1],
            ],
            { axis: 1 },
          ),
          [1, 10],
        ),
      );
    expect(grad(f)(matrix).toArray()).toEqual([
      [11, 0, 0],
      [0, 10, 1],
    ]);
    checkGrads((x: Tensor) => gather(x, [[1, 1, 0]], { axis: 0 }), [matrix]);
  });

  test('works under jit and vmap, also with a batch of indices', () => {
    const f = jit(vmap((x: Tensor, i: Tensor) => gather(x, i)));
    expect(f(matrix, int([[2], [0]])).toArray()).toEqual([[3], [4]]);
    const shared = vmap((i: Tensor) => gather([5, 6, 7], i));
    expect(
      shared(
        int([
          [2, 1],
          [0, 0],
        ]),
      ).toArray(),
    ).toEqual([
      [7, 6],
      [5, 5],
    ]);
  });

  test('refuses indices with other axes, of floats, or outside', () => {
    expect(() => gather(matrix, [0, 1])).toThrow(
      'gather: x has shape [2, 3] and the index [2]; they need equally many axes',
    );
    expect(() => gather(matrix, tensor([[0.5]]))).toThrow('gather: the index is float64');
    expect(() => gather([1, 2], [2])).toThrow('index 2 is out of range for an axis of extent 2');
    expect(() => gather(matrix, [[0], [0], [0]], { axis: 1 })).toThrow('do not broadcast');
  });
});

describe('dynamicSlice', () => {
  test('takes a slice where the start says, moved inside the axes', () => {
    const x = tensor([0, 1, 2, 3, 4]);
    const from = (start: number): unknown => dynamicSlice(x, [start], [2]).toArray();
    expect(from(1)).toEqual([1, 2]);
    expect(from(4)).toEqual([3, 4]);
    expect(from(99)).toEqual([3, 4]);
    expect(from(-3)).toEqual([2, 3]);
    expect(from(-1)).toEqual([3, 4]);
    expect(from(-99)).toEqual([0, 1]);
    expect(dynamicSlice(matrix, [int(1), 1], [1, 2]).toArray()).toEqual([[5, 6]]);
    expect(dynamicSlice(matrix, int([0, 2]), [2, 1]).toArray()).toEqual([[3], [6]]);
    expect(dynamicSlice(7, [], []).item()).toBe(7);
    expect(dynamicSlice(x, [2], [0]).toArray()).toEqual([]);
  });

  test('has derivatives, and works under jit and vmap', () => {
    const f = (x: Tensor, i: Tensor): Tensor => sum(mul(dynamicSlice(x, [i], [2]), [1, 10]));
    expect(jit(grad(f))(tensor([5, 6, 7]), int(1)).toArray()).toEqual([0, 1, 10]);
    expect(vmap(grad(f))(matrix, int([0, 1])).toArray()).toEqual([
      [1, 10, 0],
      [0, 1, 10],
    ]);
    const windows = vmap((i: Tensor) => dynamicSlice([1, 2, 3, 4], [i], [3]));
    expect(windows(int([0, 1])).toArray()).toEqual([
      [1, 2, 3],
      [2, 3, 4],
    ]);
    checkGrads((x: Tensor) => dynamicSlice(x, [1, 1], [1, 2]).mul(x.at([0, 1], [0, 2])), [matrix]);
  });

  test('refuses extents and starts that do not fit', () => {
    expect(() => dynamicSlice(matrix, [0, 0], [3, 1])).toThrow(
      'dynamicSlice: a slice of extents [3, 1] does not fit into shape [2, 3]',
    );
    expect(() => dynamicSlice(matrix, [0, 0], [1])).toThrow('extents [1] does not fit');
    expect(() => dynamicSlice(matrix, [0], [1, 1])).toThrow(
      'dynamicSlice: shape [2, 3] needs a start with one position for each of its 2 axes',
    );
    expect(() => dynamicSlice(matrix, tensor([0, 1]), [1, 1])).toThrow('it must be int32');
  });
});

describe('dynamicUpdateSlice', () => {
  test('replaces a slice, moved inside the axes', () => {
    const x = tensor([0, 1, 2, 3, 4]);
    expect(dynamicUpdateSlice(x, [8, 9], [1]).toArray()).toEqual([0, 8, 9, 3, 4]);
    expect(dynamicUpdateSlice(x, [8, 9], [7]).toArray()).toEqual([0, 1, 2, 8, 9]);
    expect(dynamicUpdateSlice(x, [8, 9], [-4]).toArray()).toEqual([0, 8, 9, 3, 4]);
    expect(dynamicUpdateSlice(matrix, [[9], [8]], [0, 1]).toArray()).toEqual([
      [1, 9, 3],
      [4, 8, 6],
    ]);
    expect(dynamicUpdateSlice(x, [-0], [0]).at(0).item()).toBe(-0);
    expect(x.toArray()).toEqual([0, 1, 2, 3, 4]);
  });

  test('reads the old elements where the update is made of them', () => {
    const shifted = jit((x: Tensor, i: Tensor) => {
      const y = x.mul(2);
      return dynamicUpdateSlice(y, dynamicSlice(y, [0], [4]), [i]);
    });
    expect(shifted(tensor([0, 1, 2, 3, 4, 5, 6, 7]), int(1)).toArray()).toEqual([
      0, 0, 2, 4, 6, 10, 12, 14,
    ]);
  });

  test('fills a buffer in a loop, with right derivatives', () => {
    const powers = (x: Tensor): Tensor => {
      const start = { buffer: zeros([4]), power: tensor(1), i: int(0) };
      const [{ buffer }] = scan(
        (state: typeof start) => {
          const power = state.power.mul(x);
          const written = dynamicUpdateSlice(state.buffer, power.reshape([1]), [state.i]);
          return [{ buffer: written, power, i: state.i.add(1) }, null];
        },
        start,
        null,
        { length: 4 },
      );
      return buffer;
    };
    expect(jit(powers)(tensor(2)).toArray()).toEqual([2, 4, 8, 16]);
    expect(jvp(powers, [tensor(2)], [tensor(1)])[1].toArray()).toEqual([1, 4, 12, 32]);
    expect(grad((x: Tensor) => sum(powers(x)))(2).item()).toBe(49);
  });

  test('divides derivatives between x and the update', () => {
    const f = (x: Tensor, u: Tensor): Tensor =>
      sum(mul(dynamicUpdateSlice(x, u, [int(1)]), [1, 10, 100]));
    const [dx, du] = grad(f, { argnums: [0, 1] })(tensor([5, 6, 7]), tensor([8]));
    expect(dx.toArray()).toEqual([1, 0, 100]);
    expect(du.toArray()).toEqual([10]);
    checkGrads(
      (x: Tensor, u: Tensor) => dynamicUpdateSlice(x.mul(x), u.mul(u), [1, -1]),
      [matrix, tensor([[3]])],
    );
  });

  test('refuses an update that does not fit', () => {
    expect(() => dynamicUpdateSlice([1, 2], [1, 2, 3], [0])).toThrow(
      'dynamicUpdateSlice: a slice of extents [3] does not fit into shape [2]',
    );
    expect(() => dynamicUpdateSlice(tensor(new Float32Array(2)), tensor([1]), [0])).toThrow(
      'float32 and float64 tensors do not mix',
    );
  });
});

describe('scatter', () => {
  const x = tensor([1, 2, 3]);
  const index = [2, 0, 2];
  const into = (mode: ScatterOptions['mode']): unknown =>
    scatter(x, index, [5, -5, -7], mode ? { mode } : {}).toArray();

  test('sets, adds, and keeps extrema; the last of repeated updates is set', () => {
    expect(into(undefined)).toEqual([-5, 2, -7]);
    expect(into('set')).toEqual([-5, 2, -7]);
    expect(into('add')).toEqual([-4, 2, 1]);
    expect(into('max')).toEqual([1, 2, 5]);
    expect(into('min')).toEqual([-5, 2, -7]);
    expect(x.toArray()).toEqual([1, 2, 3]);
    expect(scatter([1, 2], [0], [Number.NaN], { mode: 'max' }).toArray()).toEqual([Number.NaN, 2]);
    expect(scatter(tensor([true, true]), 1, tensor(false)).toArray()).toEqual([true, false]);
  });

  test('writes whole slices along any axis, and stretches the updates', () => {
    expect(scatter(matrix, 1, 0).toArray()).toEqual([
      [1, 2, 3],
      [0, 0, 0],
    ]);
    expect(scatter(matrix, [0, 2], [[9], [8]], { axis: 1 }).toArray()).toEqual([
      [9, 2, 9],
      [8, 5, 8],
    ]);
    const both = scatter(matrix, [[2, 0]], take(matrix, [[0, 2]], { axis: 1 }), { axis: 1 });
    expect(both.toArray()).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ]);
  });

  test('works on the elements of a slice side by side, one slice after the other', () => {
    const ramp = linspace(1, 9, 9);
    const times = (factors: readonly number[]): Tensor => tensor(factors).expandDims(1).mul(ramp);
    const expected = { set: [3, 0, 2], add: [3, 0, 1], min: [0, 0, -1], max: [3, 0, 2] };
    for (const mode of ['set', 'add', 'min', 'max'] as const) {
      const into = jit((x: Tensor, rows: Tensor) => scatter(x, index, rows, { mode }));
      const given = [zeros([3, 9]), times([-1, 3, 2])] as const;
      expect(into(...given).toArray()).toEqual(times(expected[mode]).toArray());
      expect(explain(into, ...given)).toMatch(/in order for \w+ < 3:\n +for \w+ < 9:\n/);
    }
  });

  test('gives the derivative of a repeated position to the update that stays', () => {
    const weights = [1, 10, 100];
    const f = (y: Tensor, u: Tensor): Tensor => sum(mul(scatter(y, index, u), weights));
    const [dx, du] = grad(f, { argnums: [0, 1] })(x, tensor([5, -5, -7]));
    expect(dx.toArray()).toEqual([0, 10, 0]);
    expect(du.toArray()).toEqual([0, 1, 100]);
  });

  test('divides the derivative between equal extrema', () => {
    const f = (y: Tensor, u: Tensor): Tensor =>
      sum(mul(scatter(y, index, u, { mode: 'max' }), [1, 10, 100]));
    const [dx, du] = grad(f, { argnums: [0, 1] })(x, tensor([3, 0, 3]));
    expect(dx.at([0, 2]).toArray()).toEqual([1, 10]);
    expect(dx.at(2).item()).toBeCloseTo(100 / 3, 13);
    expect(du.at(0).item()).toBeCloseTo(100 / 3, 13);
    expect(du.at(1).item()).toBe(0);
  });

  test.each(['set', 'add', 'min', 'max'] as const)('has right derivatives with mode %s', (mode) => {
    const u = tensor([0.5, -4, 7]);
    checkGrads((y: Tensor, v: Tensor) => scatter(y.mul(y), index, v.mul(v), { mode }), [x, u]);
  });

  test('works under jit, vmap and grad together', () => {
    const f = (y: Tensor, i: Tensor): Tensor =>
      sum(mul(scatter(y, i, y.at(0).mul(3), { mode: 'set' }), [1, 10, 100]));
    expect(jit(vmap(grad(f)))(matrix, int([1, 2])).toArray()).toEqual([
      [31, 0, 100],
      [301, 10, 0],
    ]);
  });

  test('refuses what does not fit', () => {
    expect(() => scatter(x, [0, 1], [1, 2, 3])).toThrow('do not broadcast');
    expect(() => scatter(x, 0, [1, 2])).toThrow(
      'scatter: updates of shape [2] do not fit an index of shape [] (a scalar) on axis 0 of shape [3]',
    );
    expect(() => scatter(x, [3], 0)).toThrow(
      'scatterSet: index 3 is out of range for an axis of extent 3',
    );
    expect(() => scatter(x, [-1], 0, { mode: 'min' })).toThrow('scatterMin: index -1');
    expect(() => scatter([1], [1], 0)).toThrow('index 1 is out of range for an axis of extent 1');
    expect(() => take([[1, 2]], [-1])).toThrow('index -1 is out of range for an axis of extent 1');
    expect(() => scatter(tensor([true]), [0], tensor(true), { mode: 'add' })).toThrow(
      "scatter: mode 'add' works on numbers",
    );
    expect(() => scatter(x, tensor([0.5]), 0)).toThrow('scatter: the index is float64');
  });
});

describe('segmentMax', () => {
  test('finds the largest row of each segment', () => {
    const rows = tensor([
      [1, 9],
      [5, 2],
      [3, 3],
    ]);
    expect(segmentMax(rows, [2, 0, 2], { count: 3 }).toArray()).toEqual([
      [5, 2],
      [-Infinity, -Infinity],
      [3, 9],
    ]);
    expect(segmentMax(int([4, -4]), [1, 1], { count: 2 }).toArray()).toEqual([-(2 ** 31), 4]);
    expect(segmentMax([], [], { count: 1 }).toArray()).toEqual([-Infinity]);
  });

  test('has the derivative of the row that is largest, under jit and vmap too', () => {
    const f = (x: Tensor): Tensor => sum(segmentMax(x, [0, 1, 0], { count: 2 }));
    expect(grad(f)(tensor([1, 2, 3])).toArray()).toEqual([0, 1, 1]);
    expect(grad(f)(tensor([3, 2, 3])).toArray()).toEqual([0.5, 1, 0.5]);
    expect(jit(vmap(grad(f)))(matrix).toArray()).toEqual([
      [0, 1, 1],
      [0, 1, 1],
    ]);
    checkGrads((x: Tensor) => segmentMax(x.mul(x), [1, 0, 1], { count: 2 }), [tensor([1, 2, 3])]);
  });

  test('refuses segments that do not fit the rows', () => {
    expect(() => segmentMax([1, 2], [0], { count: 1 })).toThrow('one segment for each row');
    expect(() => segmentMax([1], [1], { count: 1 })).toThrow('scatterMax: index 1 is out of range');
    expect(() => segmentMax(tensor([true]), [0], { count: 1 })).toThrow(
      'segmentMax: data is bool of shape [1]',
    );
  });
});

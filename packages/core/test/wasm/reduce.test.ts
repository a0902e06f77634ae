import { describe, expect, test } from 'vitest';
import {
  type Affine,
  affineAdd,
  affineLoop,
  affineScale,
  affineShift,
} from '../../src/kernel/affine.ts';
import type { Expr, Loop } from '../../src/kernel/expr.ts';
import { binary, compare, constant, math } from '../../src/kernel/language.ts';
import type { Combine, Statement } from '../../src/kernel/statement.ts';
import type { Data, DType } from '../../src/tensor/dtype.ts';
import {
  buffer,
  inOrder,
  load,
  localOf,
  loopOf,
  parallel,
  read,
  runModule,
  store,
} from './harness.ts';

function dataOf(type: DType, values: ArrayLike<number>): Data {
  switch (type) {
    case 'float64':
      return Float64Array.from(values);
    case 'float32':
      return Float32Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'bool':
      return Uint8Array.from(values);
  }
}

/** Reduces x at the places that an index gives, for loops of these extents. */
function reduce(
  combine: Combine,
  type: DType,
  values: ArrayLike<number>,
  extents: readonly number[],
  index: (loops: readonly Loop[]) => Affine,
): number {
  const x = buffer('x', type, values.length);
  const y = buffer('y', type, 1);
  const total = localOf('total', type);
  const loops = extents.map((extent, i) => loopOf(`k${i}`, extent));
  const { outputs } = runModule(
    {
      main: [
        { do: 'reduce', combine, loops, value: load(x, index(loops)), target: total },
        store(y, 0, read(total)),
      ],
      inputs: [x],
      outputs: [y],
    },
    [dataOf(type, values)],
  );
  return outputs[0]?.[0] ?? Number.NaN;
}

const contiguous = ([k]: readonly Loop[]): Affine => affineLoop(k ?? loopOf('none', 0));

function sequence(count: number, value: (i: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => value(i));
}

const extents = [
  ...sequence(42, (i) => i),
  63,
  64,
  65,
  127,
  128,
  129,
  255,
  256,
  257,
  300,
  1000,
  4097,
];

describe('sums', () => {
  test.each(['float64', 'float32', 'int32'] as const)(
    'of whole numbers in %s are exact for every extent',
    (type) => {
      for (const extent of extents) {
        const values = sequence(extent, (i) => (i % 13) - 4);
        const sum = values.reduce((a, b) => a + b, 0);
        expect(reduce('add', type, values, [extent], contiguous), `${extent}`).toBe(sum);
      }
    },
  );

  test('of a million tenths in float32 are within 0.1 of 100000', () => {
    const values = new Float32Array(1e6).fill(0.1);
    const sum = reduce('add', 'float32', values, [1e6], contiguous);
    expect(Math.abs(sum - 100_000)).toBeLessThan(0.1);
  });

  test('of rows and columns that are apart keep that accuracy', () => {
    const values = new Float32Array(1e6).fill(0.1);
    const apart = ([r, c]: readonly Loop[]): Affine =>
      r && c
        ? affineAdd(affineLoop(r), affineScale(affineLoop(c), 1000))
        : affineShift({ base: 0, terms: [] }, 0);
    const sum = reduce('add', 'float32', values, [1000, 1000], apart);
    expect(Math.abs(sum - 100_000)).toBeLessThan(0.1);
  });

  test('have errors that grow no faster than the logarithm of the extent', () => {
    for (const extent of [1e3, 1e4, 1e5, 1e6]) {
      const values = Float32Array.from({ length: extent }, (_, i) => 1 + Math.sin(i * i));
      const exact = values.reduce((a, b) => a + b, 0);
      const sum = reduce('add', 'float32', values, [extent], contiguous);
      const bound = (16 + Math.log2(extent)) * 2 ** -24 * exact;
      expect(Math.abs(sum - exact), `${extent}`).toBeLessThan(bound);
    }
  });
});

describe('the order of a sum', () => {
  const sizes = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 40, 130, 257, 1000];
  const value = (i: number): number => Math.sin(i * 12.9898) * 43758.5453;

  test.each(['float64', 'float32'] as const)('in %s does not depend on strides', (type) => {
    for (const n of sizes) {
      const values = sequence(n, value);
      const spread = sequence(3 * n, (i) => (i % 3 === 0 ? value(i / 3) : 99));
      const backward = [...values].reverse();
      const direct = reduce('add', type, values, [n], contiguous);
      const strided = reduce('add', type, spread, [n], ([k]) =>
        affineScale(contiguous(k ? [k] : []), 3),
      );
      const reversed = reduce('add', type, backward, [n], ([k]) =>
        affineShift(affineScale(contiguous(k ? [k] : []), -1), n - 1),
      );
      expect([strided, reversed]).toEqual([direct, direct]);
    }
  });

  test.each(['float64', 'float32'] as const)(
    'in %s is the same for columns, whose sums are taken side by side, as for rows',
    (type) => {
      for (const n of sizes) {
        for (const columns of [1, 2, 4, 5, 11]) {
          const values = sequence(n * columns, value);
          const x = buffer('x', type, n * columns);
          const y = buffer('y', type, columns);
          const total = localOf('total', type);
          const [j, k] = [loopOf('j', columns), loopOf('k', n)];
          const at = affineAdd(affineScale(affineLoop(k), columns), affineLoop(j));
          const body: Statement[] = [
            { do: 'reduce', combine: 'add', loops: [k], value: load(x, at), target: total },
            store(y, j, read(total)),
          ];
          const { outputs } = runModule(
            { main: [parallel(j, ...body)], inputs: [x], outputs: [y] },
            [dataOf(type, values)],
          );
          const alone = sequence(columns, (c) =>
            reduce(
              'add',
              type,
              sequence(n, (i) => value(i * columns + c)),
              [n],
              contiguous,
            ),
          );
          expect([...(outputs[0] ?? [])]).toEqual(alone);
        }
      }
    },
  );
});

describe('other reductions', () => {
  test.each(['float64', 'float32'] as const)('%s extrema are exact for every extent', (type) => {
    for (const extent of extents.filter((size) => size > 0)) {
      const values = sequence(extent, (i) => (i * 37) % 101);
      const zeros = sequence(extent, (i) => (i === extent >> 1 ? -0 : 0));
      for (const combine of ['min', 'max'] as const) {
        for (const data of [values, zeros, zeros.map((zero) => -zero)]) {
          const found = reduce(combine, type, data, [extent], contiguous);
          expect(found, `${extent}`).toBe(Math[combine](...data));
        }
      }
    }
  });

  test('of nothing are the neutral element', () => {
    const none = (combine: Combine, type: DType): number =>
      reduce(combine, type, [], [0], contiguous);
    expect(none('add', 'float64')).toBe(0);
    expect(none('mul', 'float32')).toBe(1);
    expect(none('min', 'float64')).toBe(Number.POSITIVE_INFINITY);
    expect(none('max', 'float32')).toBe(Number.NEGATIVE_INFINITY);
    expect(none('min', 'int32')).toBe(2147483647);
    expect(none('max', 'int32')).toBe(-2147483648);
    expect(none('and', 'bool')).toBe(1);
    expect(none('or', 'bool')).toBe(0);
  });

  test.each(['min', 'max'] as const)(
    '%s is NaN when any element is, wherever it stands',
    (combine) => {
      for (const extent of [1, 3, 8, 17, 40]) {
        for (let at = 0; at < extent; at++) {
          const values = sequence(extent, (i) => (i === at ? Number.NaN : i));
          expect(reduce(combine, 'float64', values, [extent], contiguous)).toBeNaN();
          expect(reduce(combine, 'float32', values, [extent], contiguous)).toBeNaN();
        }
      }
    },
  );

  test('find extremes and products for every extent', () => {
    for (const extent of extents.slice(1)) {
      const values = sequence(extent, (i) => ((i * 37) % 101) - 50);
      for (const type of ['float64', 'float32', 'int32'] as const) {
        expect(reduce('min', type, values, [extent], contiguous)).toBe(Math.min(...values));
        expect(reduce('max', type, values, [extent], contiguous)).toBe(Math.max(...values));
        const signs = values.map((v) => (v < 0 ? -1 : 1));
        expect(reduce('mul', type, signs, [extent], contiguous)).toBe(
          signs.reduce<number>((a, b) => a * b, 1),
        );
      }
    }
  });

  test('of truth values say whether any or all are true', () => {
    for (const extent of [1, 2, 5, 16, 33, 130]) {
      for (const at of [0, extent - 1]) {
        const one = sequence(extent, (i) => Number(i === at));
        const others = one.map((v) => 1 - v);
        expect(reduce('or', 'bool', one, [extent], contiguous)).toBe(1);
        expect(reduce('and', 'bool', others, [extent], contiguous)).toBe(0);
      }
      expect(
        reduce(
          'and',
          'bool',
          sequence(extent, () => 1),
          [extent],
          contiguous,
        ),
      ).toBe(1);
      expect(
        reduce(
          'or',
          'bool',
          sequence(extent, () => 0),
          [extent],
          contiguous,
        ),
      ).toBe(0);
    }
  });

  test('of masks that come from comparing wider numbers work in narrower lanes', () => {
    const x = buffer('x', 'float64', 37);
    const y = buffer('y', 'bool', 2);
    const z = buffer('z', 'int32', 1);
    const k = loopOf('k', 37);
    const [any, all, count] = [
      localOf('any', 'bool'),
      localOf('all', 'bool'),
      localOf('count', 'int32'),
    ];
    const above = compare('gt', load(x, k), constant('float64', 30));
    const value: Expr = { op: 'cast', type: 'int32', x: above };
    const { outputs } = runModule(
      {
        main: [
          { do: 'reduce', combine: 'or', loops: [k], value: above, target: any },
          { do: 'reduce', combine: 'and', loops: [k], value: above, target: all },
          { do: 'reduce', combine: 'add', loops: [k], value, target: count },
          store(y, 0, read(any)),
          store(y, 1, read(all)),
          store(z, 0, read(count)),
        ],
        inputs: [x],
        outputs: [y, z],
      },
      [Float64Array.from({ length: 37 }, (_, i) => i)],
    );
    expect(outputs.map((data) => [...data])).toEqual([[1, 0], [6]]);
  });
});

describe('reductions inside loops', () => {
  /** log(sum(exp(x - max(x)))) along rows or columns. */
  function logSumExp(
    type: 'float64' | 'float32',
    rows: number,
    columns: number,
    along: 'rows' | 'columns',
  ) {
    const x = buffer('x', type, rows * columns);
    const [r, c] = [loopOf('r', rows), loopOf('c', columns)];
    const [outer, inner] = along === 'rows' ? [r, c] : [c, r];
    const y = buffer('y', type, outer.extent ?? 0);
    const [largest, total] = [localOf('largest', type), localOf('total', type)];
    const element = load(x, affineAdd(affineScale(affineLoop(r), columns), affineLoop(c)));
    const values = Float32Array.from({ length: rows * columns }, (_, i) => 5 * Math.sin(i * 1.7));
    const { outputs } = runModule(
      {
        main: [
          parallel(
            outer,
            { do: 'reduce', combine: 'max', loops: [inner], value: element, target: largest },
            {
              do: 'reduce',
              combine: 'add',
              loops: [inner],
              value: math('exp', binary('sub', element, read(largest))),
              target: total,
            },
            store(y, outer, binary('add', math('log', read(total)), read(largest))),
          ),
        ],
        inputs: [x],
        outputs: [y],
      },
      [dataOf(type, values)],
    );
    const at = (i: number, j: number): number =>
      values[along === 'rows' ? i * columns + j : j * columns + i] ?? 0;
    const expected = sequence(outer.extent ?? 0, (i) =>
      Math.log(sequence(inner.extent ?? 0, (j) => Math.exp(at(i, j))).reduce((a, b) => a + b, 0)),
    );
    return { got: [...(outputs[0] ?? [])], expected };
  }

  test.each(['rows', 'columns'] as const)('use the results of others, along %s', (along) => {
    for (const [rows, columns] of [
      [1, 1],
      [2, 3],
      [5, 4],
      [3, 17],
      [20, 9],
      [7, 40],
    ] as const) {
      for (const type of ['float64', 'float32'] as const) {
        const { got, expected } = logSumExp(type, rows, columns, along);
        expected.forEach((value, i) => {
          expect(Math.abs((got[i] ?? 0) - value)).toBeLessThan(type === 'float64' ? 1e-14 : 3e-6);
        });
      }
    }
  });

  test('start anew in every iteration of a loop in order', () => {
    const x = buffer('x', 'float64', 6);
    const y = buffer('y', 'float64', 3);
    const [i, k] = [loopOf('i', 3), loopOf('k', 2)];
    const total = localOf('total', 'float64');
    const at = affineAdd(affineScale(affineLoop(i), 2), affineLoop(k));
    const { outputs } = runModule(
      {
        main: [
          inOrder(
            i,
            { do: 'reduce', combine: 'add', loops: [k], value: load(x, at), target: total },
            store(y, i, read(total)),
          ),
        ],
        inputs: [x],
        outputs: [y],
      },
      [Float64Array.of(1, 2, 3, 4, 5, 6)],
    );
    expect([...(outputs[0] ?? [])]).toEqual([3, 7, 11]);
  });
});

import { describe, expect, test } from 'vitest';
import { compileModule } from '../../src/backends/wasm/compile.ts';
import { hasFusedMultiplyAdd } from '../../src/backends/wasm/fused.ts';
import type { Expr } from '../../src/kernel/expr.ts';
import { binary, cast, constant, math, select } from '../../src/kernel/language.ts';
import { loopOf } from './harness.ts';
import { compute, expected, matrices, noise, type Product, productKernel } from './products.ts';

const sizes = [
  [1, 1, 1],
  [2, 3, 1],
  [1, 5, 9],
  [4, 8, 4],
  [5, 9, 7],
  [6, 4, 8],
  [7, 17, 3],
  [12, 1, 16],
  [13, 257, 10],
  [64, 30, 33],
  [97, 600, 9],
  [11, 40, 70],
  [500, 257, 6],
  [7, 300, 1100],
] as const;

describe('tiles', () => {
  for (const type of ['float64', 'float32'] as const) {
    test.each(sizes)(
      `of %i x %i by columns %i in ${type} are sums in order, bit for bit`,
      (m, k, n) => {
        const product = matrices(type, m, k, n);
        expect(compute(product)).toEqual(expected(product));
      },
    );

    test(`of transposed and strided operands in ${type} have the same bits`, () => {
      const [m, k, n] = [13, 270, 11];
      const variants: Product[] = [
        { ...matrices(type, m, k, n), x: [1, m], sizes: [m * k, k * n, m * n] },
        { ...matrices(type, m, k, n), y: [1, k], sizes: [m * k, k * n, m * n] },
        {
          ...matrices(type, m, k, n),
          x: [3 * k, 2],
          y: [2 * n, 2],
          sizes: [3 * m * k, 2 * k * n, m * n],
        },
        { ...matrices(type, m, k, n), z: [1, m], sizes: [m * k, k * n, m * n] },
        { ...matrices(type, m, k, n), z: [3 * n, 2], sizes: [m * k, k * n, 3 * m * n] },
      ];
      for (const product of variants) expect(compute(product)).toEqual(expected(product));
    });

    test(`of batches, whether an operand is shared or not, in ${type}`, () => {
      const [b, m, k, n] = [5, 7, 19, 10];
      const both = {
        ...matrices(type, m, k, n),
        batch: { extent: b, strides: [m * k, k * n, m * n] as const },
        sizes: [b * m * k, b * k * n, b * m * n] as const,
      };
      const products: Product[] = [
        both,
        { ...both, batch: { extent: b, strides: [m * k, 0, m * n] } },
        { ...both, batch: { extent: b, strides: [0, k * n, m * n] } },
      ];
      for (const product of products) expect(compute(product)).toEqual(expected(product));
    });

    test.each([
      [3, 3, 3],
      [2, 5, 3],
      [4, 28, 3],
      [7, 6, 3],
      [3, 8, 5],
      [2, 13, 5],
    ])(`of windows on a plane, %i x %i, of extent %i, in ${type}`, (height, width, tap) => {
      const [channels, kernels] = [3, 7];
      const [h, w] = [height + tap - 1, width + tap - 1];
      const product: Product = {
        type,
        rows: [kernels],
        columns: [height, width],
        terms: [channels, tap, tap],
        x: [channels * tap * tap, tap * tap, tap, 1],
        y: [h * w, w, 1, w, 1],
        z: [height * width, width, 1],
        sizes: [kernels * channels * tap * tap, channels * h * w, kernels * height * width],
      };
      expect(compute(product)).toEqual(expected(product));
    });

    test(`of rows from several loops, in a row or apart, in ${type}`, () => {
      const [k, n] = [20, 9];
      for (const [outer, inner] of [
        [3, 5],
        [2, 12],
        [4, 7],
      ] as const) {
        for (const gap of [0, 3]) {
          const [ofX, ofZ] = [inner * k + gap, inner * n + gap];
          const product: Product = {
            type,
            rows: [outer, inner],
            columns: [n],
            terms: [k],
            x: [ofX, k, 1],
            y: [n, 1],
            z: [ofZ, n, 1],
            sizes: [outer * ofX, k * n, outer * ofZ],
          };
          expect(compute(product)).toEqual(expected(product));
        }
      }
    });

    test(`of sums over several loops, cut in the middle one, in ${type}`, () => {
      const product: Product = {
        type,
        rows: [5],
        columns: [3, 3],
        terms: [2, 30, 28],
        x: [1, 30 * 28 * 5, 28 * 5, 5],
        y: [32 * 30, 30, 1, 30, 1],
        z: [9, 3, 1],
        sizes: [2 * 30 * 28 * 5, 2 * 32 * 30, 45],
      };
      expect(compute(product)).toEqual(expected(product));
    });
  }

  test('evaluate what is fused into the factors, and what follows the sums', () => {
    const { fround } = Math;
    const product: Product = {
      ...matrices('float32', 9, 20, 21),
      whole: true,
      factors: (x, y) => [
        binary('add', x, constant('float32', 1)),
        cast('float32', binary('mul', cast('float64', y), constant('float64', 0.5))),
      ],
      finish: (sum, [, j]) =>
        binary(
          'max',
          binary(
            'add',
            sum,
            cast('float32', { op: 'loop', type: 'int32', loop: j ?? loopOf('none') }),
          ),
          constant('float32', 0),
        ),
    };
    const [x, y] = [noise(180, 'float32', true), noise(420, 'float32', true)];
    const result = compute(product);
    for (let i = 0; i < 9; i++) {
      for (let j = 0; j < 21; j++) {
        let sum = 0;
        for (let k = 0; k < 20; k++) sum += ((x[i * 20 + k] ?? 0) + 1) * (y[k * 21 + j] ?? 0) * 0.5;
        expect(result[i * 21 + j]).toBe(fround(Math.max(sum + j, 0)));
      }
    }
  });

  test('compute functions in panels and after the sums as accurately as elsewhere', () => {
    const product: Product = {
      ...matrices('float64', 10, 300, 9),
      y: [1, 300],
      factors: (x, y) => [math('exp', x), math('tanh', y)],
      finish: (sum) => math('sigmoid', sum),
    };
    const [x, y] = [noise(3000, 'float64'), noise(2700, 'float64')];
    const result = compute(product);
    for (let i = 0; i < 10; i++) {
      for (let j = 0; j < 9; j++) {
        let sum = 0;
        for (let k = 0; k < 300; k++) {
          sum += Math.exp(x[i * 300 + k] ?? 0) * Math.tanh(y[j * 300 + k] ?? 0);
        }
        expect(Math.abs((result[i * 9 + j] ?? 0) - 1 / (1 + Math.exp(-sum)))).toBeLessThan(1e-13);
      }
    }
  });

  test('let NaN and infinities reach their own row and column alone', () => {
    const special = (x: Expr, i: number): Expr => {
      const { op } = x;
      if (op !== 'load') return x;
      const hit: Expr = {
        op: 'compare',
        type: 'bool',
        fn: 'eq',
        x: { op: 'index', type: 'int32', index: x.index },
        y: constant('int32', i),
      };
      return select(hit, constant('float32', Number.NaN), x);
    };
    const product: Product = {
      ...matrices('float32', 8, 12, 13),
      factors: (x, y) => [special(x, 2 * 12 + 5), special(y, 3 * 13 + 12)],
    };
    const result = compute(product);
    result.forEach((value, at) => {
      const isSpecial = Math.floor(at / 13) === 2 || at % 13 === 12;
      expect(Number.isNaN(value), `${at}`).toBe(isSpecial);
    });
  });

  test.skipIf(!hasFusedMultiplyAdd())(
    'have the same bits where a sum is no tile, fused multiply-add or not',
    () => {
      for (const type of ['float64', 'float32'] as const) {
        for (const fused of [false, true]) {
          for (const [m, k, n] of sizes.slice(0, -1)) {
            const product = { ...matrices(type, m, k, n), fused };
            expect(compute({ ...product, tiled: false })).toEqual(compute(product));
          }
        }
      }
    },
  );

  test.skipIf(!hasFusedMultiplyAdd())('use the instruction for x y + z only when asked to', () => {
    const bytes = (fused: boolean): string => {
      const { kernel } = productKernel(matrices('float32', 8, 8, 8));
      const module = {
        kernels: [kernel],
        main: [],
        inputs: [],
        outputs: [],
        workspace: new Map(),
        workspaceBytes: 0,
        sites: [],
      };
      return compileModule(module, { fused }).bytes.join(' ');
    };
    const relaxed = [0xfd, 0x85, 0x02].join(' ');
    expect([bytes(false).includes(relaxed), bytes(true).includes(relaxed)]).toEqual([false, true]);
  });
});

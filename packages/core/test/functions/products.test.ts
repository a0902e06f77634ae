import {
  add,
  checkpoint,
  conv,
  exp,
  explain,
  grad,
  jit,
  matmul,
  mul,
  random,
  relu,
  scan,
  stack,
  sum,
  type Tensor,
  tanh,
  transpose,
  vjp,
  vmap,
  where,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { sumOrder } from '../../src/primitives/sum-order.ts';

type Float = 'float64' | 'float32';

const key = random.key(11);
const drawn = (k: number, shape: readonly number[], dtype: Float = 'float64'): Tensor =>
  random.uniform(random.foldIn(key, k), shape, { low: -1, high: 1, dtype });

const bits = (x: Tensor): number[] => [...x.dataSync()];

/** Products whose sums are in tiles: wide and narrow, in one block and in several. */
const shapes = [
  [8, 9, 7],
  [13, 300, 21],
  [5, 8, 4],
  [70, 12, 33],
] as const;

describe('a product', () => {
  test.each(['float64', 'float32'] as const)('in %s is the sum that defines it', (dtype) => {
    for (const [m, k, n] of shapes) {
      const [x, y] = [drawn(1, [m, k], dtype), drawn(2, [k, n], dtype)];
      const [a, b, c] = [x, y, jit(matmul)(x, y)].map((t) => t.dataSync());
      const unit = dtype === 'float64' ? 2 ** -53 : 2 ** -24;
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let [exact, size] = [0, 0];
          for (let at = 0; at < k; at++) {
            const term = (a?.[i * k + at] ?? 0) * (b?.[at * n + j] ?? 0);
            exact += term;
            size += Math.abs(term);
          }
          expect(Math.abs((c?.[i * n + j] ?? 0) - exact)).toBeLessThanOrEqual(8 * unit * size);
        }
      }
    }
  });

  test('has the same bits alone, fused, in a batch, in a loop and recomputed', () => {
    for (const dtype of ['float64', 'float32'] as const) {
      for (const [m, k, n] of shapes) {
        const [x, y] = [drawn(3, [m, k], dtype), drawn(4, [k, n], dtype)];
        const alone = bits(matmul(x, y));
        const xs = drawn(5, [3, m, k], dtype);
        expect(bits(jit((a, b) => matmul(transpose(transpose(a)), b))(x, y))).toEqual(alone);
        expect(bits(jit((a, b) => matmul(a, transpose(b)))(x, transpose(y)))).toEqual(alone);
        const last = jit((a, b) => add(matmul(mul(a, 2), b), 0))(x, y);
        expect(bits(mul(last, 0.5))).toEqual(alone);
        const each = [0, 1, 2].flatMap((i) => bits(matmul(xs.at(i), y)));
        // Few rows may become many in a batch, which are summed in the order of tiles.
        const order = (rows: number) => sumOrder(dtype, { rows, columns: n, terms: k });
        const batched = jit(vmap(matmul, { inAxes: [0, null] }))(xs, y);
        if (order(m) === order(3 * m)) expect(bits(batched)).toEqual(each);
        const near = batched.sub(stack([0, 1, 2].map((i) => matmul(xs.at(i), y))));
        const unit = dtype === 'float64' ? 2 ** -53 : 2 ** -24;
        expect(near.abs().max().item()).toBeLessThanOrEqual(4 * k * unit);
        const looped = jit((a: Tensor, b: Tensor) =>
          scan((carry: Tensor, row: Tensor) => [carry, matmul(row, b)], x, a),
        );
        expect(bits(looped(xs, y)[1])).toEqual(each);
        const pulled = (f: (a: Tensor) => Tensor): number[] =>
          bits(grad((a: Tensor) => sum(tanh(f(a))))(x));
        const product = (a: Tensor): Tensor => matmul(a, y);
        expect(pulled(checkpoint(product))).toEqual(pulled(product));
      }
    }
  });

  test('with a bias and an activation is fused with them, and right', () => {
    const layer = (x: Tensor, w: Tensor, b: Tensor): Tensor => relu(add(matmul(x, w), b));
    for (const dtype of ['float64', 'float32'] as const) {
      for (const [m, k, n] of shapes) {
        const [x, w, b] = [drawn(6, [m, k], dtype), drawn(7, [k, n], dtype), drawn(8, [n], dtype)];
        expect(bits(jit(layer)(x, w, b))).toEqual(bits(layer(x, w, b)));
      }
    }
  });

  test('has derivatives of both orders, whatever is fused into it', () => {
    const f = (x: Tensor, y: Tensor): Tensor => tanh(matmul(exp(mul(x, 0.3)), transpose(y)));
    checkGrads(f, [drawn(9, [6, 9]), drawn(10, [7, 9])]);
    checkGrads(jit(f), [drawn(9, [6, 9]), drawn(10, [7, 9])]);
    const both = vmap(f, { inAxes: [0, null] });
    checkGrads(both, [drawn(11, [2, 5, 9]), drawn(12, [6, 9])]);
  });

  test('of masked operands sees no NaN behind the mask', () => {
    const x = drawn(13, [9, 12]);
    const y = drawn(14, [12, 10]);
    const masked = jit((a: Tensor, b: Tensor) =>
      matmul(where(a.gt(0), mul(a, 0).div(mul(a, 0)), a), b),
    );
    const result = masked(x, y).toArray();
    const rows = x.dataSync();
    const poisoned = (i: number): boolean => rows.slice(12 * i, 12 * i + 12).some((v) => v > 0);
    expect(Array.isArray(result)).toBe(true);
    [...masked(x, y).dataSync()].forEach((v, at) => {
      expect(Number.isNaN(v)).toBe(poisoned(Math.floor(at / 10)));
    });
  });
});

describe('a convolution', () => {
  const f = (x: Tensor, w: Tensor): Tensor => conv(x, w, { padding: 'same' });

  test('has the bits of a loop when it is batched over images, kernels or both', () => {
    for (const dtype of ['float64', 'float32'] as const) {
      for (const kernels of [1, 3, 5]) {
        for (const channels of [1, 3]) {
          const xs = drawn(15, [3, 2, channels, 5, 6], dtype);
          const ws = drawn(16, [3, kernels, channels, 3, 3], dtype);
          const of = (i: number, j: number): number[] => bits(jit(f)(xs.at(i), ws.at(j)));
          const over = (inAxes: [number | null, number | null], x: Tensor, w: Tensor): number[] =>
            bits(jit(vmap(f, { inAxes }))(x, w));
          const entries = [0, 1, 2];
          expect(over([0, 0], xs, ws)).toEqual(entries.flatMap((i) => of(i, i)));
          expect(over([0, null], xs, ws.at(0))).toEqual(entries.flatMap((i) => of(i, 0)));
          expect(over([null, 0], xs.at(0), ws)).toEqual(entries.flatMap((i) => of(0, i)));
        }
      }
    }
  });

  test('with one tap has the bits of a product of the kernels with all positions', () => {
    for (const dtype of ['float64', 'float32'] as const) {
      for (const [kernels, images, channels, positions] of [
        [8, 1, 9, 7],
        [5, 3, 300, 7],
        [4, 4, 8, 4],
        [4, 3, 8, 5],
        [3, 2, 40, 9],
        [6, 1, 400, 2],
      ] as const) {
        const x = drawn(22, [images, channels, positions], dtype);
        const kernel = drawn(23, [kernels, channels], dtype);
        const columns = transpose(x, [1, 0, 2]).reshape([channels, images * positions]);
        const product = matmul(kernel, columns).reshape([kernels, images, positions]);
        const found = conv(x, kernel.expandDims(2));
        expect(bits(found)).toEqual(bits(transpose(product, [1, 0, 2])));
      }
    }
  });

  test('is printed as tiles where kernels, positions and taps are many', () => {
    const kernels = [8, 3].map((count) =>
      String(explain(f, drawn(24, [2, 3, 5, 6]), drawn(25, [count, 3, 3, 3]))),
    );
    expect(kernels.map((text) => text.includes('in tiles'))).toEqual([true, false]);
  });

  test('with many kernels has derivatives of both orders', () => {
    checkGrads((x, w) => tanh(f(x, w)), [drawn(17, [2, 3, 4, 5]), drawn(18, [5, 3, 3, 3])]);
  });

  test('has the same derivative as the sum that defines it, in tiles of any width', () => {
    for (const [height, width] of [
      [3, 3],
      [2, 9],
      [6, 5],
    ] as const) {
      const [x, w] = [drawn(19, [3, 4, height, width]), drawn(20, [6, 4, 2, 2])];
      const valid = (a: Tensor, b: Tensor): Tensor => conv(a, b);
      const [y, pullback] = vjp(valid, x, w);
      const ct = drawn(21, y.shape);
      const [dx, dw] = pullback(ct);
      const [dot1, dot2, dot3] = [sum(mul(y, ct)), sum(mul(x, dx)), sum(mul(w, dw))].map((t) =>
        t.item(),
      );
      expect(dot2).toBeCloseTo(dot1 ?? Number.NaN, 10);
      expect(dot3).toBeCloseTo(dot1 ?? Number.NaN, 10);
    }
  });
});

describe('a batch of products with one matrix', () => {
  const matrix = random.normal(random.key(1), [16, 12]);
  const left = random.normal(random.key(2), [9, 16]);
  const right = random.normal(random.key(3), [9, 12]);
  const rows = vmap((x: Tensor) => matmul(x, matrix));
  const columns = vmap((y: Tensor) => matmul(matrix, y));

  test('is one product of matrices', () => {
    expect(String(explain(rows, left))).toContain('in tiles');
    expect(String(explain(columns, right))).toContain('in tiles');
    expect(rows(left).sub(matmul(left, matrix)).abs().max().item()).toBeLessThan(1e-14);
    const expected = matmul(right, matrix.transpose());
    expect(columns(right).sub(expected).abs().max().item()).toBeLessThan(1e-14);
  });

  test('has the derivatives of one, in batches of batches too', () => {
    checkGrads((x: Tensor) => rows(x).square().sum(), [left], { order: 2 });
    checkGrads((y: Tensor) => columns(y).square().sum(), [right], { order: 2 });
    const batches = stack([left, left.neg(), left.mul(2)]);
    const each = vmap(rows)(batches);
    expect(
      each
        .at(2)
        .sub(rows(left.mul(2)))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-13);
  });
});

import { affineZero, type Index } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary } from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import { DTypeError, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { add } from './arithmetic.ts';
import { CompensatedSum } from './compensated-sum.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { reshape } from './reshape.ts';
import { spreadOver } from './spread.ts';
import { sumOrder } from './sum-order.ts';
import { transpose } from './transpose.ts';

/** Batched matrix product: `[b, m, k]` by `[b, k, n]` is `[b, m, n]`. */
export const dot: CallablePrimitive<2, object> = definePrimitive({
  name: 'dot',
  arity: 2,
  type: ([x, y]) => {
    const [batch, m, k, ...more] = x.shape;
    const [otherBatch, otherK, n, ...evenMore] = y.shape;
    if (
      batch === undefined ||
      m === undefined ||
      n === undefined ||
      more.length + evenMore.length > 0 ||
      batch !== otherBatch ||
      k !== otherK
    ) {
      throw new ShapeError(
        `dot: shapes [b, m, k] and [b, k, n] are needed; got ${describeType(x)} and ${describeType(y)}.`,
      );
    }
    if (x.dtype !== y.dtype || x.dtype === 'bool') {
      throw new DTypeError(
        `dot: operands must have one number dtype; got ${describeType(x)} and ${describeType(y)}.`,
      );
    }
    return tensorType(x.dtype, [batch, m, n], x.weak && y.weak);
  },
  linear: { in: [0, 1], as: 'each' },
  transpose: (ct, [x, y]) => {
    if (isLinear(x) && !isLinear(y)) x.add(dot(ct, transpose(y, { perm: [0, 2, 1] })));
    if (isLinear(y) && !isLinear(x)) y.add(dot(transpose(x, { perm: [0, 2, 1] }), ct));
  },
  idle: [0, 0],
  vmap: (operands, batched) => {
    const together = asOneProduct(operands, batched);
    if (together) return together;
    const [x, y] = alignBatch(operands, batched);
    if (!x || !y) throw new Error('unreachable');
    const [size = 0, batch = 0, m = 0] = x.shape;
    return reshape(dot(mergeBatch(x), mergeBatch(y)), {
      shape: [size, batch, m, y.shape[3] ?? 0],
    });
  },
  dependence: {
    kind: 'like',
    like: ([x, y]) =>
      add(spreadOver(x, 2, 1, [y.shape[2] ?? 0]), spreadOver(y, 1, 1, [x.shape[1] ?? 0])),
  },
  lower: {
    kind: 'nest',
    emit: (k, [readX, readY], { operands: [x], results: [result] }) => {
      const [, rows = 0, terms = 0] = x.shape;
      const order = sumOrder(x.dtype, { rows, columns: result?.shape[2] ?? 0, terms });
      k.forEach(result?.shape ?? [], (position) => {
        const [b, i, j] = position;
        if (!b || !i || !j) throw new Error('unreachable');
        const product = ([at = affineZero]: Index): Expr =>
          binary('mul', readX([b, i, at]), readY([b, at, j]));
        k.write(0, position, k.reduce('add', [terms], product, order));
      });
    },
  },
});

/** What the laws hold `dot` to. */
export const dotLaws: Laws = forLaws<2, object>(dot, {
  reference: ([x, y], result) => {
    const [batch = 0, m = 0, n = 0] = result.shape;
    const depth = x.type.shape[2] ?? 0;
    const data = allocate(result.dtype, batch * m * n);
    for (let b = 0; b < batch; b++) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          const sum = new CompensatedSum();
          for (let k = 0; k < depth; k++) {
            const left = x.data[(b * m + i) * depth + k] ?? Number.NaN;
            const right = y.data[(b * depth + k) * n + j] ?? Number.NaN;
            sum.add(result.dtype === 'int32' ? Math.imul(left, right) : left * right);
          }
          data[(b * m + i) * n + j] = sum.value;
        }
      }
    }
    return data;
  },
  samples: () => [
    {
      title: 'matrices',
      operands: [{ shape: [1, 3, 5] }, { shape: [1, 5, 7] }],
      params: {},
    },
    {
      title: 'batches of odd extents',
      operands: [{ shape: [2, 1, 9] }, { shape: [2, 9, 3] }],
      params: {},
    },
    {
      title: 'tiles that are not full',
      operands: [{ shape: [2, 7, 9] }, { shape: [2, 9, 11] }],
      params: {},
    },
    {
      title: 'a few rows, of which a batch makes many',
      operands: [{ shape: [2, 3, 9] }, { shape: [2, 9, 11] }],
      params: {},
    },
    {
      title: 'a few columns, of which a batch makes many',
      operands: [{ shape: [2, 11, 9] }, { shape: [2, 9, 3] }],
      params: {},
    },
    {
      title: 'single elements',
      operands: [{ shape: [1, 1, 1] }, { shape: [1, 1, 1] }],
      params: {},
    },
    {
      title: 'an empty inner axis',
      operands: [{ shape: [1, 2, 0] }, { shape: [1, 0, 3] }],
      params: {},
    },
    {
      title: 'integers',
      operands: [
        { shape: [1, 2, 3], dtype: 'int32', from: -9, to: 9 },
        { shape: [1, 3, 2], dtype: 'int32', from: -9, to: 9 },
      ],
      params: {},
    },
  ],
});

function mergeBatch(x: Tensor): Tensor {
  const [size = 0, batch = 0, ...rest] = x.shape;
  return reshape(x, { shape: [size * batch, ...rest] });
}

/**
 * A batch of products that share one operand as one product with more rows or columns, where that
 * makes it worth tiles: vectors by one matrix are a product of matrices.
 */
function asOneProduct(
  [x, y]: readonly [Tensor, Tensor],
  [ofX, ofY]: readonly boolean[],
): Tensor | undefined {
  if (ofX === ofY) return undefined;
  const [left, right] = [ofX ? x.shape.slice(1) : x.shape, ofY ? y.shape.slice(1) : y.shape];
  const [, rows = 0, terms = 0] = left;
  const [batch = 0, , columns = 0] = right;
  const size = (ofX ? x : y).shape[0] ?? 0;
  const alone = sumOrder(x.dtype, { rows, columns, terms });
  const all = ofX
    ? { rows: size * rows, columns, terms }
    : { rows, columns: size * columns, terms };
  if (alone === sumOrder(x.dtype, all)) return undefined;
  if (ofX) {
    const tall = reshape(transpose(x, { perm: [1, 0, 2, 3] }), { shape: [batch, all.rows, terms] });
    const product = reshape(dot(tall, y), { shape: [batch, size, rows, columns] });
    return transpose(product, { perm: [1, 0, 2, 3] });
  }
  const wide = reshape(transpose(y, { perm: [1, 2, 0, 3] }), {
    shape: [batch, terms, all.columns],
  });
  const product = reshape(dot(x, wide), { shape: [batch, rows, size, columns] });
  return transpose(product, { perm: [2, 0, 1, 3] });
}

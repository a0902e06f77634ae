import { flattenIndex, unflattenIndex } from '../kernel/affine.ts';
import { formatShape, type Shape, ShapeError, sizeOf } from '../tensor/shape.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';

/** The same elements in row-major order under another shape. */
export const reshape: CallablePrimitive<1, { shape: Shape }> = definePrimitive({
  name: 'reshape',
  arity: 1,
  type: ([x], { shape }: { shape: Shape }) => {
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new ShapeError(
        `reshape: ${describeType(x)} has ${sizeOf(x.shape)} elements; ${formatShape(shape)} needs ${sizeOf(shape)}.`,
      );
    }
    return tensorType(x.dtype, shape, x.weak);
  },
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x]) => {
    if (isLinear(x)) x.add(reshape(ct, { shape: x.dense().shape }));
  },
  vmap: ([x], _, { shape }) => reshape(x, { shape: [x.shape[0] ?? 0, ...shape] }),
  dependence: 'selection',
  lower: {
    kind: 'pull',
    cost: 'view',
    at: ([read], index, { params, operands: [x] }) =>
      read(unflattenIndex(flattenIndex(index, params.shape), x.shape)),
  },
});

/** What the laws hold `reshape` to. */
export const reshapeLaws: Laws = forLaws<1, { shape: Shape }>(reshape, {
  reference: ([x]) => x.data.slice(),
  samples: () => [
    { title: '[6, 5] to [5, 6]', operands: [{ shape: [6, 5] }], params: { shape: [5, 6] } },
    { title: '[2, 3, 4] to [6, 4]', operands: [{ shape: [2, 3, 4] }], params: { shape: [6, 4] } },
    { title: '[7] to [7, 1]', operands: [{ shape: [7] }], params: { shape: [7, 1] } },
    { title: '[1, 1] to a scalar', operands: [{ shape: [1, 1] }], params: { shape: [] } },
    { title: 'no elements', operands: [{ shape: [0, 3] }], params: { shape: [5, 0] } },
    { title: 'integers', operands: [{ shape: [4], dtype: 'int32' }], params: { shape: [2, 2] } },
  ],
});

import { affineZero } from '../kernel/affine.ts';
import { allocate } from '../tensor/dtype.ts';
import { formatShape, rowMajorStrides, ShapeError, sizeOf } from '../tensor/shape.ts';
import { tensorType } from '../tensor/type.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';

/** Permutes axes: axis i of the result is axis `perm[i]` of the operand. */
export const transpose: CallablePrimitive<1, { perm: readonly number[] }> = definePrimitive({
  name: 'transpose',
  arity: 1,
  type: ([x], { perm }: { perm: readonly number[] }) => {
    if (perm.length !== x.shape.length || perm.some((_, axis) => !perm.includes(axis))) {
      throw new ShapeError(
        `transpose: [${perm.join(', ')}] is not a permutation of the axes of shape ${formatShape(x.shape)}.`,
      );
    }
    return tensorType(
      x.dtype,
      perm.map((axis) => x.shape[axis] ?? 0),
      x.weak,
    );
  },
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x], { perm }) => {
    if (isLinear(x)) x.add(transpose(ct, { perm: inverse(perm) }));
  },
  vmap: ([x], _, { perm }) => transpose(x, { perm: [0, ...perm.map((axis) => axis + 1)] }),
  dependence: 'selection',
  lower: {
    kind: 'pull',
    cost: 'view',
    at: ([read], index, { params }) =>
      read(inverse(params.perm).map((axis) => index[axis] ?? affineZero)),
  },
});

/** What the laws hold `transpose` to. */
export const transposeLaws: Laws = forLaws<1, { perm: readonly number[] }>(transpose, {
  reference: ([x], result, { perm }) => {
    const data = allocate(result.dtype, sizeOf(result.shape));
    const inner = rowMajorStrides(x.type.shape);
    const outer = rowMajorStrides(result.shape);
    for (let i = 0; i < data.length; i++) {
      let from = 0;
      perm.forEach((axis, k) => {
        from += (Math.floor(i / (outer[k] ?? 1)) % (result.shape[k] ?? 1)) * (inner[axis] ?? 0);
      });
      data[i] = x.data[from] ?? Number.NaN;
    }
    return data;
  },
  samples: () => [
    { title: 'a matrix', operands: [{ shape: [3, 5] }], params: { perm: [1, 0] } },
    { title: 'a cycle of three', operands: [{ shape: [2, 3, 7] }], params: { perm: [2, 0, 1] } },
    { title: 'a vector', operands: [{ shape: [4] }], params: { perm: [0] } },
    { title: 'a scalar', operands: [{ shape: [] }], params: { perm: [] } },
    { title: 'no rows', operands: [{ shape: [0, 3] }], params: { perm: [1, 0] } },
    { title: 'masks', operands: [{ shape: [3, 2], dtype: 'bool' }], params: { perm: [1, 0] } },
  ],
});

function inverse(perm: readonly number[]): number[] {
  return perm.map((_, axis) => perm.indexOf(axis));
}

import { cast as castExpr, compare, constant } from '../kernel/scalars.ts';
import { checkDType } from '../tensor/check.ts';
import { allocate, type DType, isFloat, toDtype } from '../tensor/dtype.ts';
import { tensorType } from '../tensor/type.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { specials } from './samples.ts';

/**
 * Conversion to another dtype. Floats to int32 are truncated toward zero and saturate, NaN gives 0;
 * anything but 0 is true.
 */
export const cast: CallablePrimitive<1, { dtype: DType }> = definePrimitive({
  name: 'cast',
  arity: 1,
  type: ([x], { dtype }: { dtype: DType }) => {
    checkDType('astype', dtype);
    return tensorType(dtype, x.shape);
  },
  linearize: ([x], { dtype }) =>
    isFloat(x.dtype) && isFloat(dtype)
      ? [cast(x, { dtype }), (dx) => cast(dx, { dtype })]
      : [cast(x, { dtype }), null],
  transpose: (ct, [x]) => {
    if (isLinear(x)) x.add(cast(ct, { dtype: x.dense().dtype }));
  },
  vmap: ([x], _, params) => cast(x, params),
  dependence: 'elementwise',
  lower: {
    kind: 'pull',
    cost: 'cheap',
    at: ([read], index, { params: { dtype } }) => {
      const x = read(index);
      return dtype === 'bool' && x.type !== 'bool'
        ? compare('ne', x, constant(x.type, 0))
        : castExpr(dtype, x);
    },
  },
  reference: ([x], _, { dtype }) => {
    const data = allocate(dtype, x.data.length);
    for (let i = 0; i < data.length; i++) data[i] = convert(x.data[i] ?? Number.NaN, dtype);
    return data;
  },
});

/** What the laws hold `cast` to. */
export const castLaws: Laws = forLaws<1, { dtype: DType }>(cast, {
  samples: () =>
    (['float64', 'float32', 'int32', 'bool'] as const).flatMap((dtype) => [...kinds(dtype)]),
});

function convert(value: number, dtype: DType): number {
  if (dtype !== 'int32') return toDtype(dtype, value);
  if (Number.isNaN(value)) return 0;
  return Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), Math.trunc(value)));
}

function kinds(dtype: DType): Sample<{ dtype: DType }>[] {
  const params = { dtype };
  const wide = [...specials, 1.5, -1.5, 2.9e9, -2.9e9, 1e-30];
  return [
    { title: `floats to ${dtype}`, operands: [{ shape: [3, 5], from: -9, to: 9 }], params },
    {
      title: `wide floats to ${dtype}`,
      operands: [{ shape: [wide.length], values: wide }],
      params,
      smooth: false,
    },
    {
      title: `integers to ${dtype}`,
      operands: [{ shape: [7], dtype: 'int32', from: -9, to: 9 }],
      params,
    },
    {
      title: `masks to ${dtype}`,
      operands: [{ shape: [5], dtype: 'bool', values: [0, 1, 1] }],
      params,
    },
    { title: `one float to ${dtype}`, operands: [{ shape: [1] }], params },
    { title: `nothing to ${dtype}`, operands: [{ shape: [0] }], params },
  ];
}

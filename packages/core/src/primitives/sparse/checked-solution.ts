import { binary, compare, constant } from '../../kernel/scalars.ts';
import { ShapeError } from '../../tensor/shape.ts';
import { describeType } from '../../tensor/type.ts';
import { isLinear } from '../cotangent.ts';
import { type CallablePrimitive, definePrimitive } from '../define.ts';
import { alignBatch } from '../elementwise.ts';
import { MatrixError } from '../factorization-error.ts';
import { forLaws, type Laws } from '../for-laws.ts';
import { checked } from './checked.ts';
import { times } from './positions.ts';

export interface CheckedParams {
  /** Order of the matrix. */
  readonly order: number;
}

/**
 * Solutions `[batch, ...]` as they are, unless the code of one, `[batch]`, is not 0: it is then 1 + the
 * row that has no pivot, which is an error.
 */
export const checkedSolution: CallablePrimitive<2, CheckedParams> = definePrimitive({
  name: 'checkedSolution',
  arity: 2,
  mayFail: true,
  type: ([x, code], _: CheckedParams) => {
    const fits = x.shape.length > 0 && code.shape.length === 1 && code.shape[0] === x.shape[0];
    if (fits && code.dtype === 'int32') return x;
    throw new ShapeError(
      `checkedSolution: needs [batch, ...] and int32 of [batch]; got ${describeType(x)} and ${describeType(code)}.`,
    );
  },
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x, code], params) => {
    if (isLinear(x) && !isLinear(code)) x.add(checkedSolution(ct, code, params));
  },
  idle: [null, 0],
  vmap: (operands, batched, params) => {
    const [x, code] = alignBatch(operands, batched);
    if (!x || !code) throw new Error('unreachable');
    const [size = 0, batch = 0, ...rest] = x.shape;
    const flat = checkedSolution(
      x.reshape([size * batch, ...rest]),
      code.reshape([size * batch]),
      params,
    );
    return flat.reshape(x.shape);
  },
  dependence: 'elementwise',
  lower: {
    kind: 'pull',
    cost: 'cheap',
    at: ([read, readCode], index, { params: { order }, operands: [x], site }) => {
      const [entry] = index;
      if (!entry) throw new Error('unreachable');
      const code = readCode([entry]);
      const about = { entries: x.shape[0] ?? 1, operation: 'sparse.lu' };
      const row = binary('sub', code, constant('int32', 1));
      return checked(
        compare('eq', code, constant('int32', 0)),
        read(index),
        site('noPivot', order, about),
        binary('add', times(entry, order), row),
      );
    },
  },
});

/** What the laws hold `checkedSolution` to. */
export const checkedSolutionLaws: Laws = forLaws<2, CheckedParams>(checkedSolution, {
  reference: ([x, code]) => {
    const [batch = 0] = code.type.shape;
    for (let entry = 0; entry < batch; entry++) {
      const row = code.data[entry] ?? 0;
      if (row === 0) continue;
      throw new MatrixError('sparse.lu', 'noPivot', { entry, pivot: row - 1, entries: batch });
    }
    return x.data.slice();
  },
  samples: () => [
    {
      title: 'columns',
      operands: [{ shape: [2, 3, 1] }, { shape: [2], dtype: 'int32', values: [0] }],
      params: { order: 3 },
    },
    {
      title: 'one number',
      operands: [{ shape: [1, 1, 1] }, { shape: [1], dtype: 'int32', values: [0] }],
      params: { order: 1 },
    },
    {
      title: 'nothing',
      operands: [{ shape: [0, 3, 1] }, { shape: [0], dtype: 'int32', values: [0] }],
      params: { order: 3 },
    },
  ],
});

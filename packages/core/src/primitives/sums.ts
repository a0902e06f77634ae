import { defineOperation, type Primitive } from './define.ts';
import { emitReductions, type ReduceParams, reduceSum } from './reduce.ts';

/**
 * The sums of several operands of one shape over the same axes. The compiler makes one of sums whose
 * operands are computed from the same values; no other code meets it.
 */
export const sums: Primitive = defineOperation({
  name: 'sums',
  typeOf: (operands, params) => operands.flatMap((operand) => reduceSum.typeOf([operand], params)),
  lower: {
    kind: 'nest',
    together: true,
    emit: (k, reads, { params, operands: [x] }) => {
      if (x && isReduce(params)) emitReductions(k, 'add', x.shape, params, reads);
    },
  },
});

function isReduce(params: object): params is ReduceParams {
  return 'axes' in params;
}

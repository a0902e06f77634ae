import type { WhileParams } from '../program/loops.ts';
import { unflatten } from '../program/tree.ts';
import { checkInt32, checkOptions } from '../tensor/check.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { bind } from '../trace/trace.ts';
import { flattenTensors } from '../transforms/trace-tree.ts';
import type { Argument, Traced } from '../transforms/types.ts';
import { traceBody, traceStep } from './carry.ts';
import { checkpointOf, type LoopCheckpoint } from './loop-checkpoint.ts';
import { whileOperation } from './while-operation.ts';

/** Options of `whileLoop`. */
export interface WhileOptions {
  /** Taking more steps than this is an error when the call runs. */
  readonly maxSteps?: number;
  /** What reverse mode keeps of the loop; see `scan`. */
  readonly checkpoint?: LoopCheckpoint;
}

/**
 * `while (cond(carry)) carry = body(carry)`, as one compiled loop; the carry is a tree and `cond`
 * gives a bool scalar. It can be differentiated in both modes without a bound on the number of
 * steps: reverse mode saves what each step needs on a growing stack.
 *
 * @throws TypeError when the carry changes its structure, shape or dtype.
 * @throws RangeError when the call runs and takes more than `maxSteps` steps.
 */
export function whileLoop<const C, const N extends Argument<Traced<C>>>(
  cond: (carry: Traced<C>) => Tensor,
  body: (carry: Traced<C>) => N,
  init: C,
  options: WhileOptions = {},
): Traced<C> {
  checkOptions('whileLoop', options, ['maxSteps', 'checkpoint']);
  const { maxSteps, checkpoint: policy = 'store' } = options;
  if (maxSteps !== undefined) checkInt32('whileLoop', 'maxSteps', maxSteps, 0);
  const [start, carryTree] = flattenTensors(init);
  const args = { kind: 'array', children: [carryTree] } as const;
  const { body: step, carry } = traceBody(
    'whileLoop',
    (values) => traceStep('whileLoop', body, args, values),
    start,
    carryTree,
    (result) => result,
  );
  const test = traceStep('whileLoop', cond, args, carry);
  if (test.result.kind !== 'leaf') {
    throw new TypeError('whileLoop: the condition must return one bool scalar.');
  }
  const checkpoint = checkpointOf('whileLoop', policy);
  const params: WhileParams = {
    ...(checkpoint !== undefined && { checkpoint }),
    cond: test.program,
    body: step.program,
    condConsts: test.captures.length,
    bodyConsts: step.captures.length,
    carry: carry.length,
    maxSteps: maxSteps ?? null,
  };
  const results = bind(whileOperation, [...test.captures, ...step.captures, ...carry], params);
  return unflatten<Traced<C>>(carryTree, results.slice(0, carry.length));
}

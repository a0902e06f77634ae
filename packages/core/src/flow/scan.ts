import { iota } from '../primitives/create.ts';
import { reshape } from '../primitives/reshape.ts';
import type { ScanParams } from '../program/loops.ts';
import { formatTree, type TreeDef, unflatten } from '../program/tree.ts';
import { checkFunction, checkInt32, checkOptions } from '../tensor/check.ts';
import { checkCount, formatShape, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { bind, evaluateProgram } from '../trace/trace.ts';
import { flattenTensors } from '../transforms/trace-tree.ts';
import type { Argument, Traced } from '../transforms/types.ts';
import { sliceType, traceBody, traceStep } from './carry.ts';
import { checkpointOf, type LoopCheckpoint, onlinePlaces } from './loop-checkpoint.ts';
import { scanOperation } from './scan-operation.ts';

/** Options of `scan`. */
export interface ScanOptions {
  /** Number of steps; needed when there is nothing to scan over. */
  readonly length?: number;
  /** From the last element to the first. */
  readonly reverse?: boolean;
  /** What reverse mode keeps of the loop. */
  readonly checkpoint?: LoopCheckpoint;
}

/**
 * A loop with a carry, over the leading axis of `xs`: `[carry, y] = f(carry, x)` for each x, as
 * one compiled loop. The result is the last carry and all y, stacked along a new first axis. Both
 * are trees. Without anything to scan over, `xs` is null and `length` says how many steps.
 *
 * Reverse mode saves what the derivative of one step needs for each step, and no more.
 *
 * @throws ShapeError when leading axes differ or no length is known.
 * @throws TypeError when the carry changes its structure, shape or dtype.
 */
export function scan<const C, const X, const N extends Argument<Traced<C>>, const Y>(
  f: (carry: Traced<C>, x: Traced<X>) => readonly [carry: N, y: Y],
  init: C,
  xs: X,
  options: ScanOptions = {},
): [carry: Traced<C>, ys: Traced<Y>] {
  checkOptions('scan', options, ['length', 'reverse', 'checkpoint']);
  const { length, reverse = false, checkpoint: policy = 'store' } = options;
  const [start, carryTree] = flattenTensors(init);
  const [elements, xTree] = flattenTensors(xs);
  const steps = scanLength(elements, length);
  const types = elements.map(sliceType);
  const { body, carry } = traceBody(
    'scan',
    (values) =>
      traceStep('scan', f, { kind: 'array', children: [carryTree, xTree] }, values, types),
    start,
    carryTree,
    (result) => {
      if (result.kind !== 'array' || result.children.length !== 2) throw notAPair(result);
      return result.children[0];
    },
  );
  const yTree = body.result.kind === 'array' ? body.result.children[1] : undefined;
  if (yTree === undefined) throw notAPair(body.result);
  const asked = checkpointOf('scan', policy);
  const both = (results: readonly Tensor[]): [carry: Traced<C>, ys: Traced<Y>] => [
    unflatten<Traced<C>>(carryTree, results.slice(0, carry.length)),
    unflatten<Traced<Y>>(yTree, results.slice(carry.length)),
  ];
  if (steps === 1) {
    // Outside of a loop, what is the same for a whole batch at the start stays so. There is nothing to
    // spare by computing the only step again, and a loop would add its derivatives in another order.
    const rows = elements.map((x, i) => reshape(x, { shape: types[i]?.shape ?? [] }));
    const results = evaluateProgram(body.program, [...body.captures, ...carry, ...rows]);
    return both(
      results.map((y, i) => (i < carry.length ? y : reshape(y, { shape: [1, ...y.shape] }))),
    );
  }
  const checkpoint = asked === 'online' ? onlinePlaces(steps) : asked;
  const params: ScanParams = {
    ...(checkpoint !== undefined && { checkpoint }),
    body: body.program,
    consts: body.captures.length,
    carry: carry.length,
    length: steps,
    reverse,
  };
  return both(bind(scanOperation, [...body.captures, ...carry, ...elements], params));
}

function notAPair(result: TreeDef): TypeError {
  return new TypeError(
    `scan: the body must return a pair [carry, y]; it returned ${formatTree(result)}. Where there is no y, return [carry, null].`,
  );
}

function scanLength(xs: readonly Tensor[], length: number | undefined): number {
  let steps = length;
  for (const x of xs) {
    const [extent] = x.shape;
    if (extent === undefined) {
      throw new ShapeError('scan: a scalar in xs has no axis to scan over; close over it instead.');
    }
    if (steps !== undefined && extent !== steps) {
      throw new ShapeError(
        `scan: xs of shape ${formatShape(x.shape)} has ${extent} steps where ${steps} are expected; leading axes (and length) must agree.`,
      );
    }
    steps = extent;
  }
  if (steps === undefined || !Number.isInteger(steps) || steps < 0) {
    throw new ShapeError(
      `scan: the number of steps is not known (length ${length}); give xs with a leading axis, or {length}.`,
    );
  }
  checkCount('scan', [steps]);
  return steps;
}

/** Options of `foriLoop`. */
export interface ForiOptions {
  /** What reverse mode keeps of the loop; see `scan`. */
  readonly checkpoint?: LoopCheckpoint;
}

/**
 * `carry = body(i, carry)` for i = lo ... hi - 1, as one compiled loop; i is an int32 scalar.
 *
 * @throws TypeError when the carry changes its structure, shape or dtype.
 */
export function foriLoop<const C, const N extends Argument<Traced<C>>>(
  lo: number,
  hi: number,
  body: (i: Tensor, carry: Traced<C>) => N,
  init: C,
  options: ForiOptions = {},
): Traced<C> {
  checkOptions('foriLoop', options, ['checkpoint']);
  const { checkpoint: policy = 'store' } = options;
  checkInt32('foriLoop', 'the lower bound', lo);
  checkInt32('foriLoop', 'the upper bound', hi);
  checkFunction('foriLoop', 'the body', body);
  const count = Math.max(0, hi - lo);
  checkCount('foriLoop', [count]);
  const steps = iota([], { size: count, dtype: 'int32' });
  const [carry] = scan((c: Traced<C>, i: Tensor) => [body(i.add(lo), c), null], init, steps, {
    checkpoint: policy,
  });
  return carry;
}

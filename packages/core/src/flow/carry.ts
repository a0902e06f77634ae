import type { Program } from '../program/program.ts';
import { formatTree, leafPaths, sameTree, type TreeDef } from '../program/tree.ts';
import { isFloat } from '../tensor/dtype.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { describeType, sameType, tensorType } from '../tensor/type.ts';
import { castTo } from '../transforms/cast-to.ts';
import { type TracedFunction, traceTree } from '../transforms/trace-tree.ts';

/** A traced loop body, and the initial carry in the dtypes that the body gives. */
export interface TracedBody {
  readonly body: TracedFunction;
  readonly carry: readonly Tensor[];
}

/**
 * Traces a loop body. Numbers in the initial carry are weak: they take the dtype that the body
 * gives them. Any other change of structure, shape or dtype is an error that names the leaf.
 */
export function traceBody(
  name: string,
  record: (carry: readonly Tensor[]) => TracedFunction,
  start: readonly Tensor[],
  carryTree: TreeDef,
  carryOf: (result: TreeDef) => TreeDef | undefined,
): TracedBody {
  let carry = start;
  for (let attempt = 0; ; attempt++) {
    const body = record(carry);
    const given = carryOf(body.result);
    if (given === undefined || !sameTree(given, carryTree)) {
      throw new TypeError(
        `${name}: the body must return the carry in the structure ${formatTree(carryTree)}; it returned ${formatTree(given ?? body.result)}.`,
      );
    }
    const outputs = body.program.outputs.map((output) => output.type);
    const wrong = carry.findIndex((x, i) => {
      const next = outputs[i];
      return !next || !sameType(x.type, next);
    });
    if (wrong < 0) return { body, carry };
    const next = outputs[wrong];
    const x = carry[wrong];
    const adaptable =
      x && next?.kind === 'tensor' && typeOf(x).weak && isFloat(next.dtype) && attempt < 2;
    if (!adaptable || next.shape.length !== x.ndim) {
      const path = leafPaths(carryTree)[wrong] || 'the carry';
      throw new TypeError(
        `${name}: ${path} starts as ${x ? describeType(x.type) : 'nothing'} and becomes ${next ? describeType(next) : 'nothing'}; the carry must keep its shape and dtype. Start it as it will be, for instance with zeros(shape, {dtype}) or astype.`,
      );
    }
    carry = carry.map((value, i) => {
      const type = outputs[i];
      return typeOf(value).weak && type?.kind === 'tensor' && isFloat(type.dtype)
        ? castTo(value, type.dtype)
        : value;
    });
  }
}

/** Traces a function of a carry and, for each step, further values. */
export function traceStep(
  name: string,
  f: (...args: never) => unknown,
  args: TreeDef,
  values: readonly Tensor[],
  extra: Program['inputs'][number]['type'][] = [],
): TracedFunction {
  return traceTree(name, f, args, [...values.map((value) => value.type), ...extra]);
}

/** The type of one element along the first axis. */
export function sliceType(x: Tensor): ReturnType<typeof tensorType> {
  const { dtype, shape, weak } = typeOf(x);
  return tensorType(dtype, shape.slice(1), weak);
}

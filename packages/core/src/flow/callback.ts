import { tensor } from '../functions/tensor.ts';
import { flatten, formatTree, sameTree, type TreeDef, unflatten } from '../program/tree.ts';
import { checkFunction, describeValue } from '../tensor/check.ts';
import { type DType, dtypes, isFloat } from '../tensor/dtype.ts';
import { type Shape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, type TensorType, tensorType } from '../tensor/type.ts';
import { bind } from '../trace/trace.ts';
import { flattenTensors } from '../transforms/trace-tree.ts';
import type { Traced } from '../transforms/types.ts';
import { type HostParams, hostOperation } from './host-operation.ts';

/** Shape and dtype of a tensor that a host function gives. */
export interface ResultType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A tree of tensors where the other has their types. */
export type ResultsOf<T> = T extends ResultType
  ? Tensor
  : T extends object
    ? { -readonly [K in keyof T]: ResultsOf<T[K]> }
    : T;

interface CallbackParams extends HostParams {
  readonly f: (...args: never) => unknown;
  readonly args: TreeDef;
  readonly result: TreeDef;
  readonly types: readonly TensorType[];
}

const callbackOperation = hostOperation<CallbackParams>({
  name: 'callback',
  effect: false,
  results: ({ types }) => types,
  call: (operands, { f, args, result, types }) => {
    const value: unknown = f(...unflatten<never>(args, operands));
    if (value instanceof Promise) {
      throw new TypeError(
        'callback: the function is async, and a compiled call cannot wait for it. Await what it needs before the call.',
      );
    }
    const [leaves, tree] = flattenTensors(value);
    if (!sameTree(tree, result)) {
      throw new TypeError(
        `callback: the function gave ${formatTree(tree)} where resultTypes says ${formatTree(result)}.`,
      );
    }
    return leaves.map((leaf, i) => checkedResult(leaf, i, types[i]));
  },
  linearize: (self, operands, params) => {
    if (params.types.some(({ dtype }) => isFloat(dtype))) {
      throw new TypeError(
        'callback: a function of JavaScript has no derivative of its own. Say what it is with customJvp or customVjp around the callback, or apply stopGradient to its arguments.',
      );
    }
    const outputs = bind(self, operands, params);
    return {
      outputs,
      active: outputs.map(() => false),
      pushforward: () => outputs.map(() => null),
    };
  },
});

function checkedResult(leaf: Tensor, i: number, type: TensorType | undefined): Tensor {
  const { type: given } = leaf;
  if (type === undefined || given.kind !== 'tensor') throw new Error('unreachable');
  const fits = given.dtype === type.dtype || (given.weak && isFloat(type.dtype));
  if (fits && sameShape(given.shape, type.shape)) return tensor(leaf, { dtype: type.dtype });
  throw new TypeError(
    `callback: the function gave ${describeType(given)} as result ${i}, where resultTypes says ${describeType(type)}.`,
  );
}

/**
 * Calls a JavaScript function out of compiled code: `f(...args)` with tensors that have values,
 * so that `item()` and `toArray()` work in it; trees keep their structure. It gives tensors (or
 * numbers) of the types that `resultTypes` says, which is one `{shape, dtype}` or a tree of them.
 *
 * f should be pure: it may be called less often than it is written, when its result is not needed or
 * known. Under `vmap` it is called once for each entry, in order. It may run tensor operations, and
 * what it throws is thrown by the call. It has no derivative; `customJvp` or `customVjp` around it
 * give it one. A function that is the same object each time is compiled once.
 *
 * ```ts
 * const lookup = (x: Tensor) => tensor(table.find(x.item()));
 * const f = jit((x: Tensor) => callback(lookup, { shape: [], dtype: 'float64' }, x).mul(2));
 * ```
 *
 * @throws TypeError when `resultTypes` is not a tree of types, when f gives something else (as the
 * call runs), and when it is differentiated.
 */
export function callback<const T, A extends readonly unknown[]>(
  f: (...args: { [K in keyof A]: Traced<A[K]> }) => unknown,
  resultTypes: T,
  ...args: A
): ResultsOf<T> {
  checkFunction('callback', 'the first argument', f);
  const types: TensorType[] = [];
  const [, result] = flatten(placeholders(resultTypes, types));
  const [leaves, treedef] = flattenTensors(args);
  const params: CallbackParams = { f, args: treedef, result, types, batch: [], masked: false };
  return unflatten<ResultsOf<T>>(result, bind(callbackOperation, leaves, params));
}

/** The tree with a number for each type, which are collected in the order of its leaves. */
function placeholders(tree: unknown, types: TensorType[]): unknown {
  if (isResultType(tree)) {
    types.push(tensorType(tree.dtype, [...tree.shape]));
    return 0;
  }
  if (Array.isArray(tree)) return tree.map((child) => placeholders(child, types));
  if (typeof tree === 'object' && tree !== null) {
    const keys = Object.keys(tree).sort();
    const entries = new Map(Object.entries(tree));
    return Object.fromEntries(keys.map((key) => [key, placeholders(entries.get(key), types)]));
  }
  throw new TypeError(
    `callback: resultTypes must be {shape, dtype} or a tree of such; it has ${describeValue(tree)}.`,
  );
}

function isResultType(value: unknown): value is ResultType {
  return (
    typeof value === 'object' &&
    value !== null &&
    'shape' in value &&
    'dtype' in value &&
    Array.isArray(value.shape) &&
    value.shape.every((extent) => Number.isInteger(extent) && extent >= 0) &&
    dtypes.some((dtype) => dtype === value.dtype)
  );
}

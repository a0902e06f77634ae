import { Cotangent } from '../primitives/cotangent.ts';
import { zeros } from '../primitives/create.ts';
import { formatTree, sameTree, type TreeDef, unflatten } from '../program/tree.ts';
import { checkFunction } from '../tensor/check.ts';
import { formatShape, ShapeError, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { TensorType, ValueType } from '../tensor/type.ts';
import { evaluateProgram, trace } from '../trace/trace.ts';
import { castTo } from './cast-to.ts';
import { checkDifferentiable } from './grad.ts';
import { zeroTangent } from './jvp.ts';
import { linearizeOnce } from './linearize-once.ts';
import type { LinearizedProgram } from './linearize-program.ts';
import { known } from './remember.ts';
import { flattenTensors, traceTree } from './trace-tree.ts';
import { transposeInto } from './transpose-program.ts';
import type { Arguments, Gradients } from './types.ts';

/** A function run once, with the residuals that its linear map needs. */
interface Linearization {
  readonly outputs: readonly Tensor[];
  readonly result: TreeDef;
  readonly args: TreeDef;
  readonly leaves: readonly Tensor[];
  readonly parts: LinearizedProgram;
  readonly residuals: readonly Tensor[];
}

function linearizeFunction(
  name: string,
  f: (...args: never) => unknown,
  args: readonly unknown[],
): Linearization {
  const [leaves, treedef] = flattenTensors(args);
  const types = leaves.map((leaf) => leaf.type);
  const every = types.map((_, i) => i);
  checkDifferentiable(name, treedef, types, every);
  const traced = traceTree(
    name,
    f,
    treedef,
    types,
    known(
      leaves,
      leaves.map(() => true),
    ),
  );
  const active = [...traced.captures.map(() => false), ...leaves.map(() => true)];
  const parts = linearizeOnce(traced.program, active);
  const results = evaluateProgram(parts.primal, [...parts.captures, ...traced.captures, ...leaves]);
  const count = traced.program.outputs.length;
  return {
    outputs: results.slice(0, count),
    result: traced.result,
    args: treedef,
    leaves,
    parts,
    residuals: results.slice(count),
  };
}

/**
 * Value of f and its pullback, by reverse mode: `[y, pullback]`, where `pullback(ct)` takes a
 * cotangent of y's structure and gives the cotangents of all arguments, as a list. The pullback
 * may be called any number of times.
 */
export function vjp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...args: Arguments<A>
): [y: R, pullback: (ct: R) => Gradients<A>] {
  const linear = linearizeFunction('vjp', f, args);
  const { program, captures } = transposedProgram(linear.parts);
  const pullback = (ct: R): Gradients<A> => {
    const [given, treedef] = flattenTensors(ct);
    const cts = likeResults('vjp pullback', given, treedef, linear);
    const moving = cts.filter((_, i) => linear.parts.active[i]);
    const results = evaluateProgram(program, [...captures, ...linear.residuals, ...moving]);
    return unflatten<Gradients<A>>(linear.args, results);
  };
  return [unflatten<R>(linear.result, linear.outputs), pullback];
}

/**
 * Value of f and its derivative at that point as a function: `[y, push]`, where `push(...tangents)`
 * gives the tangent of y. f runs once; each call of `push` runs the linear part only.
 */
export function linearize<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...args: Arguments<A>
): [y: R, push: (...tangents: Arguments<A>) => R] {
  const linear = linearizeFunction('linearize', f, args);
  const push = (...tangents: Arguments<A>): R => {
    const [given, treedef] = flattenTensors(tangents);
    if (!sameTree(treedef, linear.args)) {
      throw new TypeError(
        `linearize: tangents ${formatTree(treedef)} do not have the structure of the arguments ${formatTree(linear.args)}.`,
      );
    }
    const typed = given.map((tangent, i) => likeTensor('linearize', tangent, linear.leaves[i]));
    const moved = evaluateProgram(linear.parts.linear, [...linear.residuals, ...typed]);
    let next = 0;
    const results = linear.outputs.map((output, i) =>
      linear.parts.active[i] ? (moved[next++] ?? output) : zeroTangent(output),
    );
    return unflatten<R>(linear.result, results);
  };
  return [unflatten<R>(linear.result, linear.outputs), push];
}

/**
 * The transpose of a linear function: `linearTranspose(f, ...examples)(ct)` gives the list of
 * cotangents of f's arguments. The examples give shapes and dtypes; their values do not matter.
 */
export function linearTranspose<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...examples: Arguments<A>
): (ct: R) => Gradients<A> {
  checkFunction('linearTranspose', 'the first argument', f);
  const [, pullback] = vjp(f, ...examples);
  return pullback;
}

function likeResults(
  name: string,
  given: readonly Tensor[],
  treedef: TreeDef,
  { outputs, result }: Linearization,
): Tensor[] {
  if (!sameTree(treedef, result)) {
    throw new TypeError(
      `${name}: the cotangent ${formatTree(treedef)} does not have the structure of the result ${formatTree(result)}.`,
    );
  }
  return given.map((ct, i) => likeTensor(name, ct, outputs[i]));
}

function likeTensor(name: string, given: Tensor, like: Tensor | undefined): Tensor {
  if (like === undefined || !sameShape(given.shape, like.shape)) {
    throw new ShapeError(
      `${name}: shape ${formatShape(given.shape)} was given where ${formatShape(like?.shape ?? [])} is needed.`,
    );
  }
  return castTo(given, like.dtype);
}

const transposed = new WeakMap<LinearizedProgram, ReturnType<typeof trace>>();

/** `[...captures, ...residuals, ...cotangents of active outputs] -> cotangents of the inputs`. */
function transposedProgram(parts: LinearizedProgram): ReturnType<typeof trace> {
  let made = transposed.get(parts);
  if (made === undefined) {
    const { linear, residuals } = parts;
    const inputs = linear.inputs.map((input) => input.type);
    const cts = linear.outputs.map((output) => output.type);
    made = trace(
      [...inputs.slice(0, residuals), ...cts],
      (...all) => {
        const sums = inputs.slice(residuals).map((type) => new Cotangent(dense(type)));
        transposeInto(linear, [...all.slice(0, residuals), ...sums], all.slice(residuals));
        return sums.map((sum) => sum.get() ?? zeros(sum.dense()));
      },
      { name: 'vjp' },
    );
    transposed.set(parts, made);
  }
  return made;
}

function dense(type: ValueType): TensorType {
  if (type.kind === 'tensor') return type;
  throw new TypeError('A stack of loop residuals cannot be differentiated in from outside.');
}

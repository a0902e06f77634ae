import { add, crossMul, div, mul, neg, sub, tangentMul } from '../primitives/arithmetic.ts';
import { type BroadcastParams, broadcast } from '../primitives/broadcast.ts';
import { cast } from '../primitives/cast.ts';
import { and, eq, ge, gt, le, lt, ne, not, or } from '../primitives/compare.ts';
import { concatenate } from '../primitives/concatenate.ts';
import { primitiveOf } from '../primitives/define.ts';
import { reduceAll, reduceAny, reduceMax, reduceMin } from '../primitives/reduce.ts';
import { reshape } from '../primitives/reshape.ts';
import { select } from '../primitives/select.ts';
import { slice } from '../primitives/slice.ts';
import { transpose } from '../primitives/transpose.ts';
import type { Atom, Equation, Operation, Params } from '../program/program.ts';
import { allocate, isFloat } from '../tensor/dtype.ts';
import { sameShape } from '../tensor/shape.ts';
import { type TensorType, tensorType } from '../tensor/type.ts';
import type { Rewriter } from './rewrite.ts';

/**
 * Rules that hold for every operand in floating point, signed zeros, infinities and NaN included:
 * x * 0 stays, because it may be NaN, and so does x + 0, because -0 + 0 is 0.
 */
type Rule = (r: Rewriter, inputs: readonly Atom[], equation: Equation) => Atom | undefined;

const rules = new Map<Operation, Rule>([
  [mul, simplifyMul],
  [add, simplifyAdd],
  [sub, (r, [x, y]) => (x && y && Object.is(r.constantOf(y), 0) ? x : undefined)],
  [div, (r, [x, y]) => (x && y && r.constantOf(y) === 1 ? x : undefined)],
  [neg, (r, [x]) => x && r.madeBy(x, neg)?.inputs[0]],
  [not, (r, [x]) => x && r.madeBy(x, not)?.inputs[0]],
  [tangentMul, simplifyTangentMul],
  [crossMul, simplifyCrossMul],
  [select, simplifySelect],
  [cast, simplifyCast],
  [reshape, simplifyReshape],
  [broadcast, simplifyBroadcast],
  [transpose, simplifyTranspose],
  [slice, simplifySlice],
  [concatenate, simplifyConcatenate],
  ...[reduceMax, reduceMin, reduceAll, reduceAny].map((operation): [Operation, Rule] => [
    operation,
    reduceNothing,
  ]),
]);

/** Operations whose values for constants are computed here: those that round at most once. */
const foldable = new Set<Operation>([
  ...[add, sub, mul, div, neg, tangentMul, crossMul, select, cast],
  ...[eq, ne, lt, le, gt, ge, and, or, not],
]);

/** An atom that equals the result of an equation, where a rule finds one. */
export function simplifyEquation(r: Rewriter, equation: Equation): Atom | undefined {
  const folded = foldable.has(equation.operation) ? foldConstants(r, equation) : undefined;
  return folded ?? rules.get(equation.operation)?.(r, equation.inputs, equation);
}

function foldConstants(r: Rewriter, { operation, inputs, params, outputs }: Equation) {
  const values = inputs.map((input) => r.constantOf(input));
  const type = outputs[0]?.type;
  const { reference } = primitiveOf(operation);
  if (type?.kind !== 'tensor' || !reference || values.includes(undefined)) return undefined;
  const operands = inputs.map((input, i) => {
    const dtype = input.type.kind === 'tensor' ? input.type.dtype : type.dtype;
    const data = allocate(dtype, 1);
    data[0] = values[i] ?? 0;
    return { type: tensorType(dtype, []), data };
  });
  const [value] = reference(operands, tensorType(type.dtype, []), params);
  return value === undefined ? undefined : r.filled(value, type);
}

function simplifyMul(r: Rewriter, [x, y]: readonly Atom[]): Atom | undefined {
  if (!x || !y) return undefined;
  const [left, right] = [r.constantOf(x), r.constantOf(y)];
  if (right === 1) return x;
  if (left === 1) return y;
  if (right === -1) return r.applyOne(neg, [x]);
  if (left === -1) return r.applyOne(neg, [y]);
  return undefined;
}

function simplifyAdd(r: Rewriter, [x, y]: readonly Atom[]): Atom | undefined {
  if (!x || !y) return undefined;
  const isNeutral = (atom: Atom): boolean => {
    const value = r.constantOf(atom);
    if (atom.type.kind !== 'tensor') return false;
    return isFloat(atom.type.dtype) ? Object.is(value, -0) : value === 0;
  };
  if (isNeutral(y)) return x;
  if (isNeutral(x)) return y;
  return undefined;
}

function simplifyTangentMul(
  r: Rewriter,
  [coefficient, tangent]: readonly Atom[],
  { outputs }: Equation,
): Atom | undefined {
  if (!coefficient || !tangent) return undefined;
  const value = r.constantOf(tangent);
  const type = outputs[0]?.type;
  if (value === 0 && type?.kind === 'tensor') return r.filled(0, type);
  return value === undefined ? undefined : r.applyOne(mul, [coefficient, tangent]);
}

function simplifyCrossMul(
  r: Rewriter,
  [x, y]: readonly Atom[],
  { outputs }: Equation,
): Atom | undefined {
  if (!x || !y) return undefined;
  const [left, right] = [r.constantOf(x), r.constantOf(y)];
  const type = outputs[0]?.type;
  if ((left === 0 || right === 0) && type?.kind === 'tensor') return r.filled(0, type);
  if (right !== undefined) return r.applyOne(tangentMul, [y, x]);
  return left === undefined ? undefined : r.applyOne(tangentMul, [x, y]);
}

function simplifySelect(r: Rewriter, [condition, x, y]: readonly Atom[]): Atom | undefined {
  const known = condition && r.constantOf(condition);
  if (known !== undefined) return known === 0 ? y : x;
  return x === y ? x : undefined;
}

function simplifyCast(r: Rewriter, [x]: readonly Atom[], { outputs }: Equation): Atom | undefined {
  const type = outputs[0]?.type;
  if (x?.type.kind !== 'tensor' || type?.kind !== 'tensor') return undefined;
  if (x.type.dtype === type.dtype) return x;
  const source = r.madeBy(x, cast)?.inputs[0];
  const widened = x.type.dtype === 'float64' && source?.type.kind === 'tensor';
  return widened && source.type.kind === 'tensor' && source.type.dtype === type.dtype
    ? source
    : undefined;
}

function simplifyReshape(r: Rewriter, [x]: readonly Atom[], { outputs }: Equation) {
  const type = denseType(outputs[0]);
  if (!x || !type) return undefined;
  if (sameShape(denseType(x)?.shape ?? [], type.shape)) return x;
  const value = r.constantOf(x);
  if (value !== undefined) return r.filled(value, type);
  const source = r.madeBy(x, reshape)?.inputs[0];
  return source && r.applyOne(reshape, [source], { shape: type.shape });
}

function simplifyBroadcast(r: Rewriter, [x]: readonly Atom[], { outputs, params }: Equation) {
  const type = denseType(outputs[0]);
  if (!x || !type || !isBroadcast(params)) return undefined;
  if (sameShape(denseType(x)?.shape ?? [], type.shape)) return x;
  const inner = r.madeBy(x, broadcast);
  const source = inner?.inputs[0];
  if (!inner || !source || !isBroadcast(inner.params)) return undefined;
  const axes = inner.params.axes.map((axis) => params.axes[axis] ?? 0);
  return r.applyOne(broadcast, [source], { shape: type.shape, axes } satisfies BroadcastParams);
}

function simplifyTranspose(r: Rewriter, [x]: readonly Atom[], { outputs, params }: Equation) {
  const type = denseType(outputs[0]);
  if (!x || !type || !('perm' in params) || !isNumbers(params.perm)) return undefined;
  const { perm } = params;
  if (perm.every((axis, i) => axis === i)) return x;
  const value = r.constantOf(x);
  if (value !== undefined) return r.filled(value, type);
  const inner = r.madeBy(x, transpose);
  const source = inner?.inputs[0];
  if (!inner || !source || !('perm' in inner.params) || !isNumbers(inner.params.perm)) {
    return undefined;
  }
  const first = inner.params.perm;
  return r.applyOne(transpose, [source], { perm: perm.map((axis) => first[axis] ?? 0) });
}

function simplifySlice(r: Rewriter, [x]: readonly Atom[], { outputs, params }: Equation) {
  const type = denseType(outputs[0]);
  const source = x && denseType(x);
  if (!x || !type || !source || !('step' in params) || !isNumbers(params.step)) return undefined;
  const forward = params.step.every((step, axis) => step === 1 || source.shape[axis] === 1);
  if (forward && sameShape(source.shape, type.shape)) return x;
  const value = r.constantOf(x);
  return value === undefined ? undefined : r.filled(value, type);
}

/** Operands of one concatenation at most: a kernel takes only so many arrays. */
const joinLimit = 64;

function simplifyConcatenate(r: Rewriter, inputs: readonly Atom[], { params }: Equation) {
  if (inputs.length === 1) return inputs[0];
  if (inputs.length <= joinLimit) return undefined;
  const groups: Atom[] = [];
  for (let i = 0; i < inputs.length; i += joinLimit) {
    groups.push(r.applyOne(concatenate, inputs.slice(i, i + joinLimit), params));
  }
  return r.applyOne(concatenate, groups, params);
}

function reduceNothing(_: Rewriter, [x]: readonly Atom[], { params }: Equation): Atom | undefined {
  return 'axes' in params && isNumbers(params.axes) && params.axes.length === 0 ? x : undefined;
}

function denseType(atom: Atom | undefined): TensorType | undefined {
  return atom?.type.kind === 'tensor' ? atom.type : undefined;
}

function isBroadcast(params: Params): params is BroadcastParams {
  return 'axes' in params && isNumbers(params.axes);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((x) => typeof x === 'number');
}

import type { ElementOperand, KnownElements } from '../primitives/element-sets.ts';
import { formatTree, leafCount, type TreeDef } from '../program/tree.ts';
import { checkFunction, checkOptions } from '../tensor/check.ts';
import { type Data, isFloat } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sizeOf } from '../tensor/shape.ts';
import {
  type CompressedRows,
  patternFrom,
  type SparsityPattern,
} from '../tensor/sparsity-pattern.ts';
import { makeTensor, type Tensor, typeOf } from '../tensor/tensor.ts';
import { describeType } from '../tensor/type.ts';
import { evaluateProgram, isConcrete, isTraced } from '../trace/trace.ts';
import { checkDifferentiable, chooseLeaves } from './grad.ts';
import { linearizeOnce } from './linearize-once.ts';
import type { LinearizedProgram } from './linearize-program.ts';
import { known } from './remember.ts';
import { detectedPlan, givenPlan, type SparsePlan } from './sparse-plan.ts';
import { flattenTensors, type TracedFunction, traceTree } from './trace-tree.ts';
import type { Argnums, Arguments } from './types.ts';
import { UnknownPositions, varying } from './walk-elements.ts';

/** Options of `sparseJacobian`. */
export interface SparseJacobianOptions {
  /** Position of the argument to differentiate in, or several; 0 when left out. */
  readonly argnums?: Argnums;
  /**
   * Where the Jacobian may have entries; found from the function when left out. That there are none
   * elsewhere is the caller's promise: entries there would be added to others.
   */
  readonly pattern?: CompressedRows;
}

/** A Jacobian in compressed sparse rows. */
export interface SparseJacobian {
  /** Values of the entries, row by row: a differentiable tensor of shape `[nnz]`. */
  readonly data: Tensor;
  /** Where the entries are: `shape`, `indptr` and `indices`, which are not traced. */
  readonly pattern: SparsityPattern;
}

/**
 * The Jacobian of f in its first argument (or those of `argnums`) as a sparse matrix: a row for each
 * element of the result, a column for each element of the argument. Trees count as their leaves
 * one after the other, as `tree.ravel` puts them.
 *
 * The pattern is found by following f: which elements each operation takes, and which positions
 * indices name. It covers every entry that could differ from zero at some point. Rows or columns
 * that cannot meet then share a derivative, by a greedy colouring; what only moves variables to where
 * they are used, such as a gather, is left out of that and done by the positions of the entries.
 *
 * Indices have to be known while the function is recorded: under `jit` let f close over them, pass
 * them as `fixed(index)`, or give the pattern.
 *
 * @throws DTypeError when the argument or the result is not of one float dtype.
 * @throws ShapeError when a given pattern does not have the shape of the Jacobian.
 * @throws RangeError when the function depends on too much for a sparse matrix.
 * @see Curtis, Powell and Reid, On the Estimation of Sparse Jacobian Matrices (1974).
 * @see Gebremedhin, Manne and Pothen, What Color Is Your Jacobian? Graph Coloring for Computing
 * Derivatives (2005).
 */
export function sparseJacobian<A extends readonly unknown[] = readonly Tensor[], R = Tensor>(
  f: (...args: A) => R,
  options: SparseJacobianOptions = {},
): (...args: Arguments<A>) => SparseJacobian {
  checkFunction('sparseJacobian', 'the first argument', f);
  checkOptions('sparseJacobian', options, ['argnums', 'pattern']);
  const { argnums = 0 } = options;
  const given =
    options.pattern === undefined ? undefined : patternFrom('sparseJacobian', options.pattern);
  return (...args) => {
    const [leaves, treedef] = flattenTensors(args);
    const types = leaves.map((leaf) => leaf.type);
    const chosen = chooseLeaves('sparseJacobian', treedef, argnums).flatMap((c) => c.leaves);
    checkDifferentiable('sparseJacobian', treedef, types, chosen);
    if (chosen.some((leaf, i) => leaf <= (chosen[i - 1] ?? -1))) {
      throw new RangeError(
        'sparseJacobian: argnums rise, as the columns are in the order of arguments.',
      );
    }
    const moving = leaves.map((_, i) => chosen.includes(i));
    const traced = traceTree('sparseJacobian', f, treedef, types, known(leaves, moving));
    checkResult(
      traced,
      leaves.filter((_, i) => moving[i]),
    );
    const active = [...traced.captures.map(() => false), ...moving];
    const parts = linearizeOnce(traced.program, active);
    const inputs = [...parts.captures, ...traced.captures, ...leaves];
    const flags = [...parts.captures.map(() => false), ...active];
    if (given) checkShape(given, traced, leaves, moving);
    const { pattern, evaluate } = planOf(parts, inputs, flags, given);
    const [data] = evaluateProgram(evaluate.program, [...evaluate.captures, ...inputs]);
    if (!data) throw new Error('unreachable');
    return { data, pattern };
  };
}

/** A plan, and the elements of inputs that its pattern was found from. */
interface KeptPlan {
  readonly plan: SparsePlan;
  readonly given: SparsityPattern | undefined;
  readonly seen: ReadonlyMap<number, Data>;
}

const plans = new WeakMap<LinearizedProgram, KeptPlan[]>();

/** The patterns of one Program that are kept, for different positions. */
const most = 8;

function planOf(
  parts: LinearizedProgram,
  inputs: readonly Tensor[],
  moving: readonly boolean[],
  given: SparsityPattern | undefined,
): SparsePlan {
  const kept = plans.get(parts) ?? [];
  const values = inputs.map((input, i) => (moving[i] ? 'varies' : knownValue(input)));
  const found = kept.find(
    (one) =>
      one.given === given && [...one.seen].every(([input, data]) => isStill(values[input], data)),
  );
  if (found) return found.plan;
  const seen = new Map<number, Data>();
  const operands = inputs.map((input, i): ElementOperand => {
    if (moving[i]) return varying(input.type, null);
    const value = (): KnownElements => {
      const at = values[i] ?? 'varies';
      if (typeof at !== 'string' && !seen.has(i)) seen.set(i, copyOf(at));
      return at;
    };
    return { type: input.type, sets: null, value };
  });
  const plan = planFor(parts, operands, given);
  plans.set(parts, [{ plan, given, seen }, ...kept].slice(0, most));
  return plan;
}

function planFor(
  parts: LinearizedProgram,
  operands: readonly ElementOperand[],
  given: SparsityPattern | undefined,
): SparsePlan {
  try {
    return detectedPlan(parts, operands, given);
  } catch (error) {
    // What a pattern is given for: it cannot be found, or is more than there is in truth.
    const impossible = error instanceof UnknownPositions || error instanceof RangeError;
    if (given && impossible) return givenPlan(parts, given);
    throw error;
  }
}

function copyOf(tensor: Tensor): Data {
  return tensor.read((data) => data.slice());
}

function knownValue(input: Tensor): KnownElements {
  if (!isTraced(input)) return input;
  if (!isConcrete(input)) return 'recorded';
  const { source, type } = input;
  return 'concrete' in source ? makeTensor(type, source.concrete('sparseJacobian')) : input;
}

function isStill(value: KnownElements | undefined, data: Data): boolean {
  if (value === undefined || typeof value === 'string') return false;
  return value.read((now) => now.length === data.length && now.every((x, i) => x === data[i]));
}

function checkResult({ result, program }: TracedFunction, variables: readonly Tensor[]): void {
  const dtypes = new Set(variables.map(({ dtype }) => dtype));
  if (dtypes.size > 1) {
    throw new DTypeError(
      `sparseJacobian: the matrix has one dtype; the arguments have ${[...dtypes].join(' and ')}. Use astype.`,
    );
  }
  if (leafCount(result) === 0 || hasOther(result)) {
    throw new TypeError(
      `sparseJacobian: the function must return tensors; its result is ${formatTree(result)}.`,
    );
  }
  for (const { type } of program.outputs) {
    if (type.kind !== 'tensor' || !isFloat(type.dtype)) {
      throw new DTypeError(
        `sparseJacobian: a result is ${describeType(type)}; derivatives exist for float32 and float64 only.`,
      );
    }
    const [dtype] = dtypes;
    if (dtype !== undefined && type.dtype !== dtype) {
      throw new DTypeError(
        `sparseJacobian: the matrix has one dtype; the argument is ${dtype}, a result ${describeType(type)}. Use astype.`,
      );
    }
  }
}

function hasOther(result: TreeDef): boolean {
  if (result.kind === 'static') return true;
  return result.kind !== 'leaf' && result.children.some(hasOther);
}

function checkShape(
  { shape: [rows, columns] }: SparsityPattern,
  { program }: TracedFunction,
  leaves: readonly Tensor[],
  moving: readonly boolean[],
): void {
  const m = program.outputs.reduce(
    (sum, { type }) => sum + (type.kind === 'tensor' ? sizeOf(type.shape) : 0),
    0,
  );
  const n = leaves.reduce((sum, x, i) => sum + (moving[i] ? sizeOf(typeOf(x).shape) : 0), 0);
  if (m === rows && n === columns) return;
  throw new ShapeError(
    `sparseJacobian: the pattern is of shape [${rows}, ${columns}], the Jacobian of [${m}, ${n}].`,
  );
}

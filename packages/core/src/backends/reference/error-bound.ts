/**
 * How far a right implementation of a Program may be from the reference interpreter, by stochastic
 * arithmetic: the Program is run several times, and each time every rounded result moves at random
 * within K rounding units; one that is exact stays. The spread of the results is an estimate of what
 * rounding can do to this Program at these inputs, cancellation and conditioning included. Because
 * the effect of small perturbations is linear, a spread under K units is K times the error e of one.
 *
 * K = 8 is made up of: 4 units for elementary functions that are 2 ulp from correctly rounded, 1 for
 * the rounding of the reference itself, and the rest for the chance that few runs miss the worst
 * combination of signs. Sums and products of matrices, which the reference compensates, move by K
 * units of the sum of the magnitudes of their terms. That covers summation in any balanced order:
 * pairwise sums of n terms in blocks are off by about log2(n) units of it at worst, and by their
 * square root as a rule (Higham, Accuracy and Stability of Numerical Algorithms (2002), section 4.2).
 * Sums of 256 terms in order are off by 256 units at worst, but by a few as a rule. Scattered terms are
 * added in order, and are often equal, which is the worst: they may move the sum by a unit each, and count twice for the runs that miss it.
 *
 * Factorizations are right for matrices near those given, as near as rounding units of their largest
 * elements, and substitution for a triangle whose elements are each off by rounding units of their own
 * (Higham, theorems 9.3, 10.3, 19.4 and 8.5). So there the operands move by K of these units before
 * the reference is run on them.
 *
 * So it is with eigenvalues and singular values. But few random errors of the elements, E, hardly ever
 * point along the vectors of a value, and by Weyl's theorem any of them may move it by |E|_2, which is
 * at most the root of m n times the largest element of E. That far these values move themselves
 * (Golub and Van Loan, Matrix Computations (2013), corollaries 8.1.6 and 8.6.2).
 *
 * Of numbers that are not finite, a Fourier transform gives some that are not, infinite or NaN by the
 * order of its steps; so do sums of finite terms that overflow: then nothing is decided.
 *
 * In half of the runs, what is no larger than its errors is 0 after every other operation: hardly any
 * errors would make it that, and zeros are told apart by comparisons, and by reflections, which leave
 * columns of zeros alone. After all operations would be too many: a sum that cancels would then be 0
 * wherever such a column is.
 *
 * A Program that compares rounded numbers may decide differently when they move. Then no bound on
 * the results holds, and the case is reported as undecided.
 *
 * @see Vignes, A stochastic arithmetic for reliable scientific computation, Mathematics and
 *   Computers in Simulation 35 (1993) 233-261.
 */

import { type Primitive, primitiveOf, type ReferenceArray } from '../../primitives/define.ts';
import { MatrixError } from '../../primitives/factorization-error.ts';
import * as p from '../../primitives/index.ts';
import type { Equation, Params, Program } from '../../program/program.ts';
import { type Data, type DType, isFloat, roundingUnit, toDtype } from '../../tensor/dtype.ts';
import type { ValueStorage } from '../../tensor/storage.ts';
import type { TensorType } from '../../tensor/type.ts';
import {
  backwardStable,
  decompositions,
  decompositionUnits,
  K,
  magnitudes,
  sizesOfMatrices,
  summing,
  uncertainty,
} from './error-units.ts';
import { interpret, type Observe } from './interpret.ts';
import { lawsOf } from './laws.ts';
import { Noise } from './noise.ts';

/**
 * Perturbed runs, every other one with the opposite errors of the one before: what only errors of one sign
 * change, such as a maximum with 0, shows in one of both. The chance that a sum of two errors cancels
 * in all of them is below 2^-7.
 */
const runs = 16;

/** A result of the reference interpreter, and how far a right implementation may be from it. */
export interface BoundedResult {
  readonly data: Data;
  readonly bound: Float64Array;
}

/** Results with bounds, or the fact that a branch hangs on rounding. */
export interface Bounded {
  readonly undecided: boolean;
  readonly results: readonly BoundedResult[];
}

/** Primitives whose result is one of their operands' elements, or is exact for another reason. */
const exact: ReadonlySet<Primitive> = new Set<Primitive>([
  p.neg,
  p.abs,
  p.sign,
  p.floor,
  p.ceil,
  p.round,
  p.maximum,
  p.minimum,
  p.reduceMax,
  p.reduceMin,
  p.select,
  p.concatenate,
  p.take,
  p.dynamicSlice,
  p.permute,
  p.scatterMax,
  p.scatterMin,
  p.scatterSet,
  p.iota,
  p.pivotRows,
]);

/** Primitives of float results that jump. */
const jumping: ReadonlySet<Primitive> = new Set<Primitive>([p.sign, p.floor, p.ceil, p.round]);

/** Whether a right result is known by how rounding errors add up, and not within units of itself. */
export function isBounded(primitive: Primitive): boolean {
  return summing.has(primitive) || backwardStable.has(primitive) || !primitive.lower;
}

/** Runs a Program of dense results on the reference interpreter, with bounds. */
export function interpretWithBounds(
  program: Program,
  inputs: readonly ValueStorage[],
  seed = 1,
): Bounded {
  const bounded = new BoundedRuns(program, inputs, seed);
  while (bounded.widen());
  return bounded;
}

/**
 * Results with bounds that each perturbed run widens, for whoever needs no more of them once the
 * bounds are wide enough.
 */
export class BoundedRuns implements Bounded {
  undecided = false;
  readonly results: readonly BoundedResult[];
  readonly #program: Program;
  readonly #inputs: readonly ValueStorage[];
  readonly #seed: number;
  /** Differs, almost surely, between runs that decided differently. */
  readonly digest: number;
  #done = 0;

  constructor(program: Program, inputs: readonly ValueStorage[], seed = 1) {
    this.#program = program;
    this.#inputs = inputs;
    this.#seed = seed;
    const plain = new Decisions();
    this.results = interpret(program, inputs, plain.observe).map((storage, i): BoundedResult => {
      const data = denseData(storage);
      const type = program.outputs[i]?.type;
      const dtype = type?.kind === 'tensor' ? type.dtype : 'int32';
      // An infinity is near nothing else.
      const bound = Float64Array.from(data, (x) => (Number.isFinite(x) ? spacing(dtype, x) : 0));
      return { data, bound };
    });
    this.digest = plain.digest;
  }

  /** Makes one more perturbed run; false when all are made, or a branch was found undecided. */
  widen(): boolean {
    if (this.undecided || this.#done === runs) return false;
    const noise = new Noise(this.#seed * runs + (this.#done >> 1));
    const kick = this.#done % 2 === 0 ? () => noise.kick() : () => -noise.kick();
    const decisions = new Decisions(kick, (this.#done & 2) !== 0);
    this.#done += 1;
    const perturbed = interpret(this.#program, this.#inputs, decisions.observe);
    this.undecided = decisions.open || decisions.digest !== this.digest;
    this.results.forEach(({ data, bound }, i) => {
      const other = denseData(perturbed[i]);
      data.forEach((x, k) => {
        const y = other[k] ?? Number.NaN;
        if (Number.isFinite(x) !== Number.isFinite(y)) this.undecided = true;
        if (Number.isFinite(x)) bound[k] = Math.max(bound[k] ?? 0, Math.abs(x - y));
      });
    });
    return true;
  }
}

/** The next error, in units of the largest one of a rounding. */
type Kick = () => number;

/** Watches one run: sums up its decisions, and moves its rounded results when given noise. */
class Decisions {
  digest = 0;
  /** Whether the order of operations decides, and not the Program. */
  open = false;
  readonly #kick: Kick | undefined;
  readonly #zeros: boolean;

  /** With `zeros`, what may be 0 is 0, at random for each operation. */
  constructor(kick?: Kick, zeros = false) {
    this.#kick = kick;
    this.#zeros = zeros;
  }

  readonly observe: Observe = (equation, operands, { type, data }) => {
    const primitive = primitiveOf(equation.operation);
    if (primitive === p.butterfly && operands.some((x) => !x.data.every(Number.isFinite)))
      this.open = true;
    if (!isFloat(type.dtype) || jumping.has(primitive)) {
      for (const x of data) this.digest = (Math.imul(this.digest, 31) + Math.round(x)) | 0;
      return data;
    }
    if (this.#kick === undefined || isExact(equation, operands, type)) return data;
    if (backwardStable.has(primitive) || decompositions.has(primitive)) {
      return this.#nearby(primitive, operands, { type, data }, equation.params);
    }
    const sizes = magnitudes(equation, operands, { type, data });
    if (overflows(primitive, operands, sizes)) this.open = true;
    return this.#perturb(data, sizes, type, this.#kick);
  };

  /** The result for operands near those given. */
  #nearby(
    primitive: Primitive,
    operands: readonly ReferenceArray[],
    { type, data }: ReferenceArray,
    params: Params,
  ): Data {
    const kick = this.#kick;
    const { reference } = lawsOf(primitive);
    if (!reference || !kick) return data;
    const near = operands.map((operand) => ({
      type: operand.type,
      data: this.#perturb(operand.data, uncertainty(primitive, operand), operand.type, kick),
    }));
    try {
      const other = reference(near, type, params);
      if (decompositions.has(primitive))
        return this.#perturb(
          other,
          decompositionUnits(primitive, operands, other, params),
          type,
          kick,
        );
      if (primitive !== p.householderQr) return other;
      // Q is near the exact factor of a matrix that is near (Higham, section 19.3).
      return this.#perturb(other, sizesOfMatrices({ type, data: other }), type, kick);
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      // Rounding decides whether there is a result.
      this.digest = (this.digest + 1) | 0;
      return data;
    }
  }

  #perturb(data: Data, scale: Data, { dtype }: TensorType, kick: Kick): Data {
    const moved = data.slice();
    const zeros = this.#zeros && kick() > 0;
    data.forEach((x, i) => {
      const size = scale[i] ?? 0;
      if (size === 0 || !Number.isFinite(x)) return;
      const error = K * spacing(dtype, size);
      moved[i] = zeros && Math.abs(x) <= error ? 0 : toDtype(dtype, x + kick() * error);
    });
    return moved;
  }
}

function isExact(
  { operation, params }: Equation,
  operands: readonly ReferenceArray[],
  { dtype }: TensorType,
): boolean {
  const primitive = primitiveOf(operation);
  if (primitive === p.dynamicUpdate) return 'mode' in params && params.mode === 'set';
  if (primitive === p.cast) return dtype === 'float64' || operands[0]?.type.dtype === dtype;
  const { lower } = primitive;
  return exact.has(primitive) || (lower?.kind === 'pull' && lower.cost === 'view');
}

/** Whether the order of steps decides which of them overflow. */
function overflows(
  primitive: Primitive,
  operands: readonly ReferenceArray[],
  magnitudes: Data,
): boolean {
  if (!summing.has(primitive) || magnitudes.every(Number.isFinite)) return false;
  return operands.every(({ data }) => data.every(Number.isFinite));
}

/** The largest error of one rounding to a number of this size; 0 for integers. */
function spacing(dtype: DType, x: number): number {
  if (!isFloat(dtype)) return 0;
  // Half of the smallest float64 is no number.
  const smallest = dtype === 'float64' ? 2 ** -1074 : 2 ** -150;
  return Math.max(roundingUnit(dtype) * Math.abs(x), smallest);
}

function denseData(storage: ValueStorage | undefined): Data {
  if (storage?.kind === 'dense') return storage.data;
  throw new Error('Bounds are known for dense results only.');
}

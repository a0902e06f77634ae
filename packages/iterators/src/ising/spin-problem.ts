import {
  broadcastTo,
  clip,
  full,
  isConcrete,
  ShapeError,
  softplus,
  type sparse,
  type Tensor,
  type TensorLike,
  tensor,
} from '@grad/core';
import { readSearch, type SearchEnd, type SearchOptions } from '../search.ts';
import { type Couplings, readCouplings } from './couplings.ts';

/**
 * Spins s_i = 1 or -1 with the energy -sum over pairs i < j of J_ij s_i s_j - sum of h_i s_i, in
 * equilibrium at the inverse temperature beta.
 */
export interface IsingProblem {
  /**
   * Couplings, shape [n, n] or sparse with both (i, j) and (j, i). Those of a pair are averaged, so that a
   * derivative in one of them is half of that in the pair; the diagonal does not matter.
   */
  readonly J: TensorLike | sparse.SparseMatrix;
  /** Fields, shape [n], or one for all. */
  readonly h: TensorLike;
  /** Inverse temperature: above 0. */
  readonly beta: TensorLike;
}

/** Options of `meanField`, `tap` and `bethe`. */
export interface IsingOptions extends SearchOptions {
  /**
   * Magnetizations to start from, shape [n] or one for all, between -1 and 1; 0.5 when left out. Where
   * there are several solutions, the search ends at the one whose basin it starts in.
   */
  readonly start?: TensorLike;
}

/** Means of spins, as an approximation gives them. */
export interface IsingState extends SearchEnd {
  /** Mean of each spin: shape [n]. */
  readonly magnetization: Tensor;
  /** Approximation of -ln(Z) / beta. */
  readonly freeEnergy: Tensor;
}

/** A problem that was read and checked. */
export interface SpinProblem {
  readonly couplings: Couplings;
  readonly h: Tensor;
  readonly beta: Tensor;
  readonly start: Tensor;
  readonly search: Required<SearchOptions>;
}

export function readProblem(
  name: string,
  problem: IsingProblem,
  options: IsingOptions = {},
): SpinProblem {
  const couplings = readCouplings(name, problem.J);
  const { spins } = couplings;
  const beta = tensor(problem.beta, { dtype: 'float64' });
  if (beta.size !== 1 || beta.ndim > 0) {
    throw new ShapeError(
      `${name}: beta has shape [${beta.shape.join(', ')}]; it is one number. For several use vmap.`,
    );
  }
  if (isConcrete(beta) && !(beta.item() > 0 && Number.isFinite(beta.item()))) {
    throw new RangeError(`${name}: beta is ${beta.item()}; give a finite number above 0.`);
  }
  const start =
    options.start === undefined
      ? full([spins], 0.5)
      : perSpin(name, 'start', options.start, spins, (x) => x >= -1 && x <= 1, 'between -1 and 1');
  return {
    couplings,
    h: perSpin(name, 'h', problem.h, spins, Number.isFinite, 'finite'),
    beta,
    start: clip(start, -0.999999, 0.999999), // whose field is finite
    search: readSearch(name, options, { damping: 0.5, more: ['start'] }),
  };
}

function perSpin(
  name: string,
  what: string,
  given: TensorLike,
  spins: number,
  holds: (x: number) => boolean,
  expected: string,
): Tensor {
  const values = tensor(given, { dtype: 'float64' });
  if (values.ndim > 0 && (values.ndim > 1 || values.size !== spins)) {
    throw new ShapeError(
      `${name}: ${what} has shape [${values.shape.join(', ')}]; ${spins} spins need a vector of as many, or one number.`,
    );
  }
  if (isConcrete(values)) {
    values.read((numbers) => {
      const wrong = numbers.findIndex((x) => !holds(x));
      if (wrong >= 0) {
        throw new RangeError(
          `${name}: ${what} is ${numbers[wrong]} at spin ${wrong}; it must be ${expected}.`,
        );
      }
    });
  }
  return broadcastTo(values, [spins]);
}

/** ln(2 cosh x), the logarithm of the partition function of one spin in the field x. */
export function logPartition(x: Tensor): Tensor {
  return softplus(x.mul(2)).sub(x);
}

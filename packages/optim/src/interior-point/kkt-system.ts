import type { SparsityPattern } from '@grad/core';
import { addTo, infinityNorm } from '../vectors.ts';
import { FactorPattern, SymmetricFactor } from './ldl.ts';
import type { Derivatives, SparseValues } from './nonlinear-program.ts';

/** Makes pivots of constraints that depend on each other different from 0. */
const dualRegularization = 1e-10;

/**
 * Newton's system of an interior-point method, in variables x and slacks s of the inequalities:
 *
 *     [ W + S + w I     A'   ] [ dz ]
 *     [ A             -e I   ] [ dy ]     with A = [ J, 0 ; K, -I ]
 *
 * W is the Hessian of the Lagrangian and S the diagonal of the bounds.
 */
export class KktSystem {
  readonly #n: number;
  readonly #equalities: number;
  readonly #constraints: number;
  readonly #size: number;
  #last: { readonly factor: SymmetricFactor; readonly pattern: KktPattern } | undefined;
  #entries = new Float64Array();

  constructor(n: number, equalities: number, inequalities: number) {
    this.#n = n;
    this.#equalities = equalities;
    this.#constraints = equalities + inequalities;
    this.#size = n + inequalities + this.#constraints;
  }

  /** Negative eigenvalues that the matrix has where the step is one of descent. */
  get wanted(): number {
    return this.#constraints;
  }

  /** Factorizes; whether the eigenvalues have the right signs. */
  factorize(
    { hessian, jacobian }: Derivatives,
    scales: Float64Array,
    diagonal: Float64Array,
    shift: number,
  ): boolean {
    const { factor, pattern } = this.#prepare(hessian, jacobian);
    const { lower, jacobianRows } = pattern;
    const z = diagonal.length;
    const inequalities = z - this.#n;
    const entries = this.#entries;
    entries.fill(0);
    let at = 0;
    for (let i = 0; i < z; i++) entries[at++] = (diagonal[i] ?? 0) + shift;
    for (let i = z; i < this.#size; i++) entries[at++] = -dualRegularization;
    for (let i = 0; i < inequalities; i++) entries[at++] = -1;
    for (let p = 0; p < lower.length; p++) entries[at++] = hessian.data[lower[p] ?? 0] ?? 0;
    for (let p = 0; p < jacobianRows.length; p++) {
      entries[at++] = (jacobian?.data[p] ?? 0) * (scales[jacobianRows[p] ?? 0] ?? 1);
    }
    return factor.factorize(entries) === this.wanted;
  }

  #prepare(
    hessian: SparseValues,
    jacobian: SparseValues | null,
  ): { readonly factor: SymmetricFactor; readonly pattern: KktPattern } {
    const pattern = patternOf(hessian, jacobian, this.#equalities, this.#size);
    if (this.#last?.pattern === pattern) return this.#last;
    this.#entries = new Float64Array(pattern.rows.length);
    this.#last = { pattern, factor: new SymmetricFactor(pattern.factor) };
    return this.#last;
  }

  /** The solution by the last factors, with refinement. */
  solve(b: Float64Array): Float64Array {
    if (!this.#last) throw new Error('unreachable: solve before factorize');
    const { factor, pattern } = this.#last;
    const x = factor.solve(b);
    let last = Number.POSITIVE_INFINITY;
    for (let k = 0; k < 5; k++) {
      const rest = this.#residual(pattern, x, b);
      const size = infinityNorm(rest);
      if (!(size < last / 2) || size === 0) break;
      last = size;
      addTo(x, 1, factor.solve(rest));
    }
    return x;
  }

  #residual({ rows, columns }: KktPattern, x: Float64Array, b: Float64Array): Float64Array {
    const rest = b.slice();
    const entries = this.#entries;
    for (let p = 0; p < entries.length; p++) {
      const value = entries[p] ?? 0;
      const row = rows[p] ?? 0;
      const column = columns[p] ?? 0;
      rest[row] = (rest[row] ?? 0) - value * (x[column] ?? 0);
      if (row !== column) rest[column] = (rest[column] ?? 0) - value * (x[row] ?? 0);
    }
    return rest;
  }
}

/** Places of entries in a system, and of those of its factors. */
interface KktPattern {
  readonly jacobian: SparsityPattern | undefined;
  readonly equalities: number;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** Which entries of the Hessian are in its lower triangle, and the rows of those of the Jacobian. */
  readonly lower: Int32Array;
  readonly jacobianRows: Int32Array;
  readonly factor: FactorPattern;
}

/** Patterns that were found, by that of the Hessian: programs that are solved again have the same. */
const known = new WeakMap<SparsityPattern, KktPattern>();

function patternOf(
  hessian: SparseValues,
  jacobian: SparseValues | null,
  equalities: number,
  size: number,
): KktPattern {
  const found = known.get(hessian.pattern);
  const isFound =
    found?.jacobian === jacobian?.pattern &&
    found?.equalities === equalities &&
    found.factor.size === size;
  if (found && isFound) return found;
  const [n] = hessian.pattern.shape;
  const constraints = jacobian?.pattern.shape[0] ?? 0;
  const z = size - constraints;
  const places: (readonly [number, number])[] = [];
  for (let i = 0; i < size; i++) places.push([i, i]);
  for (let i = n; i < z; i++) places.push([z + equalities + i - n, i]);
  const lower: number[] = [];
  let entry = 0;
  eachEntry(hessian, (row, column) => {
    if (row >= column) {
      places.push([row, column]);
      lower.push(entry);
    }
    entry++;
  });
  const jacobianRows: number[] = [];
  if (jacobian) {
    eachEntry(jacobian, (row, column) => {
      places.push([z + row, column]);
      jacobianRows.push(row);
    });
  }
  const pattern: KktPattern = {
    jacobian: jacobian?.pattern,
    equalities,
    rows: Int32Array.from(places, ([row]) => row),
    columns: Int32Array.from(places, ([, column]) => column),
    lower: Int32Array.from(lower),
    jacobianRows: Int32Array.from(jacobianRows),
    factor: new FactorPattern(size, z, places),
  };
  known.set(hessian.pattern, pattern);
  return pattern;
}

/** Goes through the entries row by row. */
export function eachEntry(
  { pattern, data }: SparseValues,
  visit: (row: number, column: number, value: number) => void,
): void {
  const { indptr, indices } = pattern;
  const [rows] = pattern.shape;
  for (let row = 0; row < rows; row++) {
    for (let p = indptr[row] ?? 0; p < (indptr[row + 1] ?? 0); p++) {
      visit(row, indices[p] ?? 0, data[p] ?? 0);
    }
  }
}

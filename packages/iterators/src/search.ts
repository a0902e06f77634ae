import { type AsyncOptions, jit, type Tensor } from '@grad/core';
import { fixedPoint, type SolveStatus, solveStatus } from '@grad/solve';
import { checkNumber, checkOptions } from './check.ts';

/** How fixed points are searched for. */
export interface SearchOptions {
  /** Largest element of |f(x) - x| to stop at; 1e-12 when left out. */
  readonly tol?: number;
  /** 10,000 when left out. */
  readonly maxIterations?: number;
  /**
   * Share of the last iterate in the next one, in [0, 1): slower, and it ends oscillations. 0.5 when
   * left out for spins, 0 for the others.
   */
  readonly damping?: number;
  /**
   * `picard`, when left out, repeats f and stays on the branch of the start. `anderson` needs far fewer
   * iterations, and may end on another branch.
   */
  readonly solver?: 'picard' | 'anderson';
}

/** How a search ended, besides its result. */
export interface SearchEnd {
  /** Largest element of |f(x) - x|. */
  readonly residual: Tensor;
  /** int32. */
  readonly iterations: Tensor;
  /** Number of the status: int32, for use inside `jit` and `vmap`; `solveStatus` of `@grad/solve` names it. */
  readonly code: Tensor;
}

/** A result with its status, which is known only outside of `jit` and `vmap`. */
export type WithStatus<R extends SearchEnd> = R & { readonly status: SolveStatus };

const searchOptionNames = ['tol', 'maxIterations', 'damping', 'solver'] as const;

type Search = Required<SearchOptions>;

/** Fills in and checks the options of a search, and refuses others than those and `more`. */
export function readSearch(
  name: string,
  options: SearchOptions,
  { damping: usual, more = [] }: { readonly damping: number; readonly more?: readonly string[] },
): Search {
  checkOptions(name, options, [...searchOptionNames, ...more]);
  const { tol = 1e-12, maxIterations = 10_000, damping = usual, solver = 'picard' } = options;
  checkNumber(name, 'tol', tol, (x) => x >= 0, 'a number of 0 or more');
  const isCount = (x: number): boolean => Number.isInteger(x) && x >= 1;
  checkNumber(name, 'maxIterations', maxIterations, isCount, 'a whole number of 1 or more');
  checkNumber(name, 'damping', damping, (x) => x >= 0 && x < 1, 'a number in [0, 1)');
  if (solver !== 'picard' && solver !== 'anderson') {
    throw new TypeError(
      `${name}: solver is ${JSON.stringify(solver)}; give 'picard' or 'anderson'.`,
    );
  }
  return { tol, maxIterations, damping, solver };
}

/** x = f(x), by damped iteration. */
export function search(
  f: (x: Tensor) => Tensor,
  start: Tensor,
  { tol, maxIterations, damping, solver }: Search,
): SearchEnd & { readonly x: Tensor } {
  const speed = 1 - damping;
  const step = (x: Tensor): Tensor => (damping === 0 ? f(x) : x.mul(damping).add(f(x).mul(speed)));
  const found = fixedPoint((x: Tensor) => step(x), start, undefined, {
    tol: tol * speed,
    maxIterations,
    solver,
  });
  const { value, residual, iterations, code } = found;
  return { x: value, residual: residual.div(speed), iterations, code };
}

/** Runs a search in one compiled call. */
export function runSearch<R extends SearchEnd>(compute: () => R): WithStatus<R> {
  return withStatus(jit(compute)());
}

/** The same in slices. */
export async function runSearchAsync<R extends SearchEnd>(
  compute: () => R,
  { signal, onProgress }: AsyncOptions,
): Promise<WithStatus<R>> {
  const how = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return withStatus(await jit(compute).async([], how));
}

/** The status is hidden from trees, so that results can be returned from compiled functions. */
function withStatus<R extends SearchEnd>(end: R): WithStatus<R> {
  const result = { ...end };
  defineStatus(result);
  return result;
}

function defineStatus<R extends SearchEnd>(end: R): asserts end is WithStatus<R> {
  Object.defineProperty(end, 'status', { get: () => solveStatus(end.code) });
}

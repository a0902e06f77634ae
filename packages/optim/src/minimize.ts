import { concatenate, type Tensor, type Traced, tensor, tree } from '@grad/core';
import { createPause } from './event-loop.ts';
import { boundsOf } from './interior-point/bounds.ts';
import { elementNames } from './interior-point/element-names.ts';
import { type InteriorPoint, interiorPoint } from './interior-point/interior-point.ts';
import { compileProgram, feasibilityProgram } from './interior-point/nonlinear-program.ts';
import { lbfgs } from './lbfgs.ts';
import type {
  ConstrainedMinimum,
  MinimizeOptions,
  Multipliers,
  Violation,
} from './minimize-options.ts';
import { checkCount, checkSize } from './options.ts';

/** Violations that are named. */
const namedViolation = 1e-6;
/** How often violations are made small on the way before it gives up. */
const mostRestorations = 3;

/**
 * Minimizes a smooth scalar function of a tree, where wanted within bounds and under equalities and
 * inequalities. Without them by L-BFGS; with them by a primal-dual interior-point method with exact second derivatives, whose
 * sparsity is found and used: thousands of unknowns are fine where each constraint has few of them.
 *
 * It finds a local minimum. All functions must be pure; they are compiled once. The minimization gives
 * way to timers and events every 16 ms, and does not throw when it fails to converge.
 *
 * @param f scalar function of tensors in the structure of `x0`
 * @param x0 tensors and numbers in arrays and objects, float64; it need not satisfy anything
 * @throws TypeError when x0 is not float64, or bounds do not fit; RangeError when an option makes no sense or a lower
 * bound is above an upper one.
 * @see A. Wächter and L. Biegler, On the implementation of an interior-point filter line-search algorithm
 * for large-scale nonlinear programming, Math. Program. 106 (2006) 25.
 */
export async function minimize<const X, E = null, I = null>(
  f: (x: Traced<X>) => Tensor,
  x0: X,
  options: MinimizeOptions<X, E, I> = {},
): Promise<ConstrainedMinimum<X, E, I>> {
  const { method = 'auto', bounds, equalities, inequalities } = options;
  const { tolerance = 1e-8, maxIterations = 1000, callback, signal } = options;
  checkCount('minimize', 'maxIterations', maxIterations, 0);
  checkSize('minimize', 'tolerance', tolerance);
  if (!['auto', 'lbfgs', 'interiorPoint'].includes(method)) {
    throw new RangeError(
      `minimize: method is '${method}'; it can be auto, lbfgs or interiorPoint.`,
    );
  }
  const isFree = !bounds && !equalities && !inequalities;
  if (method === 'lbfgs' && !isFree) {
    throw new RangeError(
      "minimize: lbfgs takes neither bounds nor constraints; leave method out, or use 'interiorPoint'.",
    );
  }
  const [vector, unravel] = tree.ravel(x0);
  if (vector.dtype !== 'float64') {
    throw new TypeError(
      `minimize: the start is ${vector.dtype}; minimization is done in float64. Convert it with astype('float64').`,
    );
  }
  const toTree = (x: Float64Array): Traced<X> => unravel(tensor(x));
  const first = unravel(vector);
  const atFirst = { equal: equalities?.(first) ?? null, least: inequalities?.(first) ?? null };
  const [held, toEqualities] = tree.ravel<E | null>(atFirst.equal);
  const [least, toInequalities] = tree.ravel<I | null>(atFirst.least);
  const multipliersOf = (values: MultiplierValues): Multipliers<X, E, I> => ({
    equalities: retype<Traced<E>>(toEqualities(tensor(values.equalities))),
    inequalities: retype<Traced<I>>(toInequalities(tensor(values.inequalities))),
    lower: toTree(values.lower),
    upper: toTree(values.upper),
  });

  if (isFree && method !== 'interiorPoint') {
    const { x, value, iterations, status, message } = await lbfgs<X>(f, x0, {
      maxIterations,
      gradientTolerance: tolerance,
      signal,
      onIteration: (at) =>
        callback?.({
          iteration: at.iteration,
          value: at.value,
          violation: 0,
          error: at.gradientNorm,
          get x() {
            return at.x;
          },
        }),
    });
    const none = new Float64Array(vector.size);
    const empty = new Float64Array();
    return {
      x,
      value,
      multipliers: multipliersOf({
        equalities: empty,
        inequalities: empty,
        lower: none,
        upper: none,
      }),
      violated: [],
      iterations,
      status: status === 'lineSearchFailed' || status === 'stalled' ? 'stuck' : status,
      message,
    };
  }

  const c = (x: Tensor): Tensor => {
    const at = unravel(x);
    return concatenate([
      tree.ravel(equalities?.(at) ?? null)[0],
      tree.ravel(inequalities?.(at) ?? null)[0],
    ]);
  };
  const names = [
    ...elementNames(atFirst.equal, 'equalities'),
    ...elementNames(atFirst.least, 'inequalities'),
  ];
  const { lower, upper } = boundsOf(first, bounds);
  const start = Float64Array.from(vector.dataSync());
  const shape = { lower, upper, equalities: held.size, inequalities: least.size };
  const program = compileProgram((x) => f(unravel(x)), names.length > 0 ? c : null, {
    ...shape,
    start,
  });
  const violations = ({ c: values }: Pick<InteriorPoint, 'c'>): Float64Array =>
    values.map((value, i) => (i < held.size ? Math.abs(value) : Math.max(0, -value)));
  const largest = (v: Float64Array): number => v.reduce((most, one) => Math.max(most, one), 0);
  const pause = createPause();
  let iterations = -1;
  let last: InteriorPoint | undefined;
  const follow = async (point: InteriorPoint): Promise<void> => {
    iterations++;
    last = point;
    callback?.({
      iteration: iterations,
      value: point.f,
      violation: largest(violations(point)),
      error: point.error,
      get x() {
        return toTree(point.x);
      },
    });
    await pause();
    signal?.throwIfAborted();
  };
  const end = (
    point: InteriorPoint,
    status: ConstrainedMinimum<X, E, I>['status'],
    why: string,
  ): ConstrainedMinimum<X, E, I> => {
    const amounts = violations(point);
    const violated: Violation[] = names
      .flatMap((name, i) => {
        const amount = amounts[i] ?? 0;
        return amount > namedViolation || Number.isNaN(amount) ? [{ name, amount }] : [];
      })
      .sort((a, b) => b.amount - a.amount);
    const [worst] = violated;
    const note = worst
      ? ` ${violated.length} constraints do not hold; the worst is ${worst.name}, by ${worst.amount}.`
      : '';
    const y = point.multipliers.map((value) => -value);
    return {
      x: toTree(point.x),
      value: point.f,
      multipliers: multipliersOf({
        equalities: y.slice(0, held.size),
        inequalities: y.slice(held.size),
        lower: point.lowerMultipliers,
        upper: point.upperMultipliers.map((value) => -value),
      }),
      violated,
      iterations: Math.max(iterations, 0),
      status,
      message: `${why}${note}`,
    };
  };

  const nowhere: InteriorPoint = {
    x: start,
    f: Number.NaN,
    c: new Float64Array(),
    multipliers: new Float64Array(names.length),
    lowerMultipliers: new Float64Array(start.length),
    upperMultipliers: new Float64Array(start.length),
    error: Number.NaN,
  };
  try {
    signal?.throwIfAborted();
    let from = start;
    for (let restorations = 0; ; restorations++) {
      const left = (): number => Math.max(0, maxIterations - Math.max(iterations, 0));
      const settings = { tolerance, signal, onIteration: follow };
      const found = await interiorPoint(
        { ...program, start: from },
        { ...settings, maxIterations: left() },
      );
      const violation = largest(violations(found));
      const say = `After ${iterations} iterations the error is ${found.error} and the value ${found.f}.`;
      if (found.kind !== 'stuck') return end(found, found.kind, say);
      if (violation <= namedViolation || restorations === mostRestorations) {
        return end(found, 'stuck', `${say} No step makes it better.`);
      }
      const feasible = await interiorPoint(feasibilityProgram(c, { ...shape, start: found.x }), {
        tolerance: tolerance / 100,
        maxIterations: left(),
        signal,
        onIteration: pauseOnly,
      });
      const values = await program.values(feasible.x, signal);
      const there = { ...found, x: feasible.x, f: values.f, c: values.c };
      if (largest(violations(there)) > namedViolation) {
        return end(
          there,
          'infeasible',
          `After ${iterations} iterations the violations are as small as they get around there.`,
        );
      }
      from = Float64Array.from(feasible.x);
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
    return end(last ?? nowhere, 'aborted', 'The signal was aborted.');
  }

  async function pauseOnly(): Promise<void> {
    await pause();
    signal?.throwIfAborted();
  }
}

interface MultiplierValues {
  readonly equalities: Float64Array;
  readonly inequalities: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

function retype<T>(value: unknown): T {
  const [leaves, structure] = tree.flatten(value);
  return tree.unflatten<T>(structure, leaves);
}

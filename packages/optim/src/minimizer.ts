import {
  type Argument,
  concatenate,
  ShapeError,
  type Tensor,
  type Traced,
  tensor,
  tree,
} from '@grad/core';
import { createPause } from './event-loop.ts';
import { boundsOf } from './interior-point/bounds.ts';
import { elementNames } from './interior-point/element-names.ts';
import { type InteriorPoint, interiorPoint } from './interior-point/interior-point.ts';
import {
  compileFeasibility,
  compileProgram,
  type VectorFunction,
} from './interior-point/nonlinear-program.ts';
import { lbfgsFrom } from './lbfgs.ts';
import type {
  ConstrainedMinimum,
  MinimizerConstraints,
  MinimizerOptions,
  Multipliers,
  Violation,
} from './minimize-options.ts';
import { checkFloat64, compileObjective } from './objective.ts';
import { checkCount, checkSize } from './options.ts';

/** Violations that are named. */
const namedViolation = 1e-6;
/** How often violations are made small on the way before it gives up. */
const mostRestorations = 3;

/**
 * `minimize`, prepared for many problems of one form: what is recorded and compiled is kept, so that the functions are
 * not called again. What is to differ from one problem to the next goes into `args`, besides the start, the bounds and
 * the other options.
 *
 * `x0` and `args` show structures and shapes; only `constraints` are evaluated there. A number where there was a tensor of
 * shape [] is recorded once more, as by `jit`. Minimizations by one minimizer may run at the same time.
 *
 * @param f scalar function of tensors in the structures of `x0` and `args`
 * @param x0 tensors and numbers in arrays and objects, float64
 * @param args tensors and numbers in arrays and objects
 * @returns a function of a start and arguments, which ends as `minimize` does
 * @throws TypeError when x0 is not float64, and, when it is called, TypeError or ShapeError when a start or arguments have
 * another structure or other shapes, and what `minimize` throws.
 */
export function minimizer<const X, const A = undefined, E = null, I = null>(
  f: (x: Traced<NoInfer<X>>, args: Traced<NoInfer<A>>) => Tensor,
  x0: X,
  args: A,
  constraints: MinimizerConstraints<X, A, E, I> = {},
): (
  x0: Argument<Traced<X>>,
  args: Argument<Traced<A>>,
  options?: MinimizerOptions<X>,
) => Promise<ConstrainedMinimum<X, E, I>> {
  return prepare<X, A, E, I>('minimizer', f, { ...constraints, x0, args });
}

/** The same, for starts and arguments of any type, which are checked. */
export function prepare<X, A, E, I>(
  name: string,
  f: (x: Traced<X>, args: Traced<A>) => Tensor,
  {
    x0,
    args,
    equalities,
    inequalities,
  }: MinimizerConstraints<X, A, E, I> & { readonly x0: X; readonly args: A },
): (
  x0: unknown,
  args: unknown,
  options?: MinimizerOptions<X>,
) => Promise<ConstrainedMinimum<X, E, I>> {
  const [vector, unravel] = tree.ravel(x0);
  checkFloat64(name, vector);
  const [argLeaves, argStructure] = tree.flatten(args);
  const argsOf = (leaves: readonly Tensor[]): Traced<A> =>
    tree.unflatten<Traced<A>>(argStructure, leaves);
  const toTree = (x: Float64Array): Traced<X> => unravel(tensor(x));
  const first = unravel(vector);
  const atFirst = {
    equal: equalities?.(first, argsOf(argLeaves)) ?? null,
    least: inequalities?.(first, argsOf(argLeaves)) ?? null,
  };
  const [held, toEqualities] = tree.ravel<E | null>(atFirst.equal);
  const [least, toInequalities] = tree.ravel<I | null>(atFirst.least);
  const names = [
    ...elementNames(atFirst.equal, 'equalities'),
    ...elementNames(atFirst.least, 'inequalities'),
  ];
  const multipliersOf = (values: MultiplierValues): Multipliers<X, E, I> => ({
    equalities: retype<Traced<E>>(toEqualities(tensor(values.equalities))),
    inequalities: retype<Traced<I>>(toInequalities(tensor(values.inequalities))),
    lower: toTree(values.lower),
    upper: toTree(values.upper),
  });
  const value: VectorFunction = (x, leaves) => f(unravel(x), argsOf(leaves));
  const c: VectorFunction = (x, leaves) => {
    const [at, given] = [unravel(x), argsOf(leaves)];
    return concatenate([
      tree.ravel(equalities?.(at, given) ?? null)[0],
      tree.ravel(inequalities?.(at, given) ?? null)[0],
    ]);
  };
  const objective = once(() => compileObjective(value, unravel));
  const compiled = once(() => compileProgram(value, names.length > 0 ? c : null));
  const feasibility = once(() => compileFeasibility(c, held.size));

  return async (givenX0, givenArgs, options = {}) => {
    const { method = 'auto', bounds } = options;
    const { tolerance = 1e-8, maxIterations = 1000, callback, signal } = options;
    checkCount(name, 'maxIterations', maxIterations, 0);
    checkSize(name, 'tolerance', tolerance);
    if (!['auto', 'lbfgs', 'interiorPoint'].includes(method)) {
      throw new RangeError(
        `${name}: method is '${method}'; it can be auto, lbfgs or interiorPoint.`,
      );
    }
    const isFree = !bounds && !equalities && !inequalities;
    if (method === 'lbfgs' && !isFree) {
      throw new RangeError(
        `${name}: lbfgs takes neither bounds nor constraints; leave method out, or use 'interiorPoint'.`,
      );
    }
    const leaves = leavesLike(name, 'args', args, givenArgs);
    const x = leavesLike(name, 'x0', x0, givenX0);
    const from = x.length > 0 ? concatenate(x.map((leaf) => leaf.reshape([leaf.size]))) : vector;
    if (isFree && method !== 'interiorPoint') {
      const { x, value, iterations, status, message } = await lbfgsFrom<X>(
        objective()(from, leaves),
        {
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
        },
      );
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

    const { lower, upper } = boundsOf(first, bounds);
    const start = Float64Array.from(from.dataSync());
    const setting = { lower, upper, equalities: held.size, inequalities: least.size };
    const program = compiled()({ ...setting, start }, leaves);
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
        const feasible = await interiorPoint(
          feasibility()({ ...setting, start: found.x }, leaves),
          {
            tolerance: tolerance / 100,
            maxIterations: left(),
            signal,
            onIteration: pauseOnly,
          },
        );
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
  };
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

/** The leaves of a tree that is to be like another. */
function leavesLike(name: string, of: string, like: unknown, given: unknown): readonly Tensor[] {
  // Says by itself how structures differ.
  const leaves = tree.leaves(tree.map((_, own) => own, like, given));
  tree.leaves(like).forEach(({ shape, dtype }, i) => {
    const own = leaves[i];
    if (own?.dtype !== dtype) {
      throw new TypeError(
        `${name}: a leaf of ${of} is ${own?.dtype}; it was prepared for ${dtype}. Convert it with astype('${dtype}').`,
      );
    }
    if (own.ndim !== shape.length || own.shape.some((extent, axis) => extent !== shape[axis])) {
      throw new ShapeError(
        `${name}: a leaf of ${of} is [${own.shape}]; it was prepared for [${shape}].`,
      );
    }
  });
  return leaves;
}

/** What is made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

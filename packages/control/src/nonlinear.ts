/**
 * A problem of control as one minimization. Where that ends with constraints that do not hold, a second one keeps the
 * equations of motion and the bounds of controls, and looks for the way that comes nearest to all else: so what is
 * reported is the landing that is missed, and by how much, and not an equation of the discretization.
 */

import { grad, jit, type Tensor } from '@grad/core';
import { type ConstrainedMinimum, minimizer } from '@grad/optim';
import type { FullProblem, Inputs } from './problem.ts';
import type { ControlViolation, FollowOptions } from './solution.ts';

/** Violations that are named. */
const named = 1e-6;

/** Unknowns of a discretization; states and durations may be empty. */
export type Unknowns = { states: Tensor; controls: Tensor; durations: Tensor };

/** What solutions of one discretization may differ in. */
export type Data = Inputs & {
  /** Lengths of the intervals of a phase, as shares of its duration. */
  readonly shares: Tensor;
};

type OfUnknowns = (at: Unknowns, data: Data) => Tensor;

/** A discretized problem. Functions are recorded once. */
export interface Discretization {
  readonly lower: Unknowns;
  readonly upper: Unknowns;
  /** The same, with bounds of states beside given values at the end. */
  readonly whole: {
    readonly lower: Unknowns;
    readonly upper: Unknowns;
    readonly path: Discretization['path'];
  };
  /** The bounds without those of states. */
  readonly free: { readonly lower: Unknowns; readonly upper: Unknowns };
  readonly cost: OfUnknowns;
  /** Equations of motion, k points by n. */
  readonly defects: OfUnknowns | null;
  /** What the durations lack to the horizon, where it is given. */
  readonly horizon: ((at: Unknowns) => Tensor) | null;
  /** By how much components of the end differ from what is wanted. */
  readonly terminal: OfUnknowns | null;
  /** What is to be at most 0 and no bound of an unknown, k points by q. */
  readonly path: OfUnknowns | null;
  /** All that is to be at most 0, bounds of states too, k points by `names`. */
  readonly limits: OfUnknowns | null;
  readonly names: readonly string[];
  /** Times of the k points. */
  readonly times: OfUnknowns;
}

type Equal = { defects: Tensor | null; horizon: Tensor | null; terminal: Tensor | null };
type Below = { path: Tensor };
type Found = ConstrainedMinimum<Unknowns, Equal, Below | null>;

/** Multipliers of constraints. */
export type Pull = { readonly equalities: Equal; readonly inequalities: Below | null };

/** How a minimization ended. */
export interface NonlinearEnd {
  readonly x: Unknowns;
  readonly cost: number;
  readonly status: Found['status'];
  readonly message: string;
  readonly iterations: number;
  readonly violated: readonly ControlViolation[];
  /** Null where there is no solution. */
  readonly multipliers: Pull | null;
  /** The derivative of the least cost in the parameters. */
  readonly gradient: Tensor | null;
}

/** Compiles what solves a discretized problem, from a guess. */
export function compileNonlinear(
  problem: FullProblem,
  discrete: Discretization,
): (guess: Unknowns, data: Data, follow: FollowOptions) => Promise<NonlinearEnd> {
  const { lower, upper, path } = discrete;
  const motion = (at: Unknowns, data: Data): Equal => ({
    defects: discrete.defects?.(at, data) ?? null,
    horizon: discrete.horizon?.(at) ?? null,
    terminal: null,
  });
  const held = (at: Unknowns, data: Data): Equal => ({
    ...motion(at, data),
    terminal: discrete.terminal?.(at, data) ?? null,
  });
  const belowOf = (of: Discretization['path']) =>
    of ? (at: Unknowns, data: Data): Below => ({ path: of(at, data).neg() }) : undefined;
  const misses = (at: Unknowns, data: Data): Tensor =>
    discrete.terminal?.(at, data).square().sum().mul(0.5) ?? at.controls.sum().mul(0);
  const beyond = (at: Unknowns, data: Data): Tensor => {
    const over = discrete.limits?.(at, data).maximum(0).square().sum().mul(0.5);
    return over ? misses(at, data).add(over) : misses(at, data);
  };
  const prepared = (
    f: OfUnknowns,
    equalities: typeof held,
    inequalities?: ReturnType<typeof belowOf>,
  ) => {
    let made: Minimizer | undefined;
    return (guess: Unknowns, data: Data): Minimizer => {
      made ??= minimizer<Unknowns, Data, Equal, Below | null>(f, guess, data, {
        equalities,
        inequalities,
      });
      return made;
    };
  };
  const least = prepared(discrete.cost, held, belowOf(path));
  const close = prepared(misses, motion, belowOf(discrete.whole.path));
  const loose = prepared(beyond, motion);
  const costOf = jit(discrete.cost);
  const look = jit((at: Unknowns, data: Data) => ({
    times: discrete.times(at, data),
    off: discrete.terminal?.(at, data) ?? null,
    horizon: discrete.horizon?.(at) ?? null,
    limits: discrete.limits?.(at, data) ?? null,
    defects: discrete.defects?.(at, data).abs() ?? null,
  }));
  /** The cost changes as the Lagrangian does where unknowns and multipliers stay. */
  const envelope = jit(
    (x: Unknowns, equalities: Equal, below: Below | null, data: Data): Tensor => {
      const lagrangian = (theta: Tensor): Tensor => {
        const at = { ...data, theta };
        const parts = [
          equalities.defects && discrete.defects?.(x, at).mul(equalities.defects).sum(),
          equalities.terminal && discrete.terminal?.(x, at).mul(equalities.terminal).sum(),
          below && path?.(x, at).neg().mul(below.path).sum(),
        ];
        return parts.reduce<Tensor>(
          (sum, part) => (part ? sum.sub(part) : sum),
          discrete.cost(x, at).add(theta.sum().mul(0)),
        );
      };
      return grad(lagrangian)(data.theta);
    },
  );

  return async (guess, data, { maxIterations, signal, onIteration }) => {
    const follow = { maxIterations, signal, tolerance: 1e-10 };
    const solve = (from: Unknowns): Promise<Found> =>
      least(guess, data)(from, data, {
        ...follow,
        bounds: { lower, upper },
        callback: onIteration,
      });

    let found = await solve(guess);
    let { iterations } = found;
    const isLost = (): boolean =>
      (found.status === 'infeasible' || found.status === 'stuck') && found.violated.length > 0;
    if (isLost()) {
      const near = await nearest([found.x, guess, longer(guess)]);
      const missed = violations(near);
      if (missed.length > 0) {
        return {
          x: near,
          cost: costOf(near, data).item(),
          status: 'infeasible',
          message: `No way was found that holds all constraints; ${sentence(missed)}.`,
          iterations,
          violated: missed,
          multipliers: null,
          gradient: null,
        };
      }
      found = await solve(near);
      iterations += found.iterations;
    }
    const violated = violations(found.x);
    const isSound = found.status === 'converged' && violated.length === 0;
    const { equalities, inequalities } = found.multipliers;
    return {
      x: found.x,
      cost: found.value,
      status: found.status,
      message: messageOf(found, violated),
      iterations,
      violated,
      multipliers: isSound ? { equalities, inequalities } : null,
      gradient:
        isSound && data.theta.size > 0 ? envelope(found.x, equalities, inequalities, data) : null,
    };

    /** The way that comes nearest to the end that is wanted, or, where bounds are in the way, to these too. */
    async function nearest(starts: readonly Unknowns[]): Promise<Unknowns> {
      let best: Found | undefined;
      // What is nearest around one start need not be so around another.
      for (const from of starts) {
        const bounds = { lower: discrete.whole.lower, upper: discrete.whole.upper };
        const one = await close(guess, data)(from, data, { ...follow, bounds });
        const isBetter = one.violated.length === 0 && !(one.value >= (best?.value ?? Infinity));
        if (isBetter) best = one;
        if (violations(one.x).length === 0) break;
      }
      if (best) return best.x;
      const [from = guess] = starts;
      return (await loose(guess, data)(from, data, { ...follow, bounds: discrete.free })).x;
    }

    function violations(at: Unknowns): ControlViolation[] {
      const { times: points, off, horizon, limits, defects } = look(at, data);
      const times = numbers(points);
      const end = times.at(-1) ?? 0;
      const ends = problem.terminal.flatMap((value, c) => (value === null ? [] : [c]));
      const misses = off ? numbers(off) : [];
      const all: ControlViolation[] = [
        ...ends.map((c, i) => ({
          name: `terminal[${c}]`,
          amount: Math.abs(misses[i] ?? 0),
          time: end,
        })),
        ...(horizon ? numbers(horizon) : []).map((lack) => ({
          name: 'horizon',
          amount: Math.abs(lack),
          time: end,
        })),
        ...worst(limits, discrete.names, times),
        ...worst(
          defects,
          problem.initial.map((_, c) => `dynamics[${c}]`),
          times,
        ),
      ];
      return all
        .filter(({ amount }) => amount > named || Number.isNaN(amount))
        .sort((a, b) => b.amount - a.amount);
    }
  };
}

type Minimizer = ReturnType<typeof minimizer<Unknowns, Data, Equal, Below | null>>;

/** The same for twice the time. */
function longer(at: Unknowns): Unknowns {
  return { ...at, durations: at.durations.mul(2) };
}

/** The largest of each column of values [k, names], with its time. */
function worst(
  values: Tensor | null,
  names: readonly string[],
  times: readonly number[],
): ControlViolation[] {
  if (!values) return [];
  const all = numbers(values);
  return names.map((name, i) => {
    let [amount, time] = [-Infinity, 0];
    times.forEach((t, k) => {
      const value = all[k * names.length + i] ?? 0;
      if (value > amount || Number.isNaN(value)) [amount, time] = [value, t];
    });
    return { name, amount, time };
  });
}

/** Violations in words, the worst three of them. */
export function sentence(violated: readonly ControlViolation[]): string {
  const parts = violated
    .slice(0, 3)
    .map(({ name, amount, time }) => `${name} is missed by ${short(amount)} at t = ${short(time)}`);
  const more = violated.length > 3 ? `, and ${violated.length - 3} more` : '';
  return `${parts.join(', ')}${more}`;
}

function messageOf(
  { status, iterations, value, x }: Found,
  violated: readonly ControlViolation[],
): string {
  const where = `after ${iterations} iterations, at a cost of ${short(value)}`;
  const far = farthest(x);
  const texts: Record<Found['status'], string> = {
    converged: `Converged ${where}.`,
    unbounded: `The cost falls without end ${where}: ${far}. Bound it, or let it cost something.`,
    maxIterations: `The iterations were used up ${where}.`,
    stuck: `No step makes it better ${where}.`,
    infeasible: `No way was found that holds all constraints ${where}.`,
    notFinite: `The cost, the dynamics or a derivative is not finite ${where}; start from another guess, or bound states and controls.`,
    aborted: `The signal was aborted ${where}.`,
  };
  const note = violated.length > 0 ? ` Constraints do not hold: ${sentence(violated)}.` : '';
  return `${texts[status]}${note}`;
}

/** The component that is farthest from 0. */
function farthest({ states, controls, durations }: Unknowns): string {
  const all = Object.entries({ states, controls, durations }).flatMap(([name, tensor]) => {
    const last = tensor.shape.at(-1) ?? 1;
    return numbers(tensor).map((value, i) => ({ name: `${name}[${i % last}]`, value }));
  });
  const far = all.reduce((most, one) => (Math.abs(one.value) > Math.abs(most.value) ? one : most));
  return `${far.name} has reached ${short(far.value)}`;
}

const short = (value: number): string => String(Number(value.toPrecision(6)));
export const numbers = (values: Tensor): number[] => Array.from(values.dataSync());

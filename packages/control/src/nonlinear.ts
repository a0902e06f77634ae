/**
 * A problem of control as one minimization. Where that ends with constraints that do not hold, a second one keeps the
 * equations of motion and the bounds of controls, and looks for the way that comes nearest to all else: so what is
 * reported is the landing that is missed, and by how much, and not an equation of the discretization.
 */

import { grad, type Tensor } from '@grad/core';
import { type ConstrainedMinimum, minimize } from '@grad/optim';
import type { FullProblem } from './problem.ts';
import type { ControlViolation, FollowOptions } from './solution.ts';

/** Violations that are named. */
const named = 1e-6;

/** Unknowns of a discretization; states and durations may be empty. */
export type Unknowns = { states: Tensor; controls: Tensor; durations: Tensor };

/** A discretized problem. Functions of unknowns and parameters. */
export interface Discretization {
  readonly guess: Unknowns;
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
  readonly cost: (at: Unknowns, theta: Tensor) => Tensor;
  /** Equations of motion, k points by n. */
  readonly defects: ((at: Unknowns, theta: Tensor) => Tensor) | null;
  /** What the durations lack to the horizon, where it is given. */
  readonly horizon: ((at: Unknowns) => Tensor) | null;
  /** By how much components of the end differ from what is wanted. */
  readonly terminal: ((at: Unknowns, theta: Tensor) => Tensor) | null;
  /** What is to be at most 0 and no bound of an unknown, k points by q. */
  readonly path: ((at: Unknowns, theta: Tensor) => Tensor) | null;
  /** All that is to be at most 0, bounds of states too, k points by `names`. */
  readonly limits: ((at: Unknowns, theta: Tensor) => Tensor) | null;
  readonly names: readonly string[];
  /** Times of the k points. */
  readonly times: (at: Unknowns) => Tensor;
}

type Equal = { defects: Tensor | null; horizon: Tensor | null; terminal: Tensor | null };
type Below = { path: Tensor };
type Found = ConstrainedMinimum<Unknowns, Equal, Below | null>;

/** How a minimization ended. */
export interface NonlinearEnd {
  readonly x: Unknowns;
  readonly cost: number;
  readonly status: Found['status'];
  readonly message: string;
  readonly iterations: number;
  readonly violated: readonly ControlViolation[];
  /** Null where there is no solution. */
  readonly multipliers: Found['multipliers'] | null;
  /** The derivative of the least cost in the parameters. */
  readonly gradient: Tensor | null;
}

/** Solves a discretized problem. */
export async function solveNonlinear(
  problem: FullProblem,
  discrete: Discretization,
  { maxIterations, signal, onIteration }: FollowOptions,
): Promise<NonlinearEnd> {
  const { theta } = problem;
  const follow = { maxIterations, signal, tolerance: 1e-10 };
  const { lower, upper, path } = discrete;
  const held = (at: Unknowns): Equal => ({
    defects: discrete.defects?.(at, theta) ?? null,
    horizon: discrete.horizon?.(at) ?? null,
    terminal: discrete.terminal?.(at, theta) ?? null,
  });
  const belowOf = (of: Discretization['path']) =>
    of ? (at: Unknowns): Below => ({ path: of(at, theta).neg() }) : undefined;
  const solve = (guess: Unknowns): Promise<Found> =>
    minimize<Unknowns, Equal, Below | null>((at) => discrete.cost(at, theta), guess, {
      ...follow,
      bounds: { lower, upper },
      equalities: held,
      inequalities: belowOf(path),
      callback: onIteration,
    });

  let found = await solve(discrete.guess);
  let { iterations } = found;
  const isLost = (): boolean =>
    (found.status === 'infeasible' || found.status === 'stuck') && found.violated.length > 0;
  if (isLost()) {
    const near = await nearest([found.x, discrete.guess, longer(discrete.guess)]);
    if (violations(near).length > 0) {
      return {
        x: near,
        cost: discrete.cost(near, theta).item(),
        status: 'infeasible',
        message: `No way was found that holds all constraints; ${sentence(violations(near))}.`,
        iterations,
        violated: violations(near),
        multipliers: null,
        gradient: null,
      };
    }
    found = await solve(near);
    iterations += found.iterations;
  }
  const violated = violations(found.x);
  const isSound = found.status === 'converged' && violated.length === 0;
  return {
    x: found.x,
    cost: found.value,
    status: found.status,
    message: messageOf(found, violated),
    iterations,
    violated,
    multipliers: isSound ? found.multipliers : null,
    gradient: isSound && theta.size > 0 ? envelope(found) : null,
  };

  /** The way that comes nearest to the end that is wanted, or, where bounds are in the way, to these too. */
  async function nearest(starts: readonly Unknowns[]): Promise<Unknowns> {
    const misses = (at: Unknowns): Tensor | null =>
      discrete.terminal?.(at, theta).square().sum().mul(0.5) ?? null;
    const motion = (at: Unknowns): Equal => ({ ...held(at), terminal: null });
    let best: Found | undefined;
    // What is nearest around one start need not be so around another.
    for (const from of starts) {
      const close: Found = await minimize<Unknowns, Equal, Below | null>(
        (at) => misses(at) ?? at.controls.sum().mul(0),
        from,
        {
          ...follow,
          bounds: discrete.whole,
          equalities: motion,
          inequalities: belowOf(discrete.whole.path),
        },
      );
      const isBetter = close.violated.length === 0 && !(close.value >= (best?.value ?? Infinity));
      if (isBetter) best = close;
      if (violations(close.x).length === 0) break;
    }
    if (best) return best.x;
    const [from = discrete.guess] = starts;
    const beyond = (at: Unknowns): Tensor => {
      const over = discrete.limits?.(at, theta).maximum(0).square().sum().mul(0.5);
      const rest = misses(at) ?? at.controls.sum().mul(0);
      return over ? rest.add(over) : rest;
    };
    const loose = await minimize<Unknowns, Equal>(beyond, from, {
      ...follow,
      bounds: discrete.free,
      equalities: motion,
    });
    return loose.x;
  }

  function violations(at: Unknowns): ControlViolation[] {
    const times = numbers(discrete.times(at));
    const end = times.at(-1) ?? 0;
    const ends = problem.terminal.flatMap((value, c) => (value === null ? [] : [c]));
    const off = discrete.terminal ? numbers(discrete.terminal(at, theta)) : [];
    const horizon = discrete.horizon ? numbers(discrete.horizon(at)) : [];
    const all: ControlViolation[] = [
      ...ends.map((c, i) => ({ name: `terminal[${c}]`, amount: Math.abs(off[i] ?? 0), time: end })),
      ...horizon.map((lack) => ({ name: 'horizon', amount: Math.abs(lack), time: end })),
      ...worst(discrete.limits?.(at, theta), discrete.names, times),
      ...worst(
        discrete.defects?.(at, theta).abs(),
        problem.initial.map((_, c) => `dynamics[${c}]`),
        times,
      ),
    ];
    return all
      .filter(({ amount }) => amount > named || Number.isNaN(amount))
      .sort((a, b) => b.amount - a.amount);
  }

  /** The cost changes as the Lagrangian does where unknowns and multipliers stay. */
  function envelope({ x, multipliers }: Found): Tensor {
    const { equalities, inequalities } = multipliers;
    const lagrangian = (at: Tensor): Tensor => {
      const parts = [
        equalities.defects && discrete.defects?.(x, at).mul(equalities.defects).sum(),
        equalities.terminal && discrete.terminal?.(x, at).mul(equalities.terminal).sum(),
        inequalities && path?.(x, at).neg().mul(inequalities.path).sum(),
      ];
      return parts.reduce<Tensor>(
        (sum, part) => (part ? sum.sub(part) : sum),
        discrete.cost(x, at).add(at.sum().mul(0)),
      );
    };
    return grad(lagrangian)(theta);
  }
}

/** The same for twice the time. */
function longer(at: Unknowns): Unknowns {
  return { ...at, durations: at.durations.mul(2) };
}

/** The largest of each column of values [k, names], with its time. */
function worst(
  values: Tensor | undefined,
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
export const numbers = (values: Tensor): number[] => [...values.dataSync()].map(Number);

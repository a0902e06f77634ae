import type { TaylorPoint } from './figures/taylor-figure.ts';

/** A differentiable function of the initial state. */
export interface Objective {
  readonly cost: (state: readonly number[]) => number;
  readonly gradient: (state: readonly number[]) => readonly number[];
}

/** Remainders of the first two Taylor expansions of the cost at `state`, for falling steps. */
export function taylorRemainders(
  { cost, gradient }: Objective,
  state: readonly number[],
  direction: readonly number[],
  steps: readonly number[],
): TaylorPoint[] {
  const at = cost(state);
  const slope = dot(gradient(state), direction);
  return steps.map((h) => {
    const change = cost(state.map((value, index) => value + h * (direction[index] ?? 0))) - at;
    return { h, zeroth: Math.abs(change), first: Math.abs(change - h * slope) };
  });
}

/** The power of h with which the remainder falls, over the last two steps. */
export function fallRate(points: readonly TaylorPoint[]): number {
  const [before, last] = points.slice(-2);
  if (before === undefined || last === undefined) return Number.NaN;
  return Math.log(before.first / last.first) / Math.log(before.h / last.h);
}

/** Largest error of a component of the gradient against central differences, relative to its norm. */
export function differenceError(
  { cost, gradient }: Objective,
  state: readonly number[],
  h: number,
): number {
  const exact = gradient(state);
  const shifted = (index: number, by: number) =>
    cost(state.map((value, other) => (other === index ? value + by : value)));
  const errors = exact.map((slope, index) =>
    Math.abs((shifted(index, h) - shifted(index, -h)) / (2 * h) - slope),
  );
  return Math.max(...errors) / norm(exact);
}

export function norm(vector: readonly number[]): number {
  return Math.hypot(...vector);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

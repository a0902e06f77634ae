import { concatenate, stack, type Tensor, tensor } from '@grad/core';
import type { FullProblem } from './problem.ts';

/** What is to be at most 0 on the way, with its names. */
export interface Limits {
  readonly names: readonly string[];
  /** The state that each is a bound of, or null. */
  readonly states: readonly (number | null)[];
  /** [q] at a state, a control and a time. */
  readonly at: (x: Tensor, u: Tensor, t: Tensor, theta: Tensor) => Tensor;
}

/** The constraints of a problem and, where asked for, its bounds of states. */
export function limitsOf(problem: FullProblem, withBounds: boolean): Limits | null {
  const { constraints, bounds, initial, controls, theta } = problem;
  const u0 = tensor(Array.from({ length: controls }, (_, c) => middle(bounds.controls, c)));
  const count = constraints ? constraints(tensor([...initial]), u0, tensor(0), theta).size : 0;
  const finite = (side: 'lower' | 'upper'): number[] =>
    withBounds
      ? bounds.states[side].flatMap((value, c) => (Number.isFinite(value) ? [c] : []))
      : [];
  const [low, high] = [finite('lower'), finite('upper')];
  const names = [
    ...Array.from({ length: count }, (_, i) => `constraints[${i}]`),
    ...low.map((c) => `bounds.states.lower[${c}]`),
    ...high.map((c) => `bounds.states.upper[${c}]`),
  ];
  if (names.length === 0) return null;
  const values = (side: 'lower' | 'upper', which: readonly number[]): Tensor =>
    tensor(which.map((c) => bounds.states[side][c] ?? 0));
  const some = (x: Tensor, which: readonly number[]): Tensor => stack(which.map((c) => x.at(c)));
  const at: Limits['at'] = (x, u, t, parameters) =>
    concatenate([
      ...(constraints ? [constraints(x, u, t, parameters)] : []),
      ...(low.length > 0 ? [values('lower', low).sub(some(x, low))] : []),
      ...(high.length > 0 ? [some(x, high).sub(values('upper', high))] : []),
    ]);
  const states = [...Array<null>(count).fill(null), ...low, ...high];
  return { names, states, at };
}

/** A number between two bounds, in the middle where both are finite. */
export function middle(
  { lower, upper }: { readonly lower: readonly number[]; readonly upper: readonly number[] },
  c: number,
): number {
  const [low, high] = [lower[c] ?? -Infinity, upper[c] ?? Infinity];
  if (Number.isFinite(low + high)) return (low + high) / 2;
  return Math.min(Math.max(0, low), high);
}

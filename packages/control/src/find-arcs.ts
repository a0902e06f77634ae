import type { Tensor } from '@grad/core';
import { type Structure, structureBySigns, structureOf } from './arcs.ts';
import type { Collocation } from './collocation.ts';
import type { Compiled, Path } from './compiled.ts';
import type { Course } from './course.ts';
import { numbers } from './nonlinear.ts';
import type { Inputs } from './problem.ts';
import type { FollowOptions, Held } from './solution.ts';
import type { Scheme } from './tableau.ts';

/** How often a mesh is refined, or arcs are read off and solved for. */
const mostRounds = 4;
/** Parts of an interval at a switch. */
const split = 4;

/** How time is divided. */
export interface Mesh {
  /** What each control does in each phase. */
  readonly arcs: readonly (readonly Held[])[];
  /** Lengths of the intervals of a phase, as shares of its duration. */
  readonly shares: readonly number[];
  readonly scheme: Scheme;
}

type Direct = Awaited<ReturnType<Collocation>>;

/** Collocation on a mesh. */
export function collocate(
  { collocation }: Pick<Compiled, 'collocation'>,
  inputs: Inputs,
  { arcs, shares, scheme }: Mesh,
  course: Course,
  follow: FollowOptions,
): Promise<Direct> {
  const solve = collocation({ arcs, intervals: shares.length, scheme });
  return solve({ inputs, shares }, course, follow);
}

/** A collocation, and what shows in it. */
export interface Structured {
  readonly direct: Direct;
  readonly structure: Structure;
}

/**
 * Collocation on a uniform mesh. Where all controls turn out to be at bounds, the times of switches become unknowns. Where
 * there are free arcs, or limits of states are active, intervals at the ends of arcs are divided: with times as
 * unknowns, the minimum would make use of the errors that a bend inside an interval brings.
 */
export async function collocateByArcs(
  compiled: Compiled,
  inputs: Inputs,
  { shares, scheme }: Omit<Mesh, 'arcs'>,
  course: Course,
  follow: FollowOptions,
): Promise<Structured> {
  const free = [Array<Held>(compiled.problem.controls).fill('free')];
  let mesh: Mesh = { arcs: free, shares, scheme };
  let direct = await collocate(compiled, inputs, mesh, course, follow);
  let structure = structureOf(compiled, direct.stages, inputs.theta);
  for (let round = 0; round < mostRounds && direct.found.status === 'converged'; round++) {
    const { arcs, durations, isHeld } = structure;
    const isPlain = arcs.length === 1 || arcs.length > shares.length / 2;
    if (isPlain || (isHeld && areSame(arcs, mesh.arcs))) break;
    const next = isHeld
      ? { arcs, shares, scheme }
      : { arcs: free, shares: refined(direct, structure), scheme };
    const from = courseOf(direct, isHeld ? durations : [direct.stages.ends.at(-1) ?? 1]);
    const better = await collocate(compiled, inputs, next, from, follow);
    const most = direct.found.cost + 1e-2 * (1 + Math.abs(direct.found.cost));
    const isBetter = better.found.status === 'converged' && better.found.cost <= most;
    if (!isBetter) break;
    if (isExtremal(compiled, inputs, next.arcs, better)) {
      [mesh, direct] = [next, better];
      structure = structureOf(compiled, direct.stages, inputs.theta);
      continue;
    }
    if (!isHeld) break;
    const signs = structureBySigns(
      compiled.hamiltonian(pathOf(better), inputs.theta).switching,
      numbers(better.times),
    );
    if (areSame(signs.arcs, arcs)) break;
    [direct, structure] = [better, signs];
  }
  return { direct, structure };
}

/** The intervals, as shares of all, with those at the ends of arcs divided. */
function refined({ stages: { ends } }: Direct, { durations }: Structure): number[] {
  const total = ends.at(-1) ?? 1;
  let time = 0;
  const breaks = durations.slice(0, -1).map((duration) => {
    time += duration;
    return time;
  });
  return ends.flatMap((end, i) => {
    const start = ends[i - 1] ?? 0;
    const length = end - start;
    const isNear = breaks.some((at) => at > start - 0.5 * length && at < end + 0.5 * length);
    const parts = isNear ? split : 1;
    return Array<number>(parts).fill(length / parts / total);
  });
}

function courseOf({ states, controls, stages }: Direct, durations: readonly number[]): Course {
  const total = stages.ends.at(-1) ?? 1;
  const rows = (of: Tensor): number[][] => {
    const [count = 0, width = 1] = of.shape;
    const all = numbers(of);
    return Array.from({ length: count }, (_, i) => all.slice(i * width, (i + 1) * width));
  };
  return {
    times: [0, ...stages.ends.map((end) => end / total)],
    areHeld: false,
    states: rows(states),
    controls: rows(controls),
    durations,
  };
}

/** Whether H rises from each lower bound at which a control is held, and falls towards each upper one. */
export function isExtremal(
  { problem, hamiltonian }: Pick<Compiled, 'problem' | 'hamiltonian'>,
  { theta }: Inputs,
  arcs: Mesh['arcs'],
  path: Path,
): boolean {
  const values = numbers(hamiltonian(pathOf(path), theta).switching);
  const us = numbers(path.controls);
  const m = problem.controls;
  const { lower, upper } = problem.bounds.controls;
  const intervals = (values.length / m - 1) / arcs.length;
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.every((value, i) => {
    const arc = arcs[Math.max(0, Math.ceil(Math.floor(i / m) / intervals) - 1)];
    const held = arc?.[i % m] ?? 'free';
    if (held !== 'free') return (held === 'lower' ? value : -value) >= -1e-4 * size;
    const [u, low, high] = [us[i] ?? 0, lower[i % m] ?? -Infinity, upper[i % m] ?? Infinity];
    const room = 1e-6 * (1 + Math.abs(u));
    return u >= low - room && u <= high + room;
  });
}

/** The path alone, of what has more. */
export function pathOf({ states, costates, controls, times }: Path): Path {
  return { states, costates, controls, times };
}

function areSame(a: Mesh['arcs'], b: Mesh['arcs']): boolean {
  return a.length === b.length && a.every((arc, i) => arc.every((held, c) => held === b[i]?.[c]));
}

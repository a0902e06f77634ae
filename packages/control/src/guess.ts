import type { Tensor } from '@grad/core';
import { type Course, evenly, rowAt } from './course.ts';
import { middle } from './limits.ts';
import { numbers } from './nonlinear.ts';
import type { FullProblem, Inputs } from './problem.ts';
import type { Guess } from './solution.ts';

type Rows = readonly (readonly number[])[];

/** The guess that was given, or a plain one. */
export function courseOf(
  problem: FullProblem,
  inputs: Inputs,
  guess: Guess = {},
  phases: number,
): Course {
  const { terminal, controls: m, bounds } = problem;
  const initial = numbers(inputs.initial);
  const plain = [initial, initial.map((from, c) => terminal[c] ?? from)];
  const states = rowsOf('states', guess.states ?? plain, initial.length);
  const middles = [Array.from({ length: m }, (_, c) => middle(bounds.controls, c))];
  const controls = rowsOf('controls', guess.controls ?? middles, m);
  if (guess.times === undefined) {
    const count = Math.max(states.length, controls.length);
    const spread = (rows: Rows): Rows =>
      evenly(count).map((t) => rowAt(evenly(rows.length), rows, t));
    return {
      times: evenly(count),
      states: spread(states),
      controls: spread(controls),
      areHeld: false,
      durations: durationsOf(problem, guess, phases, problem.time),
    };
  }
  const times = timesOf(guess.times);
  const [first = 0, last = 1] = [times[0], times.at(-1)];
  const all = (name: 'states' | 'controls', rows: Rows): Rows => {
    if (guess[name] === undefined) {
      return times.map((t) => rowAt(evenly(rows.length), rows, (t - first) / (last - first)));
    }
    if (rows.length === times.length) return rows;
    throw new RangeError(
      `optimalControl: guess.${name} has ${rows.length} rows, and guess.times ${times.length} numbers.`,
    );
  };
  return {
    times: times.map((t) => (t - first) / (last - first)),
    states: all('states', states),
    controls: all('controls', controls),
    areHeld: true,
    durations: durationsOf(problem, guess, phases, problem.isFree ? last - first : problem.time),
  };
}

/** Durations of phases: those of the guess, where it has as many, or equal ones. */
function durationsOf(
  { isFree }: FullProblem,
  { switches }: Guess,
  phases: number,
  total: number,
): number[] {
  if (switches?.length !== phases || (phases === 1 && !isFree)) {
    return Array<number>(phases).fill(total / phases);
  }
  const durations = switches.map((end, i) => end - (switches[i - 1] ?? 0));
  if (durations.every((duration) => duration >= 0) && (switches.at(-1) ?? 0) > 0) return durations;
  throw new RangeError(
    `optimalControl: guess.switches is [${switches.join(', ')}]; it needs to rise from 0.`,
  );
}

function timesOf(given: Tensor | readonly number[]): readonly number[] {
  const times = 'dtype' in given ? numbers(given) : given;
  const rises = times.every((t, i) => Number.isFinite(t) && t >= (times[i - 1] ?? t));
  if (rises && (times.at(-1) ?? 0) > (times[0] ?? 0)) return times;
  throw new RangeError(
    `optimalControl: guess.times is [${times.join(', ')}]; it needs numbers that rise.`,
  );
}

function rowsOf(name: string, given: Tensor | Rows, width: number): Rows {
  const rows = 'dtype' in given ? rowsOfTensor(name, given, width) : given;
  rows.forEach((row, i) => {
    if (row.length !== width || !row.every(Number.isFinite)) {
      throw new RangeError(
        `optimalControl: guess.${name}[${i}] is [${row.join(', ')}]; it needs ${width} finite numbers.`,
      );
    }
  });
  if (rows.length === 0) throw new RangeError(`optimalControl: guess.${name} has no rows.`);
  return rows;
}

function rowsOfTensor(name: string, given: Tensor, width: number): Rows {
  if (given.ndim !== 2) {
    throw new RangeError(
      `optimalControl: guess.${name} is [${given.shape}]; it needs rows of ${width} numbers.`,
    );
  }
  const [count = 0, own = 0] = given.shape;
  const all = numbers(given);
  return Array.from({ length: count }, (_, i) => all.slice(i * own, (i + 1) * own));
}

import { Noise } from '../../src/backends/reference/noise.ts';
import type { Verdict } from './agree.ts';
import { laws } from './laws.ts';
import type { Recipe } from './recipe.ts';
import { Subject } from './subject.ts';

/** Cheap laws, which every function is held to. */
const always = [
  'compiled code gives what the reference interpreter gives',
  'simplification keeps values',
];

/**
 * How many of the other laws a function is held to unless all are asked for. One takes as long as the cheap
 * ones together, and two functions show more than two laws of one.
 */
const others = 1;

/** A law that a function breaks. */
export interface Failure {
  readonly seed: number;
  readonly law: string;
  /** What went wrong, in one line. */
  readonly message: string;
}

export interface Outcome {
  readonly verdicts: Readonly<Record<string, Verdict | 'broken'>>;
  readonly failures: readonly Failure[];
}

/** The laws that the function of a seed is held to. */
export function lawsFor(seed: number, all: boolean): string[] {
  const names = Object.keys(laws);
  if (all) return names;
  const noise = new Noise(Math.imul(seed, 64) + 63);
  const drawn = names
    .filter((name) => !always.includes(name))
    .map((name) => ({ name, at: noise.uniform() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, others);
  return [...always, ...drawn.map(({ name }) => name)];
}

/** Holds the function of a recipe to laws. */
export function check(recipe: Recipe, seed: number, names: readonly string[]): Outcome {
  return checkSubject(new Subject(recipe, seed), names);
}

export function checkSubject(subject: Subject, names: readonly string[]): Outcome {
  const verdicts: Record<string, Verdict | 'broken'> = {};
  const failures: Failure[] = [];
  for (const law of names) {
    try {
      verdicts[law] = laws[law]?.(subject) ?? 'outside';
    } catch (error) {
      verdicts[law] = 'broken';
      failures.push({ seed: subject.seed, law, message: messageOf(error) });
    }
  }
  return { verdicts, failures };
}

/** How the function of a recipe breaks a law, or undefined when it holds. */
export function failure(recipe: Recipe, seed: number, law: string): string | undefined {
  return check(recipe, seed, [law]).failures[0]?.message;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [line = ''] = error.message.split('\n');
  return `${error.name}: ${line}`;
}

import { parentPort, workerData } from 'node:worker_threads';
import { check, type Failure, lawsFor, type Outcome } from './check.ts';
import { keep, keptOf, kindOf } from './kept.ts';
import { checkMisuse } from './misuse.ts';
import { randomRecipe } from './recipe.ts';

/** Seeds to work through: `from`, ..., `to - 1`. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
}

/** What a worker says after each seed. */
export interface Report extends Outcome {
  readonly seed: number;
  /** Files that it has written. */
  readonly kept: readonly string[];
}

export interface WorkerOptions {
  readonly mode: 'laws' | 'misuse';
  readonly allLaws: boolean;
}

/** Failures of one kind that are shrunk. */
const shrunkOfEachKind = 2;

const { mode, allLaws }: WorkerOptions = workerData;
const seen = new Map<string, number>();

function shrunken(failures: readonly Failure[]): string[] {
  return failures.flatMap((failure) => {
    const kind = kindOf(failure.message);
    const count = seen.get(kind) ?? 0;
    seen.set(kind, count + 1);
    return count < shrunkOfEachKind ? [keep(keptOf(failure))] : [];
  });
}

function report(seed: number): Report {
  if (mode === 'misuse') return { seed, ...checkMisuse(seed), kept: [] };
  const outcome = check(randomRecipe(seed), seed, lawsFor(seed, allLaws));
  return { seed, ...outcome, kept: shrunken(outcome.failures) };
}

parentPort?.on('message', ({ from, to }: Chunk) => {
  for (let seed = from; seed < to; seed++) parentPort?.postMessage(report(seed));
});

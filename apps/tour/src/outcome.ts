import type { Job, JobResult } from './job.ts';
import { verdict } from './row.ts';

/** How a job ended. */
export interface Outcome {
  readonly job: Job;
  readonly seconds: number;
  readonly end:
    | { readonly kind: 'done'; readonly result: JobResult }
    | { readonly kind: 'failed'; readonly message: string };
}

/** References met and references held against, over some outcomes. */
export interface Tally {
  readonly met: number;
  readonly total: number;
  /** Jobs that did not come to a result. */
  readonly failed: number;
}

export function tally(outcomes: readonly Outcome[]): Tally {
  const verdicts = outcomes
    .flatMap(({ end }) => (end.kind === 'done' ? end.result.rows : []))
    .map(verdict);
  return {
    met: verdicts.filter((each) => each === 'met').length,
    total: verdicts.filter((each) => each !== 'none').length,
    failed: outcomes.filter(({ end }) => end.kind === 'failed').length,
  };
}

export function succeeded({ met, total, failed }: Tally): boolean {
  return met === total && failed === 0;
}

/** The tally as a sentence. */
export function tallySentence({ met, total, failed }: Tally): string {
  const references = `${met} of ${total} references met`;
  return failed === 0
    ? references
    : `${references}, ${failed} ${failed === 1 ? 'job' : 'jobs'} failed`;
}

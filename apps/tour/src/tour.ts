import { join } from 'node:path';
import { type Plan, readArguments } from './command-line.ts';
import type { Job } from './job.ts';
import { type Outcome, succeeded, tally, tallySentence } from './outcome.ts';
import { platformSentence } from './platform.ts';
import { printListing, printRows } from './print-table.ts';
import { breathe, createProgress, type OutputStream } from './progress.ts';
import { reportHtml } from './report.ts';
import { verdict } from './row.ts';
import { UserError } from './user-error.ts';
import { writeOutputs } from './write-outputs.ts';

/** What the tour needs of the process that runs it. */
export interface Surroundings {
  readonly jobs: readonly Job[];
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  /** The user's folder: paths are relative to it, and `tour/` is made in it. */
  readonly folder: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborted to interrupt the tour. */
  readonly signal: AbortSignal;
}

/** Folder of the report, inside the user's folder. */
const outputFolder = 'tour';

/**
 * Reads the arguments, runs the chosen jobs (all of them unless one is named), prints a table for
 * each, and writes the report.
 *
 * @returns whether every job came to a result that meets its references.
 * @throws the signal's reason when interrupted; no file is written then.
 * @throws UserError when the report cannot be written.
 */
export async function runTour(surroundings: Surroundings): Promise<boolean> {
  const { jobs, args, stdout, stderr } = surroundings;
  const request = readArguments(jobs, args, { stdout, stderr });
  if (request.kind === 'end') return request.success;
  const outcomes: Outcome[] = [];
  for (const plan of request.plans) {
    const outcome = await runPlan(plan, request.trace, surroundings);
    printOutcome(outcome, surroundings);
    outcomes.push(outcome);
  }
  if (outcomes.some(({ end }) => end.kind === 'done')) await report(outcomes, surroundings);
  return succeeded(tally(outcomes));
}

async function runPlan(
  { job, run }: Plan,
  trace: boolean,
  { folder, stderr, signal }: Surroundings,
): Promise<Outcome> {
  const progress = createProgress(stderr, job.name);
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  try {
    const enter = async (stage: string, fraction: number) => {
      progress.show(stage, fraction);
      await breathe(signal);
    };
    const result = await run({ signal, progress, enter, folder });
    signal.throwIfAborted();
    return { job, seconds: seconds(), end: { kind: 'done', result } };
  } catch (error) {
    signal.throwIfAborted();
    return { job, seconds: seconds(), end: { kind: 'failed', message: explain(error, trace) } };
  } finally {
    progress.stop();
  }
}

function explain(error: unknown, trace: boolean): string {
  if (error instanceof UserError) return error.message;
  const shown = error instanceof Error ? (trace ? error.stack : error.message) : String(error);
  return `An unexpected failure: ${shown}${trace ? '' : ' (--trace shows where it arose.)'}`;
}

function printOutcome({ job, end }: Outcome, { stdout, stderr }: Surroundings): void {
  if (end.kind === 'failed') {
    stderr.write(`\n${job.name} failed. ${end.message}\n`);
    return;
  }
  const { subject, rows, listings } = end.result;
  stdout.write(`\n${job.title}. ${subject}\n${printRows(rows, stdout)}`);
  for (const listing of listings) stdout.write(`\n${printListing(listing)}`);
  const missed = rows.filter((row) => verdict(row) === 'missed').map(({ what }) => what);
  if (missed.length > 0) stderr.write(`\n${job.name} missed: ${missed.join('; ')}\n`);
}

async function report(outcomes: readonly Outcome[], surroundings: Surroundings): Promise<void> {
  const { args, folder, stdout, signal } = surroundings;
  const html = reportHtml(outcomes, {
    date: new Date(),
    command: ['npm start', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    platform: platformSentence(),
  });
  const attachments = outcomes.flatMap(({ end }) =>
    end.kind === 'done' ? end.result.attachments : [],
  );
  signal.throwIfAborted();
  await writeOutputs(join(folder, outputFolder), [
    ...attachments,
    { name: 'report.html', content: html },
  ]);
  stdout.write(`\n${tallySentence(tally(outcomes))}. See ${join(outputFolder, 'report.html')}.\n`);
}

import { constants } from 'node:os';
import type { Job } from './job.ts';
import { runTour } from './tour.ts';
import { UserError } from './user-error.ts';

/** Thrown through a job that a signal of the operating system interrupts. */
class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`Interrupted by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Runs the tour as this process: arguments, streams and signals are the process's own, and so is
 * the exit code: 0 when every reference is met, 1 when not or after an error, 130 after Ctrl-C.
 */
export async function runProcess(jobs: readonly Job[]): Promise<void> {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      // A second Ctrl-C does not wait for the job to notice the first.
      if (controller.signal.aborted) process.exit(128 + constants.signals[name]);
      controller.abort(new Interruption(name));
    });
  }
  process.stdout.on('error', exitWhenClosed);
  try {
    const success = await runTour({
      jobs,
      args: process.argv.slice(2),
      folder: process.env['INIT_CWD'] ?? process.cwd(),
      stdout: process.stdout,
      stderr: process.stderr,
      signal: controller.signal,
    });
    process.exitCode = success ? 0 : 1;
  } catch (error) {
    process.exitCode = error instanceof Interruption ? error.exitCode : 1;
    process.stderr.write(`\n${sentence(error)}\n`);
  }
}

function sentence(error: unknown): string {
  if (error instanceof Interruption) return `${error.message} Nothing was written.`;
  if (error instanceof UserError) return error.message;
  return `The tour failed unexpectedly: ${error instanceof Error ? error.message : String(error)}`;
}

/** The reader of a pipe, such as `head`, may leave first: that is no error of ours. */
function exitWhenClosed(error: Error): void {
  if ('code' in error && error.code === 'EPIPE') process.exit(0);
  throw error;
}

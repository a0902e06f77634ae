import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { vi } from 'vitest';
import type { Job } from '../src/job.ts';
import { runTour } from '../src/tour.ts';

// A whole job with its figures, maybe on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

/** What a tour left behind. */
export interface TourEnd {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a tour inside the process of the tests, as the command line would. */
export async function tour(
  jobs: readonly Job[],
  folder: string,
  ...args: readonly string[]
): Promise<TourEnd> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { signal } = new AbortController();
  const success = await runTour({ jobs, args, folder, stdout, stderr, signal });
  stdout.end();
  stderr.end();
  return { success, stdout: await text(stdout), stderr: await text(stderr) };
}

import { stderr } from 'node:process';
import { readArguments } from './command-line.ts';
import { jobs } from './jobs/index.ts';
import { breathe } from './progress.ts';
import type { Row } from './row.ts';

/**
 * The rows of a job that is run with arguments, such as `['nerf', '--full']`, without a report.
 *
 * @throws Error when the arguments name no job, or what the job throws.
 */
export async function jobRows(
  args: readonly string[],
  show: (stage: string, fraction: number) => void,
): Promise<readonly Row[]> {
  const request = readArguments(jobs, args, { stdout: stderr, stderr });
  const [plan] = request.kind === 'run' ? request.plans : [];
  if (!plan) throw new Error(`'${args.join(' ')}' names no job with its options.`);
  const { signal } = new AbortController();
  const enter = async (stage: string, fraction: number) => {
    show(stage, fraction);
    await breathe(signal);
  };
  const progress = { show, stop: () => {} };
  return (await plan.run({ signal, progress, enter, folder: '.' })).rows;
}

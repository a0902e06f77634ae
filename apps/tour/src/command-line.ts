import { Command, CommanderError } from '@commander-js/extra-typings';
import type { Job, PreparedRun } from './job.ts';

/** A job that was asked for, with its options read. */
export interface Plan {
  readonly job: Job;
  readonly run: PreparedRun;
}

/** What the arguments ask for: jobs to run, or nothing more (help was shown, or an error). */
export type Request =
  | { readonly kind: 'run'; readonly plans: readonly Plan[]; readonly trace: boolean }
  | { readonly kind: 'end'; readonly success: boolean };

export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Reads the arguments; help goes to `stdout`, complaints to `stderr`. */
export function readArguments(
  jobs: readonly Job[],
  args: readonly string[],
  streams: Streams,
): Request {
  const plans: Plan[] = [];
  const program = createProgram(jobs, streams, (plan) => plans.push(plan));
  try {
    program.parse(args, { from: 'user' });
    return { kind: 'run', plans, trace: program.opts().trace ?? false };
  } catch (error) {
    if (error instanceof CommanderError) return { kind: 'end', success: error.exitCode === 0 };
    throw error;
  }
}

function createProgram(jobs: readonly Job[], streams: Streams, add: (plan: Plan) => void) {
  const program = new Command('npm start --')
    .description(
      'The tour of @grad. Without a job: every job with its default input, each checked\n' +
        'against published numbers, and a report in tour/report.html.',
    )
    .argument('[job]', 'the job to run; all of them when left out')
    .option('--trace', 'show where in the code an unexpected failure arose')
    .helpCommand(false)
    .commandsGroup('Jobs:')
    .usage('[job] [options]')
    .exitOverride()
    .showHelpAfterError('Run npm start -- --help, or npm start -- JOB --help, for what there is.')
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
    })
    .action((name) => {
      if (name !== undefined) {
        const known = jobs.map((job) => job.name).join(', ');
        program.error(`error: there is no job '${name}'. The jobs are: ${known}.`);
      }
      for (const job of jobs) readDefaults(job, streams, add);
    });
  for (const job of jobs) {
    job.configure(program.command(job.name).summary(job.summary).description(job.summary), (run) =>
      add({ job, run }),
    );
  }
  return program;
}

/** Plans a job with no options given. */
function readDefaults(job: Job, streams: Streams, add: (plan: Plan) => void): void {
  createProgram([job], streams, add).parse([job.name], { from: 'user' });
}

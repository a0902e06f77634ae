import type { Command, CommandUnknownOpts, OptionValues } from '@commander-js/extra-typings';
import type { Progress } from './progress.ts';
import type { Row } from './row.ts';

/** A paragraph in plain words, or a displayed formula in TeX. */
export type Prose = string | { readonly tex: string };

/** A picture with its caption. */
export interface Figure {
  /** Markup of an inline SVG, or of a `figure` element that holds one with its legend. */
  readonly svg: string;
  readonly title: string;
  readonly caption: string;
  /** Whether it needs the full width of the page. */
  readonly wide?: boolean;
}

/** A list of findings, such as the ten edges that matter most. */
export interface Listing {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A complete result for other programs, written beside the report. */
export interface Attachment {
  readonly name: string;
  readonly content: string;
}

export interface JobResult {
  /** What was computed on, in one line. */
  readonly subject: string;
  readonly rows: readonly Row[];
  readonly figures: readonly Figure[];
  readonly listings: readonly Listing[];
  readonly attachments: readonly Attachment[];
}

/** What the tour lends to a running job. */
export interface JobContext {
  /** Aborted by Ctrl-C. Pass it on to whatever takes one. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /**
   * Shows that a stage begins, at a fraction of the whole, and lets a waiting Ctrl-C in. Await it
   * between computations.
   *
   * @throws the signal's reason when the job is interrupted.
   */
  enter(stage: string, fraction: number): Promise<void>;
  /** The user's folder, which relative paths are relative to. */
  readonly folder: string;
}

/** A job whose options are already read. */
export type PreparedRun = (context: JobContext) => Promise<JobResult>;

/** One main job: a command with options, and a computation that is checked against references. */
export interface Job {
  readonly name: string;
  readonly title: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** The mathematics, for the report. */
  readonly explanation: readonly Prose[];
  /** Adds the job's options to its command; `plan` receives the run when the command is chosen. */
  configure(command: Command, plan: (run: PreparedRun) => void): CommandUnknownOpts;
}

export interface JobSpec<Options extends OptionValues> extends Omit<Job, 'configure'> {
  options(command: Command): Command<[], Options>;
  run(options: Options, context: JobContext): Promise<JobResult>;
}

/** Makes a {@link Job}; the type of `options` in `run` follows from the options declared. */
export function defineJob<Options extends OptionValues>(spec: JobSpec<Options>): Job {
  return {
    name: spec.name,
    title: spec.title,
    summary: spec.summary,
    explanation: spec.explanation,
    configure: (command, plan) =>
      spec.options(command).action((options) => plan((context) => spec.run(options, context))),
  };
}

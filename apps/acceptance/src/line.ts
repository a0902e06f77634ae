import type { Row } from '@grad/tour';
import type { DataFolder } from './data-folder.ts';

/** What a line gets while it is measured. */
export interface LineContext {
  /** The folder that `GRAD_DATA` names. */
  readonly data: DataFolder;
  /** Shows how far the line is; cheap enough for every iteration. */
  show(stage: string, fraction: number): void;
  /**
   * The value of a long part, such as one fold of ten, which an interrupted run need not compute
   * again. It is kept as JSON.
   */
  part(name: string, compute: () => Promise<readonly number[]>): Promise<readonly number[]>;
}

/** One thing that must be shown. */
export interface Line {
  /** Names the line within its area, in the results and for `--only area/name`. */
  readonly name: string;
  /** What must be shown, in a sentence. */
  readonly asks: string;
  /** The command that measures it, where that is not this one. */
  readonly elsewhere?: string;
  /** Whether it reads files from `GRAD_DATA`. */
  readonly needsData?: boolean;
  /** The figures with their references. A line without a way to measure it is not there yet. */
  readonly run?: (context: LineContext) => readonly Row[] | Promise<readonly Row[]>;
}

/** The lines of one package, or of a few that belong together. */
export interface Area {
  readonly name: string;
  readonly lines: readonly Line[];
}

/** Where in its input a reader found what it cannot read. */
export interface FormatPlace {
  /** The file, or the function when the file has no name. */
  readonly name: string;
  /** Line of a text, counted from 1. */
  readonly line?: number | undefined;
  /** Title or number of a column of a text. */
  readonly column?: string | undefined;
  /** Byte of a binary file, counted from 0, after decompression. */
  readonly offset?: number | undefined;
}

/**
 * Bytes that are not what their format says. The message names the file, the place in it, what was
 * wrong, and what to do; `problem` is the message without the place.
 */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  /** What was wrong, and what to do. */
  readonly problem: string;
  /** Where it was wrong. */
  readonly place: FormatPlace;

  constructor(place: FormatPlace, problem: string, options?: ErrorOptions) {
    super(`${placeInWords(place)}: ${problem}`, options);
    this.place = place;
    this.problem = problem;
  }
}

function placeInWords({ name, line, column, offset }: FormatPlace): string {
  const parts = [name];
  if (offset !== undefined) parts.push(`byte ${offset}`);
  if (line !== undefined) parts.push(`line ${line}`);
  if (column !== undefined) parts.push(`column '${column}'`);
  return parts.join(', ');
}

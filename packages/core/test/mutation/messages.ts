/** A test of a file as it ran without a mutant. */
export interface MappedTest {
  /** Its suites and its title, with ` > ` between them. */
  readonly name: string;
  readonly milliseconds: number;
  /** For each file of the sources, the blocks that it comes by. */
  readonly hits: Readonly<Record<string, readonly number[]>>;
}

/** Some tests of one file. */
export interface Group {
  readonly file: string;
  readonly names: readonly string[];
}

export type Request =
  | { readonly type: 'map'; readonly file: string }
  | { readonly type: 'try'; readonly file: string; readonly text: string; readonly group: Group };

/** What came of a request; `failed` is the first test that failed, or why none could run. */
export interface Reply {
  readonly tests: readonly MappedTest[];
  readonly failed: string | undefined;
}

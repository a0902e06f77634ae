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

/** Groups are run one after the other in one process, up to the first test that fails. */
export type Request =
  | { readonly type: 'map'; readonly file: string }
  | {
      readonly type: 'try';
      readonly file: string;
      readonly text: string;
      readonly groups: readonly Group[];
    };

/** The first test that failed, or the file of which none could run. */
export interface Failure {
  readonly file: string;
  readonly test: string | undefined;
  readonly message: string;
}

/** What came of a request. */
export interface Reply {
  readonly type: 'reply';
  readonly tests: readonly MappedTest[];
  readonly failure: Failure | undefined;
}

/** Where nothing came any more, after so many tests. */
export interface Silence {
  readonly type: 'silence';
  readonly tested: number;
}

/** Sent when a worker is ready, and after each test, so that its host knows that it goes on. */
export interface SignOfLife {
  readonly type: 'ready' | 'tested';
}

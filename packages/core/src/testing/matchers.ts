import { type AllcloseOptions, firstDifference } from './allclose.ts';

/** What a matcher of Vitest or Jest returns. */
export interface MatcherResult {
  /** Whether the values agree. */
  readonly pass: boolean;
  /** What to say when the assertion fails. */
  readonly message: () => string;
}

/** Matchers for `expect.extend(gradMatchers)`. */
export const gradMatchers = {
  /** Passes when `allclose(received, expected, options)` holds; tells the first difference. */
  toBeAllclose(received: unknown, expected: unknown, options: AllcloseOptions = {}): MatcherResult {
    const difference = firstDifference(received, expected, options);
    return {
      pass: difference === undefined,
      message: () =>
        `toBeAllclose: ${difference ?? 'all elements are close, expected a difference'}`,
    };
  },
};

/**
 * Types of the matchers in Vitest: a type-only import of this entry point goes beside
 * `expect.extend(gradMatchers)`. It has no code, and nothing else in the package knows Vitest.
 *
 * @module
 */

import type {} from 'vitest';
import type { AllcloseOptions } from './allclose.ts';

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Passes when all elements are within `atol + rtol |expected|`; see `allclose`. */
    toBeAllclose(expected: unknown, options?: AllcloseOptions): R;
  }
}

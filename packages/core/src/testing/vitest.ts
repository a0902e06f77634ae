/**
 * Types of the matchers in Vitest: `import type {} from '@grad/core/testing/vitest'` beside
 * `expect.extend(gradMatchers)`. It has no code, and nothing else in the package knows Vitest.
 *
 * @module
 */

import type { AllcloseOptions } from './allclose.ts';

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Passes when all elements are within `atol + rtol |expected|`; see `allclose`. */
    toBeAllclose(expected: unknown, options?: AllcloseOptions): R;
  }
}

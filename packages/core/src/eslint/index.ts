/**
 * A rule for ESLint with the parser of typescript-eslint:
 *
 * ```js
 * import { recommended } from '@grad/core/eslint';
 *
 * export default [...yourConfigs, recommended];
 * ```
 *
 * @module
 */

import { noTensorCondition } from './no-tensor-condition.ts';
import type { Rule } from './structure.ts';

export type { Problem, Rule, RuleContext, SyntaxNode } from './structure.ts';

/** The rules, as a plugin of ESLint. */
export const plugin: {
  readonly meta: { readonly name: string };
  readonly rules: Record<string, Rule>;
} = {
  meta: { name: '@grad/core' },
  rules: { 'no-tensor-condition': noTensorCondition },
};

/** A flat configuration that switches the rules on. */
export const recommended: {
  readonly name: string;
  readonly plugins: Record<string, typeof plugin>;
  readonly rules: Record<string, 'error'>;
} = {
  name: '@grad/core/recommended',
  plugins: { grad: plugin },
  rules: { 'grad/no-tensor-condition': 'error' },
};

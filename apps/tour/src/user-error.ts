/**
 * A mistake that the person at the keyboard can correct: a wrong file, option or number.
 * Its message says what was wrong, where, and what to do; it is printed without a stack trace.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

import { type Printer, setPrinter } from '../flow/debug-print.ts';
import { checkBoolean, checkOptions } from '../tensor/check.ts';
import { executor, setExecutor } from '../trace/executor.ts';
import { recordSources } from '../trace/trace.ts';
import { NaNExecutor } from './nan-executor.ts';

/** What `setDebug` switches. */
export interface DebugOptions {
  /** Throw a `NaNError` where an operation makes a NaN of operands without one. */
  readonly nans?: boolean;
  /** Throw a `NaNError` where an operation makes an infinity of finite operands. */
  readonly infs?: boolean;
  /** Where lines of `debug.print` go, instead of `console.log`. */
  readonly print?: Printer;
}

let checks = { nans: false, infs: false };

/**
 * Switches checks on and off while the program runs; what is left out stays as it is. Returns what
 * was set before, to be given to it again:
 *
 * ```ts
 * const before = setDebug({ nans: true });
 * try {
 *   train();
 * } finally {
 *   setDebug(before);
 * }
 * ```
 *
 * With `nans` or `infs`, every function runs one operation after the other instead of as a whole,
 * loops step by step, which is many times slower; the first operation that makes such a value ends
 * the call with a `NaNError` that names the operation, its operands, the step of each loop around it
 * and the line of your code, and says when it belongs to the derivative of what that line does. An
 * operation in a branch that `where` does not choose counts as well.
 */
export function setDebug(options: DebugOptions): Required<DebugOptions> {
  checkOptions('setDebug', options, ['nans', 'infs', 'print']);
  const { nans = checks.nans, infs = checks.infs, print } = options;
  checkBoolean('setDebug', 'nans', nans);
  checkBoolean('setDebug', 'infs', infs);
  const before = { ...checks, print: setPrinter(print) };
  checks = { nans, infs };
  const installed = executor();
  const inner = installed instanceof NaNExecutor ? installed.inner : installed;
  setExecutor(nans || infs ? new NaNExecutor(inner, checks) : inner);
  recordSources(nans || infs);
  return before;
}

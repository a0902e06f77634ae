export { associativeScan } from './associative-scan.ts';
export { callback, type ResultsOf, type ResultType } from './callback.ts';
export { cond, switchCase } from './cond.ts';
export { type Debug, debug, type Printer } from './debug-print.ts';
export {
  type ImplicitLinearSolveOptions,
  type ImplicitLinearSolveWithAuxOptions,
  implicitLinearSolve,
  type LinearSolver,
} from './implicit-linear-solve.ts';
export { type ImplicitRootOptions, implicitRoot } from './implicit-root.ts';
export type { LoopCheckpoint } from './loop-checkpoint.ts';
export { map } from './map.ts';
export { type ForiOptions, foriLoop, type ScanOptions, scan } from './scan.ts';
export { type WhileOptions, whileLoop } from './while-loop.ts';

/**
 * Tensors and derivatives: the core of grad.
 *
 * @module
 */

import { methods } from './functions/methods.ts';
import { WasmExecutor } from './runtime/wasm-executor.ts';
import { installMethods } from './tensor/tensor.ts';
import { setExecutor } from './trace/executor.ts';

export * from './flow/index.ts';
export * as linalg from './flow/linalg.ts';
export * as sparse from './flow/sparse/index.ts';
export * as complex from './functions/complex.ts';
export * as fft from './functions/fft/index.ts';
export * from './functions/index.ts';
export * as random from './functions/random.ts';
export { MatrixError } from './primitives/factorization-error.ts';
export * from './primitives/public.ts';
export type { Source } from './program/source.ts';
export { type Fixed, fixed, type TreeDef } from './program/tree.ts';
export { ConvergenceError, IndexError, StepLimitError } from './runtime/call-failure.ts';
export { explain } from './runtime/explain.ts';
export type { AsyncOptions } from './runtime/in-slices.ts';
export { type JitOptions, type Jitted, jit } from './runtime/jit.ts';
export { type LoopStep, NaNError } from './runtime/nan-error.ts';
export { type DebugOptions, setDebug } from './runtime/set-debug.ts';
export { setReproducible } from './runtime/set-reproducible.ts';
export { setThreads } from './runtime/set-threads.ts';
export { threads } from './runtime/threads-wanted.ts';
export type { Data, DType } from './tensor/dtype.ts';
export type { ReduceOptions, TensorLike } from './tensor/methods.ts';
export { OutOfMemoryError } from './tensor/out-of-memory.ts';
export { DTypeError, type Shape, ShapeError } from './tensor/shape.ts';
export { type CompressedRows, SparsityPattern } from './tensor/sparsity-pattern.ts';
export { isTensor, type Nested, type Tensor } from './tensor/tensor.ts';
export type { Progress } from './trace/executor.ts';
export { isConcrete } from './trace/trace.ts';
export {
  type CheckpointOptions,
  type CheckpointPolicy,
  checkpoint,
} from './transforms/checkpoint.ts';
export { checkpointName } from './transforms/checkpoint-name.ts';
export { closureConvert } from './transforms/closure-convert.ts';
export { customJvp } from './transforms/custom-jvp.ts';
export { customVjp } from './transforms/custom-vjp.ts';
export {
  type GradOptions,
  type GradWithAuxOptions,
  grad,
  valueAndGrad,
} from './transforms/grad.ts';
export { hessian, hvp, type Jacobian, jacfwd, jacrev } from './transforms/jacobian.ts';
export { jvp } from './transforms/jvp.ts';
export { program, type RecordedProgram } from './transforms/program.ts';
export {
  type SparseJacobian,
  type SparseJacobianOptions,
  sparseJacobian,
} from './transforms/sparse-jacobian.ts';
export { stopGradient } from './transforms/stop-gradient.ts';
export * as tree from './transforms/tree.ts';
export type {
  Argnums,
  Argument,
  Arguments,
  Chosen,
  Gradient,
  Gradients,
  Traced,
} from './transforms/types.ts';
export { linearize, linearTranspose, vjp } from './transforms/vjp.ts';
export { type VmapOptions, vmap } from './transforms/vmap.ts';

installMethods(methods);
setExecutor(new WasmExecutor());

/** What the author of a primitive needs: its rules, and the language of kernels. */
export type { Affine, AffineTerm, Index as KernelIndex } from '../kernel/affine.ts';
export type {
  BinaryFunction,
  Buffer,
  Comparison,
  Expr,
  Local,
  Loop,
  MathFunction,
  Scalar,
  UnaryFunction,
} from '../kernel/expr.ts';
export * as kernel from '../kernel/language.ts';
export type { Combine, Kernel, Pointer, Statement, SumOrder } from '../kernel/statement.ts';
export type {
  Atom,
  Equation,
  Literal,
  Operation,
  Params,
  Program,
  Var,
} from '../program/program.ts';
export type { StackType, TensorType, ValueType } from '../tensor/type.ts';
export { Cotangent, isLinear } from './cotangent.ts';
export {
  type Batched,
  type CallablePrimitive,
  type Dependence,
  definePrimitive,
  type IdleValue,
  type IsBelow,
  type Linearized,
  type LowerContext,
  type Lowering,
  type Operands,
  type Primitive,
  type PrimitiveRules,
  type Read,
  type ReferenceArray,
  type Sample,
  type SampleOperand,
  type SiteDetails,
  type TangentMap,
} from './define.ts';
export type { ElementOperand, ElementSets, KnownElements, WalkElements } from './element-sets.ts';
export type { FaultPlace, MatrixFault } from './factorization-error.ts';
export type { MutableScalar, NestBuilder, Scratch } from './nest-builder.ts';

import type { DType } from '../tensor/dtype.ts';
import type { Affine } from './affine.ts';
import type { LaneFunction } from './lane/lane-function.ts';

/** Type of a scalar expression. `bool` is a truth value: a mask in vector code, 0 or 1 in memory. */
export type Scalar = DType;

/** A loop variable that counts 0, 1, ... extent-1. An unknown extent is given by the statement. */
export interface Loop {
  readonly name: string;
  readonly extent: number | undefined;
}

/** A row-major array in memory: a parameter of a function or a place in the workspace. */
export interface Buffer {
  readonly name: string;
  readonly dtype: DType;
  /** Elements; 0 or more. */
  readonly size: number;
}

/** A mutable scalar of a function. */
export interface Local {
  readonly name: string;
  readonly type: Scalar;
}

/** Functions of one number that are instructions, or a few of them. */
export type UnaryFunction =
  | 'neg'
  | 'abs'
  | 'sqrt'
  | 'floor'
  | 'ceil'
  | 'trunc'
  | 'nearest' // ties to even
  | 'not'; // bool, or bitwise on int32

/** `div` and `rem` on int32 truncate toward zero; `min` and `max` return NaN when an operand is. */
export type BinaryFunction =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'rem'
  | 'min'
  | 'max'
  | 'and'
  | 'or'
  | 'xor'
  | 'shl' // counts of bits are taken modulo 32
  | 'shr_s'
  | 'shr_u'
  | 'copysign';

/** Comparisons of numbers; each is false when one of them is NaN, except `ne`. */
export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/** Functions of floats, accurate to 2 ulp in float64 and float32; see `maths/functions.ts`. */
export type MathFunction =
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'log2'
  | 'log10'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'asin'
  | 'acos'
  | 'atan'
  | 'atan2' // (y, x)
  | 'sinh'
  | 'cosh'
  | 'tanh'
  | 'sigmoid'
  | 'erf'
  | 'erfc'
  | 'erfinv'
  | 'lgamma'
  | 'digamma'
  | 'pow'
  | 'mod'; // with the sign of the divisor

/**
 * A scalar expression. Expressions form a graph: an object that is used twice is computed once
 * in each iteration of the loops around the statement that uses it.
 */
export type Expr =
  | { readonly op: 'const'; readonly type: Scalar; readonly value: number }
  | { readonly op: 'loop'; readonly type: 'int32'; readonly loop: Loop }
  | { readonly op: 'index'; readonly type: 'int32'; readonly index: Affine }
  | { readonly op: 'local'; readonly type: Scalar; readonly local: Local }
  | {
      readonly op: 'load';
      readonly type: Scalar;
      readonly buffer: Buffer;
      readonly index: Affine;
    }
  | {
      readonly op: 'unary';
      readonly type: Scalar;
      readonly fn: UnaryFunction;
      readonly x: Expr;
    }
  | {
      readonly op: 'binary';
      readonly type: Scalar;
      readonly fn: BinaryFunction;
      readonly x: Expr;
      readonly y: Expr;
    }
  | {
      readonly op: 'compare';
      readonly type: 'bool';
      readonly fn: Comparison;
      readonly x: Expr;
      readonly y: Expr;
    }
  | {
      readonly op: 'select';
      readonly type: Scalar;
      readonly condition: Expr;
      readonly x: Expr;
      readonly y: Expr;
    }
  /** Conversion; float to int32 truncates and saturates, NaN gives 0. */
  | { readonly op: 'cast'; readonly type: Scalar; readonly x: Expr }
  /**
   * The bits of a number as another type: float32 and int32, word 0 (low) or 1 (high) of a float64, or
   * a float64 of its two words.
   */
  | {
      readonly op: 'bits';
      readonly type: Scalar;
      readonly args: readonly Expr[];
      readonly word: 0 | 1;
    }
  | {
      readonly op: 'math';
      readonly type: Scalar;
      readonly fn: MathFunction;
      /**
       * What computes it.
       *
       * @internal
       */
      readonly by: LaneFunction;
      readonly args: readonly Expr[];
    }
  /**
   * An int32 index that must lie in [0, extent). When it does not, the status record of the call
   * receives the site and the index, and the call is left; where threads share a kernel, the first
   * failure wins, the value is 0, and the call ends with the kernel.
   */
  | {
      readonly op: 'check';
      readonly type: 'int32';
      readonly x: Expr;
      readonly extent: number;
      readonly site: number;
    };

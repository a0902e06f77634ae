import type { Source } from '../program/source.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import type { Affine } from './affine.ts';
import type { Buffer, Expr, Local, Loop, Scalar } from './expr.ts';

/** How values are combined by a reduction. `any`/`all` are `or`/`and` on bool. */
export type Combine = 'add' | 'mul' | 'min' | 'max' | 'and' | 'or';

/** Whether the order in which values are combined shows in the result. */
export function rounds(combine: Combine, type: Scalar): boolean {
  return (combine === 'add' || combine === 'mul') && (type === 'float64' || type === 'float32');
}

/** The value that changes nothing when it is combined with another. */
export function neutral(combine: Combine, type: Scalar): number {
  switch (combine) {
    case 'add':
    case 'or':
      return 0;
    case 'mul':
      return 1;
    case 'and':
      return type === 'bool' ? 1 : -1;
    case 'min':
      return type === 'int32' ? 2 ** 31 - 1 : type === 'bool' ? 1 : Number.POSITIVE_INFINITY;
    case 'max':
      return type === 'int32' ? -(2 ** 31) : type === 'bool' ? 0 : Number.NEGATIVE_INFINITY;
  }
}

/**
 * The order of a sum of products of floats that many results share operands for: terms one after
 * the other, in blocks (`cutOf`) whose sums are added in order. A product and its sum may be rounded
 * once, as one operation. Undefined is pairwise.
 */
export type SumOrder = 'blocked';

/** Address of an array: a buffer plus an element offset, or an element of a growable stack. */
export type Pointer =
  | { readonly kind: 'buffer'; readonly buffer: Buffer; readonly offset: Affine }
  | {
      readonly kind: 'slot';
      /** Address of the descriptor: length, then the chunks. */
      readonly stack: Pointer;
      /** Which element; int32. */
      readonly index: Expr;
      /** Bytes of one element. */
      readonly bytes: number;
      /** Whether the length becomes index + 1 when it is less; what was never written is zeros. */
      readonly grow: boolean;
    };

/**
 * A statement. `for` runs `body` with the variable counting up; iterations of a `parallel` loop
 * are independent. `reduce` leaves in `target` the combination of `value` over all `loops`,
 * in an order that depends on their extents and the dtype alone; sums are pairwise, or `blocked`.
 * Empty reductions give the neutral element.
 */
export type Statement =
  | {
      readonly do: 'for';
      readonly loop: Loop;
      /** Number of iterations when the loop's extent is unknown; int32. */
      readonly count?: Expr;
      readonly parallel: boolean;
      readonly body: readonly Statement[];
    }
  | {
      readonly do: 'store';
      readonly buffer: Buffer;
      readonly index: Affine;
      readonly value: Expr;
    }
  | { readonly do: 'set'; readonly local: Local; readonly value: Expr }
  | {
      readonly do: 'reduce';
      readonly combine: Combine;
      readonly loops: readonly Loop[];
      readonly value: Expr;
      readonly target: Local;
      readonly order?: SumOrder | undefined;
    }
  | {
      readonly do: 'if';
      readonly condition: Expr;
      readonly then: readonly Statement[];
      readonly else: readonly Statement[];
    }
  /** Runs `before`, leaves when `condition` is false, runs `body`, and starts again. */
  | {
      readonly do: 'while';
      readonly before: readonly Statement[];
      readonly condition: Expr;
      readonly body: readonly Statement[];
    }
  | { readonly do: 'call'; readonly kernel: Kernel; readonly args: readonly Pointer[] }
  /** Copies bytes between arrays that do not overlap, or are the same. */
  | {
      readonly do: 'copy';
      readonly to: Pointer;
      readonly from: Pointer;
      readonly bytes: number;
    }
  | { readonly do: 'zero'; readonly at: Pointer; readonly bytes: number }
  /** Exchanges the addresses of two equal buffers of the enclosing function. */
  | { readonly do: 'swap'; readonly a: Buffer; readonly b: Buffer }
  /** Length of a stack into a local. */
  | { readonly do: 'length'; readonly stack: Pointer; readonly target: Local }
  /** Calls a JavaScript function, which reads its operands and writes its results. */
  | {
      readonly do: 'host';
      readonly operation: string;
      /** Number in `KernelModule.hosts`. */
      readonly call: number;
      readonly args: readonly Pointer[];
      readonly results: readonly Pointer[];
    }
  /** Records a failure in the status record, unless one is there, and leaves the whole call. */
  | { readonly do: 'fail'; readonly site: number; readonly detail: Expr };

/** A function over buffers. It may read and write only its parameters and its own locals. */
export interface Kernel {
  readonly name: string;
  readonly params: readonly Buffer[];
  readonly body: readonly Statement[];
}

/**
 * All code of one compiled Program. `main` runs it: its statements use the input and output
 * buffers and those of the workspace, which have fixed places relative to its start.
 */
export interface KernelModule {
  readonly kernels: readonly Kernel[];
  readonly main: readonly Statement[];
  /** A stack is passed as its descriptor: int32, `stackDescriptorBytes` long. */
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
  /** Byte offsets of workspace buffers, each a multiple of 16. */
  readonly workspace: ReadonlyMap<Buffer, number>;
  readonly workspaceBytes: number;
  /** What each site number of a check or failure stands for. */
  readonly sites: readonly Site[];
  /** The JavaScript functions that main calls. */
  readonly hosts?: readonly HostCall[];
}

/** A JavaScript function that compiled code calls. What it throws ends the call. */
export interface HostCall {
  readonly operation: string;
  readonly operands: readonly ValueType[];
  readonly results: readonly ValueType[];
  run(operands: readonly Tensor[]): readonly Tensor[];
}

/** An operation that may fail when the call runs. */
export interface Site {
  readonly operation: string;
  readonly kind:
    | 'index'
    | 'maxSteps'
    | 'divisionByZero'
    | 'notConverged'
    | 'notPositiveDefinite'
    | 'singular'
    | 'rankDeficient'
    | 'noPivot';
  /** Extent of the indexed axis, the permitted number of steps, or the order of the matrix. */
  readonly limit: number;
  /** Matrices in a batch. */
  readonly entries?: number | undefined;
  /** Where the user's code asked for the operation. */
  readonly source?: Source | undefined;
}

/** Bytes of a stack descriptor: int32 length, int32 capacity of the first chunk, 30 chunk addresses. */
export const stackDescriptorBytes = 128;

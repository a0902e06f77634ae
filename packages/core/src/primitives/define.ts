import type { Affine, Index } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import type { Operation, Params } from '../program/program.ts';
import { describeValue } from '../tensor/check.ts';
import type { Data } from '../tensor/dtype.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import type { TensorType, ValueType } from '../tensor/type.ts';
import { bindOne } from '../trace/trace.ts';
import type { Cotangent } from './cotangent.ts';
import type { ElementOperand, ElementSets, WalkElements } from './element-sets.ts';
import type { MatrixFault } from './factorization-error.ts';
import type { NestBuilder } from './nest-builder.ts';

/** `Arity` operands of type T; `number` stands for any count. */
export type Operands<Arity extends number, T> = Arity extends 1
  ? readonly [T]
  : Arity extends 2
    ? readonly [T, T]
    : Arity extends 3
      ? readonly [T, T, T]
      : Arity extends 4
        ? readonly [T, T, T, T]
        : readonly T[];

/** A tangent map of one operand: linear, and recorded in terms of other primitives. */
export type TangentMap = (tangent: Tensor) => Tensor;

/** Result and pushforward of an operation with several outputs; `null` is a zero tangent. */
export interface Linearized {
  readonly outputs: readonly Tensor[];
  /** Which results have a tangent. */
  readonly active: readonly boolean[];
  /** Tangents of the outputs for those of the operands. */
  readonly pushforward: (tangents: readonly (Tensor | null)[]) => readonly (Tensor | null)[];
}

/** Reads an element of an operand. */
export type Read = (index: Index) => Expr;

/** What a message says about a matrix besides the kind of its fault. */
export interface SiteDetails {
  /** Matrices in the batch. */
  readonly entries: number;
  /** The operation that the user asked for, where it is another one. */
  readonly operation?: string;
}

/** Types around a lowering. */
export interface LowerContext<Arity extends number, P extends Params> {
  readonly params: P;
  readonly operands: Operands<Arity, TensorType>;
  readonly results: readonly TensorType[];
  /** Site of this equation for `checkedIndex` or a `fail`. */
  site(kind: 'index' | 'divisionByZero' | 'notConverged', limit: number): number;
  /** The same for a matrix of order `limit` that has a fault; see `required`. */
  site(kind: MatrixFault, limit: number, about: SiteDetails): number;
}

/**
 * Whether a position lies below a bound, in all of the part of the result that is being computed;
 * the compiler cuts the result into parts for which this has one answer.
 */
export type IsBelow = (position: Affine, bound: number) => boolean;

/**
 * How an operation becomes kernel code.
 *
 * `pull` gives the value of the result at an index from elements of the operands: such operations
 * are fused into whatever reads them. `cost` tells whether the value may be computed again for
 * each reader: `view` (index arithmetic only), `cheap`, or `math`.
 *
 * `nest` writes statements. It reads operands through `reads` (which may be fused producers) and
 * hands each element of result `i` to `write(i, index, value)` once.
 */
export type Lowering<Arity extends number, P extends Params> =
  | {
      readonly kind: 'pull';
      readonly cost: 'view' | 'cheap' | 'math';
      /** The value of the result at an index. */
      at(reads: Operands<Arity, Read>, index: Index, context: LowerContext<Arity, P>): Expr;
    }
  | {
      readonly kind: 'nest';
      /** Operand whose memory the result takes over, updated in place; copied when still needed. */
      readonly inPlace?: number;
      /** Whether it reads all operands at the same element, so that what they share counts once. */
      readonly together?: boolean;
      /**
       * The value of the result at an index, where `isBelow` tells which part of the result it
       * belongs to. Results of a few parts are then fused into their readers like a `pull`.
       */
      piece?(
        reads: Operands<Arity, Read>,
        index: Index,
        context: LowerContext<Arity, P>,
        isBelow: IsBelow,
      ): Expr | undefined;
      /** Writes the statements. */
      emit(k: NestBuilder, reads: Operands<Arity, Read>, context: LowerContext<Arity, P>): void;
    };

/** Dense elements in the reference interpreter. */
export interface ReferenceArray {
  readonly type: TensorType;
  readonly data: Data;
}

/** A case for the laws: operands as tensors made by `make`, and parameters. */
export interface Sample<P extends Params> {
  readonly title: string;
  readonly operands: readonly SampleOperand[];
  readonly params: P;
  /** Whether derivatives exist and are continuous there (no tie, no kink); true when left out. */
  readonly smooth?: boolean;
}

/** Values are drawn from `[from, to]`, or are those of `values`, repeated to fill the shape. */
export interface SampleOperand {
  readonly shape: readonly number[];
  readonly dtype?: 'float' | 'int32' | 'bool';
  readonly from?: number;
  readonly to?: number;
  readonly values?: readonly number[];
  /** Makes the matrices in the last two axes symmetric and positive definite. */
  readonly positiveDefinite?: boolean;
  /** Whether the matrices in the last two axes must have independent columns. */
  readonly regular?: boolean;
  /** Whether no other values make sense. */
  readonly fixed?: boolean;
}

/**
 * Which elements of a linear operation's result depend on which elements of its operands:
 *
 * - `elementwise`: on those at the same position;
 * - `selection`: each is an element of an operand, unchanged, or zero, whatever the dtype;
 * - `sum`: each element of an operand is added to at most one of the result; what `transpose` does
 *   is then a selection;
 * - `like`: as the value of another expression does. Beside a selection or a sum it is for
 *   positions that are operands themselves and not known.
 *
 * Where nothing is said each element depends on all elements.
 */
export type Dependence<Arity extends number, P extends Params> =
  | 'elementwise'
  | 'selection'
  | 'sum'
  | {
      readonly kind: 'selection' | 'sum' | 'like';
      /** An expression in the operands that the operation is linear in. */
      like(operands: Operands<Arity, Tensor>, params: P): Tensor;
    };

/** What stands for an operand that nobody asked for; `identity` is in the last two axes. */
export type IdleValue = number | 'identity' | null;

/** Everything about a primitive, as its author writes it. */
export interface PrimitiveRules<Arity extends number, P extends Params> {
  readonly name: string;
  /** Number of operands; left out where it varies. */
  readonly arity?: Arity;
  /** Result type for operand types. Throws a ShapeError or DTypeError that says what to do. */
  type(operands: Operands<Arity, TensorType>, params: P): TensorType;
  /**
   * The result and, for each operand, its tangent map (null where there is none). The result's
   * tangent is the sum of the maps. Left out when `linear` says it.
   */
  linearize?(
    operands: Operands<Arity, Tensor>,
    params: P,
  ): readonly [Tensor, ...(TangentMap | null)[]];
  /**
   * Operands in which the operation is linear, with the others fixed: `each` one alone (a
   * product) or all of them `together` (a sum). Needs `transpose`.
   */
  readonly linear?: { readonly in: readonly number[] | 'all'; readonly as: 'each' | 'together' };
  /**
   * Adds the pull-back of `ct` to each operand that is a Cotangent; the others are tensors.
   */
  transpose?(ct: Tensor, operands: Operands<Arity, Tensor | Cotangent>, params: P): void;
  /**
   * The operation on operands of which some carry a leading batch axis. The result has it too.
   */
  vmap(operands: Operands<Arity, Tensor>, batched: readonly boolean[], params: P): Tensor;
  /**
   * What operands become in the entries of a batch that are idle (done with a loop, or in another
   * branch), so that an entry cannot fail or spoil a sum by values that nobody asked for: a
   * position inside the axis, a divisor that is not 0, a finite factor, an identity matrix. Null
   * leaves one as it is.
   */
  readonly idle?: readonly IdleValue[];
  /** Where the result of a linear operation depends on its operands; see `sparseJacobian`. */
  readonly dependence?: Dependence<Arity, P>;
  /** Kernel code. */
  readonly lower?: Lowering<Arity, P>;
  /** The operation in terms of other primitives, where there is no kernel code. */
  decompose?(operands: Operands<Arity, Tensor>, params: P): Tensor;
  /** Whether its kernel code checks data when it runs; true when it is composed of others. */
  readonly mayFail?: boolean;
  /** Plain evaluation for the reference interpreter: slow, and obviously right; see `forLaws`. */
  reference?(operands: Operands<Arity, ReferenceArray>, result: TensorType, params: P): Data;
  /**
   * Cases for the laws: empty, size 1, odd, special values. They are made when a test asks for them;
   * see `forLaws`.
   */
  samples?(): readonly Sample<P>[];
}

/** What transforms and the compiler see of a primitive, whatever its arity and parameters. */
export interface Primitive extends Operation {
  /** For one result: the result and the tangent maps of the operands. */
  linearize?(
    operands: readonly Tensor[],
    params: Params,
  ): readonly [Tensor, ...(TangentMap | null)[]];
  /** For several results; `active` says which operands have a tangent. */
  linearizeAll?(
    operands: readonly Tensor[],
    params: Params,
    active: readonly boolean[],
  ): Linearized;
  readonly linear?: { readonly in: readonly number[] | 'all'; readonly as: 'each' | 'together' };
  /** Adds pull-backs to the operands that are Cotangents; a null cotangent is zero. */
  transpose?(
    cts: readonly (Tensor | null)[],
    operands: readonly (Tensor | Cotangent)[],
    params: Params,
  ): void;
  /**
   * Results with a leading batch axis of `size`, or without where `batched` is false. Entries where
   * `running` (a bool per entry; all run without it) is false are idle.
   */
  vmap?(
    operands: readonly Tensor[],
    batched: readonly boolean[],
    params: Params,
    size: number,
    running?: Tensor,
  ): Batched;
  readonly idle?: readonly IdleValue[];
  readonly dependence?: Dependence<number, Params>;
  /** The dependence of results of a linear operation that runs Programs. */
  depend?(
    operands: readonly ElementOperand[],
    params: Params,
    walk: WalkElements,
  ): readonly (ElementSets | null)[];
  /** Whether it is linear, and can be transposed but not evaluated: a pullback that a user gave. */
  readonly onlyTransposed?: boolean;
  readonly lower?: Lowering<number, Params>;
  /** The results in terms of other primitives. */
  decompose?(operands: readonly Tensor[], params: Params): readonly Tensor[];
  /** Evaluation in JavaScript, for what runs nowhere else; needs `onHost`. */
  host?(operands: readonly Tensor[], params: Params): readonly Tensor[];
  /** Plain evaluation for the reference interpreter. */
  reference?(operands: readonly ReferenceArray[], result: TensorType, params: Params): Data;
  /** Cases for the laws. */
  samples?(): readonly Sample<Params>[];
}

/** Results of a batched operation, and which of them have the leading batch axis. */
export interface Batched {
  readonly outputs: readonly Tensor[];
  readonly batched: readonly boolean[];
}

type ParamArguments<P extends Params> = keyof P extends never ? [] : [params: P];

type Arguments<Arity extends number, P extends Params> = number extends Arity
  ? [operands: readonly Tensor[], ...ParamArguments<P>]
  : [...Operands<Arity, Tensor>, ...ParamArguments<P>];

/** A primitive of one result, applied by calling it. */
export type CallablePrimitive<Arity extends number, P extends Params> = Primitive &
  ((...args: Arguments<Arity, P>) => Tensor);

const primitives = new WeakSet<Operation>();

/** The rules of an operation; every operation of a recorded Program is a primitive. */
export function primitiveOf(operation: Operation): Primitive {
  if (isPrimitive(operation)) return operation;
  throw new Error(`${operation.name} is not a primitive made by definePrimitive.`);
}

function isPrimitive(operation: Operation): operation is Primitive {
  return primitives.has(operation);
}

/** Registers an operation with several results, which states its rules in the general form. */
/* @__NO_SIDE_EFFECTS__ */
export function defineOperation<P extends Primitive>(primitive: P): P {
  primitives.add(primitive);
  return primitive;
}

/**
 * Makes a primitive of one result from its rules. It is applied by calling it: with its operands
 * (one list of them where their number varies) and then its parameters, if it has any.
 *
 * @throws Error when neither `lower` nor `decompose` says how to compute it, when it is linear
 * and has no `transpose`, or when it is not linear and has neither `linearize` nor `decompose`.
 */
/* @__NO_SIDE_EFFECTS__ */
export function definePrimitive<const Arity extends number, P extends Params = object>(
  rules: PrimitiveRules<Arity, P>,
): CallablePrimitive<Arity, P> {
  return defineErased(rules);
}

/** `definePrimitive` for rules whose arity is known only when they run. */
/* @__NO_SIDE_EFFECTS__ */
export function defineErased(
  rules: PrimitiveRules<number, Params>,
): Primitive & ((...args: readonly unknown[]) => Tensor) {
  checkRules(rules);
  const { name } = rules;
  const transpose = rules.transpose?.bind(rules);
  const decompose = rules.decompose?.bind(rules);
  if (!rules.lower && !rules.decompose) {
    throw new Error(`definePrimitive: ${name} needs \`lower\` (kernel code) or \`decompose\`.`);
  }
  if (rules.linear && !rules.transpose) {
    throw new Error(`definePrimitive: ${name} is linear and needs \`transpose\`.`);
  }
  const apply = (...args: readonly unknown[]): Tensor => {
    const operands: Tensor[] = [];
    let params: Params = {};
    for (const arg of args) {
      if (isTensor(arg)) operands.push(arg);
      else if (Array.isArray(arg)) operands.push(...arg.filter(isTensor));
      else if (isParams(arg)) params = arg;
    }
    return bindOne(primitive, operands, params);
  };
  Object.defineProperty(apply, 'name', { value: name });
  const primitive = defineOperation(
    Object.assign(apply, {
      typeOf: (operands: readonly ValueType[], params: Params): readonly ValueType[] => {
        if (rules.arity !== undefined && operands.length !== rules.arity) {
          throw new TypeError(`${name}: takes ${rules.arity} operands, got ${operands.length}.`);
        }
        return [
          rules.type(
            operands.map((type) => denseType(name, type)),
            params,
          ),
        ];
      },
      ...(rules.linearize && { linearize: rules.linearize.bind(rules) }),
      ...(rules.linear && { linear: rules.linear }),
      mayFail: rules.mayFail ?? !rules.lower,
      ...(transpose && {
        transpose: (
          [ct]: readonly (Tensor | null)[],
          operands: readonly (Tensor | Cotangent)[],
          params: Params,
        ): void => {
          if (ct) transpose(ct, operands, params);
        },
      }),
      vmap: (
        operands: readonly Tensor[],
        batched: readonly boolean[],
        params: Params,
      ): Batched => ({
        outputs: [rules.vmap(operands, batched, params)],
        batched: [true],
      }),
      ...(rules.idle && { idle: rules.idle }),
      ...(rules.dependence && { dependence: rules.dependence }),
      ...(rules.lower && { lower: rules.lower }),
      ...(decompose && {
        decompose: (operands: readonly Tensor[], params: Params): readonly Tensor[] => [
          decompose(operands, params),
        ],
      }),
      ...(rules.reference && { reference: rules.reference.bind(rules) }),
      ...(rules.samples && { samples: rules.samples.bind(rules) }),
    }),
  );
  return primitive;
}

function checkRules(rules: unknown): void {
  if (typeof rules === 'object' && rules !== null && 'name' in rules && 'type' in rules) return;
  throw new TypeError(
    `definePrimitive: takes an object of rules with at least name, type, vmap and lower or decompose; it is ${describeValue(rules)}.`,
  );
}

function isParams(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !isTensor(value) && !Array.isArray(value);
}

function denseType(name: string, type: ValueType): TensorType {
  if (type.kind === 'tensor') return type;
  throw new TypeError(`${name}: a stack of loop residuals is not an operand of it.`);
}

import type { Expr } from '../kernel/expr.ts';
import { allocate, type DType } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sameShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, type TensorType, tensorType } from '../tensor/type.ts';
import { broadcast } from './broadcast.ts';
import type { Cotangent } from './cotangent.ts';
import {
  type CallablePrimitive,
  defineErased,
  type IdleValue,
  type LowerContext,
  type Operands,
  type Primitive,
  type PrimitiveRules,
  type Sample,
  type TangentMap,
} from './define.ts';
import type { Laws } from './for-laws.ts';

/** Which element types an operation takes. */
export type Accepts = 'float' | 'number' | 'integer' | 'bool' | 'logical' | 'any';

const accepted: { readonly [A in Accepts]: readonly DType[] } = {
  float: ['float64', 'float32'],
  number: ['float64', 'float32', 'int32'],
  integer: ['int32'],
  bool: ['bool'],
  logical: ['bool', 'int32'],
  any: ['float64', 'float32', 'int32', 'bool'],
};

/** What one elementwise primitive adds to the rules that all of them share. */
export interface ElementwiseRules<Arity extends number> {
  readonly name: string;
  readonly arity: Arity;
  readonly accepts: Accepts;
  /** Dtype of the result; that of the operands when left out. */
  readonly result?: 'bool';
  /** Whether the first operand is a bool mask beside operands of the accepted dtypes. */
  readonly masked?: boolean;
  linearize?(operands: Operands<Arity, Tensor>): readonly [Tensor, ...(TangentMap | null)[]];
  readonly linear?: { readonly in: readonly number[]; readonly as: 'each' | 'together' };
  transpose?(ct: Tensor, operands: Operands<Arity, Tensor | Cotangent>): void;
  readonly cost?: 'cheap' | 'math';
  readonly mayFail?: boolean;
  lower(operands: Operands<Arity, Expr>, context: LowerContext<number, object>): Expr;
  /** The scalar function; the dtype is that of the operands. Needed where the compiler folds constants. */
  reference?(operands: Operands<Arity, number>, dtype: DType): number;
  /** See `PrimitiveRules`. */
  readonly idle?: readonly IdleValue[];
}

/** A primitive that acts on each element alone; operands have one shape. */
/* @__NO_SIDE_EFFECTS__ */
export function elementwise<const Arity extends number>(
  rules: ElementwiseRules<Arity>,
): CallablePrimitive<Arity, object> {
  const primitive = defineErased(sharedRules(rules, (operands) => primitive(...operands)));
  return primitive;
}

function sharedRules(
  rules: ElementwiseRules<number>,
  apply: (operands: readonly Tensor[]) => Tensor,
): PrimitiveRules<number, object> {
  const { name, arity, linearize, linear, transpose } = rules;
  return {
    name,
    arity,
    type: (operands) => elementwiseType(rules, operands),
    ...(linearize && { linearize: (operands) => linearize(operands) }),
    ...(linear && { linear }),
    ...(transpose && { transpose: (ct, operands) => transpose(ct, operands) }),
    mayFail: rules.mayFail ?? false,
    vmap: (operands, batched) => apply(alignBatch(operands, batched)),
    lower: {
      kind: 'pull',
      cost: rules.cost ?? 'cheap',
      at: (reads, index, context) =>
        rules.lower(
          reads.map((read) => read(index)),
          context,
        ),
    },
    ...(rules.reference && { reference: arrayReference(rules.reference) }),
    ...(rules.idle && { idle: rules.idle }),
    dependence: 'elementwise',
  };
}

interface ElementwiseLaws<Arity extends number> {
  /** The scalar function; the dtype is that of the operands. */
  reference(operands: Operands<Arity, number>, dtype: DType): number;
  samples(): readonly Sample<object>[];
}

type ScalarReference = NonNullable<ElementwiseRules<number>['reference']>;

function arrayReference(scalar: ScalarReference): NonNullable<Primitive['reference']> {
  return (operands, result) => {
    const data = allocate(result.dtype, sizeOf(result.shape));
    const dtype = operands.at(-1)?.type.dtype ?? result.dtype;
    const values = operands.map(() => Number.NaN);
    for (let i = 0; i < data.length; i++) {
      for (let k = 0; k < operands.length; k++) values[k] = operands[k]?.data[i] ?? Number.NaN;
      data[i] = scalar(values, dtype);
    }
    return data;
  };
}

/** `forLaws` for a primitive that acts on each element alone, with a scalar function as reference. */
/* @__NO_SIDE_EFFECTS__ */
export function elementwiseLaws<const Arity extends number>(
  primitive: Primitive,
  laws: ElementwiseLaws<Arity>,
): Laws {
  const { reference, samples }: ElementwiseLaws<number> = laws;
  return { primitive, reference: arrayReference(reference), samples };
}

/** The type of the result, and the errors about operands. */
export function elementwiseType(
  {
    name,
    accepts,
    result,
    masked,
  }: Pick<ElementwiseRules<number>, 'name' | 'accepts' | 'result' | 'masked'>,
  operands: readonly TensorType[],
): TensorType {
  const values = masked ? operands.slice(1) : operands;
  const [first] = values;
  const [mask] = operands;
  if (first === undefined || mask === undefined) throw new TypeError(`${name}: no operands.`);
  const all = (): string => operands.map(describeType).join(', ');
  if (masked && mask.dtype !== 'bool') {
    throw new DTypeError(
      `${name}: the condition is ${describeType(mask)}; it must be bool. Compare it (x.ne(0)) first.`,
    );
  }
  for (const value of values) {
    if (!accepted[accepts].includes(value.dtype)) {
      throw new DTypeError(
        `${name}: works on ${accepted[accepts].join(', ')}; got ${all()}. Convert with astype.`,
      );
    }
    if (value.dtype !== first.dtype) {
      throw new DTypeError(
        `${name}: operands have different dtypes (${all()}). Convert one of them, for instance with astype('${first.dtype}').`,
      );
    }
  }
  if (!operands.every(({ shape }) => sameShape(shape, first.shape))) {
    throw new ShapeError(
      `${name}: operands of a primitive have one shape; got ${all()}. Broadcast them first.`,
    );
  }
  const weak = values.every((value) => value.weak);
  return tensorType(result ?? first.dtype, first.shape, weak && result === undefined);
}

/** Gives unbatched operands the leading axis of the batched ones. */
export function alignBatch(operands: readonly Tensor[], batched: readonly boolean[]): Tensor[] {
  const size = batchSize(operands, batched);
  return operands.map((x, i) =>
    batched[i]
      ? x
      : broadcast(x, { shape: [size, ...x.shape], axes: x.shape.map((_, axis) => axis + 1) }),
  );
}

/** Extent of the batch axis. */
function batchSize(operands: readonly Tensor[], batched: readonly boolean[]): number {
  return operands.find((_, i) => batched[i])?.shape[0] ?? 0;
}

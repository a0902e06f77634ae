import { broadcast } from '../primitives/broadcast.ts';
import { and } from '../primitives/compare.ts';
import { defineOperation, type Linearized, type Primitive } from '../primitives/define.ts';
import { alignBatch } from '../primitives/elementwise.ts';
import type { Params } from '../program/program.ts';
import { allocate } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import { fromData, type Tensor, typeOf } from '../tensor/tensor.ts';
import { type TensorType, tensorType, type ValueType } from '../tensor/type.ts';
import { bind } from '../trace/trace.ts';

/** Parameters that every operation on the host has. */
export interface HostParams {
  /** Extents of the leading axes of all operands and results, which enumerate calls. */
  readonly batch: readonly number[];
  /** Whether the first operand is a mask of the calls to make; the results of the others are zeros. */
  readonly masked: boolean;
}

/** What an operation on the host is, apart from its batches. */
export interface HostRules<P extends HostParams> {
  readonly name: string;
  readonly effect: boolean;
  /** Types of the results of one call. */
  results(params: P): readonly TensorType[];
  /** One call. */
  call(operands: readonly Tensor[], params: P): readonly Tensor[];
  /** The outcome of differentiating it. */
  linearize(self: Primitive, operands: readonly Tensor[], params: P): Linearized;
}

/** Makes an operation that calls JavaScript, once for each entry of a batch, in row-major order. */
export function hostOperation<P extends HostParams>(rules: HostRules<P>): Primitive {
  const operation: Primitive = defineOperation({
    name: rules.name,
    onHost: true,
    effect: rules.effect,
    // It may throw whatever it likes.
    mayFail: true,
    typeOf: (_: readonly ValueType[], params: P) =>
      rules
        .results(params)
        .map(({ dtype, shape }) => tensorType(dtype, [...params.batch, ...shape])),
    linearizeAll: (operands, params: P) => rules.linearize(operation, operands, params),
    // Nothing is called for an idle entry.
    idle: [],
    vmap: (operands, batched, params: P, size, running) => {
      const batch = [size, ...params.batch];
      const given = alignBatch(operands, batched);
      const outputs = bind(operation, running ? masked(given, params, batch, running) : given, {
        ...params,
        batch,
        masked: params.masked || running !== undefined,
      } satisfies P as Params);
      return { outputs, batched: outputs.map(() => true) };
    },
    host: (operands: readonly Tensor[], params: P) => runEntries(rules, operands, params),
  });
  return operation;
}

/** Operands of a batch with a mask of the calls to make, under the one that they have already. */
function masked(
  operands: readonly Tensor[],
  params: HostParams,
  batch: readonly number[],
  running: Tensor,
): readonly Tensor[] {
  const wide = broadcast(running, { shape: batch, axes: [0] });
  const [own, ...rest] = operands;
  return params.masked && own ? [and(wide, own), ...rest] : [wide, ...operands];
}

function runEntries<P extends HostParams>(
  rules: HostRules<P>,
  operands: readonly Tensor[],
  params: P,
): readonly Tensor[] {
  const axes = params.batch.length;
  const results = rules.results(params);
  const data = results.map(({ dtype, shape }) =>
    allocate(dtype, sizeOf(params.batch) * sizeOf(shape)),
  );
  for (let entry = 0; entry < sizeOf(params.batch); entry++) {
    const own = operands.map((x) => entryOf(x, axes, entry));
    if (params.masked && own.shift()?.item() === 0) continue;
    rules.call(own, params).forEach((result, i) => {
      result.read((elements) => data[i]?.set(elements, entry * elements.length));
    });
  }
  return results.map(({ dtype, shape }, i) =>
    fromData(dtype, [...params.batch, ...shape], data[i] ?? allocate(dtype, 0)),
  );
}

function entryOf(x: Tensor, axes: number, entry: number): Tensor {
  const { dtype, shape, weak } = typeOf(x);
  const own = shape.slice(axes);
  const size = sizeOf(own);
  const data = x.read((elements) => elements.slice(entry * size, (entry + 1) * size));
  return fromData(dtype, own, data, weak);
}

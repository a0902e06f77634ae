import { Cotangent } from '../primitives/cotangent.ts';
import { zeros } from '../primitives/create.ts';
import {
  type Batched,
  defineOperation,
  type Primitive,
  primitiveOf,
} from '../primitives/define.ts';
import { reduceSum } from '../primitives/reduce.ts';
import type { Params, Program } from '../program/program.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import { bind, type TracedProgram, trace, traceClosed } from '../trace/trace.ts';
import { batchedType, withBatch } from './batch-program.ts';
import { transposeInto } from './transpose-program.ts';
import { entryType, keepWhere, vmapInto, vmapParts } from './vmap-program.ts';

/** Operands: `[mask?, ...operands of the map]`; results with the batch axis. */
interface BatchedLinearParams {
  /** One equation, on one entry. */
  readonly map: Program;
  readonly batched: readonly boolean[];
  readonly size: number;
  readonly masked: boolean;
}

function split<T>(operands: readonly T[], { masked }: BatchedLinearParams) {
  return { mask: operands.slice(0, Number(masked)), own: operands.slice(Number(masked)) };
}

/**
 * A batch of a linear map that has a transpose but no rule for batches. What it is composed of may
 * have no transpose, so it stays whole until it is evaluated; transposed, it is the batch of the
 * transpose.
 */
const batchedLinearOperation: Primitive = defineOperation({
  name: 'batchedLinear',

  typeOf: (_: readonly ValueType[], { map, size }: BatchedLinearParams) =>
    map.outputs.map(({ type }) => batchedType(type, size)),

  decompose: (operands: readonly Tensor[], params: BatchedLinearParams) => {
    const { mask, own } = split(operands, params);
    const [equation] = params.map.equations;
    if (!equation) throw new Error('unreachable');
    const { outputs, batched } = vmapParts(
      primitiveOf(equation.operation),
      own,
      params.batched,
      equation.params,
      params.size,
      mask[0],
    );
    return outputs.map((output, i) => withBatch(output, batched[i] === true, params.size));
  },

  transpose: (cts, operands, params: BatchedLinearParams): void => {
    const { mask, own } = split(operands, params);
    const [running] = mask;
    if (running instanceof Cotangent) throw new Error('unreachable');
    const { program, captures } = transposed(params.map, own, cts);
    const fixed = own.filter((x): x is Tensor => !(x instanceof Cotangent));
    const given = cts.filter((ct) => ct !== null);
    const flags = [
      ...captures.map(() => false),
      ...params.batched.filter((_, i) => !(own[i] instanceof Cotangent)),
      ...given.map(() => true),
    ];
    const results = vmapInto(
      program,
      [...captures, ...fixed, ...given],
      flags,
      params.size,
      running,
    );
    let next = 0;
    own.forEach((target, i) => {
      if (!(target instanceof Cotangent)) return;
      const at = next++;
      const result = results.outputs[at];
      if (!result) throw new Error('unreachable');
      const all = withBatch(result, results.batched[at] === true, params.size);
      const ct = running ? keepWhere(running, all, zeros(typeOf(all))) : all;
      target.add(params.batched[i] ? ct : reduceSum(ct, { axes: [0] }));
    });
  },
});

/** `[...fixed operands, ...cotangents] -> [...cotangents of the linear operands]`, of one entry. */
function transposed(
  map: Program,
  operands: readonly (Tensor | Cotangent)[],
  cts: readonly (Tensor | null)[],
): TracedProgram {
  const isLinear = operands.map((x) => x instanceof Cotangent);
  const types = map.inputs.map(({ type }) => type);
  return trace(
    [
      ...types.filter((_, i) => !isLinear[i]),
      ...map.outputs.flatMap(({ type }, i) => (cts[i] ? [type] : [])),
    ],
    (...all) => {
      const queue = [...all];
      const values = types.map((type, i) => (isLinear[i] ? new Cotangent(type) : queue.shift()));
      transposeInto(
        map,
        values.flatMap((value) => value ?? []),
        cts.map((ct) => (ct ? (queue.shift() ?? null) : null)),
      );
      return values.flatMap((value) =>
        value instanceof Cotangent ? [value.get() ?? zeros(value.dense())] : [],
      );
    },
    { name: 'vmap' },
  );
}

/** A linear primitive on a batch, for which it has no rule of its own. */
export function vmapLinear(
  primitive: Primitive,
  operands: readonly Tensor[],
  batched: readonly boolean[],
  params: Params,
  size: number,
  running?: Tensor,
): Batched {
  const types = operands.map(({ type }, i) => (batched[i] ? entryType(type) : type));
  const map = traceClosed(types, (...all) => bind(primitive, all, params), 'vmap');
  const outputs = bind(batchedLinearOperation, [...(running ? [running] : []), ...operands], {
    map,
    batched,
    size,
    masked: running !== undefined,
  } satisfies BatchedLinearParams);
  return { outputs, batched: outputs.map(() => true) };
}

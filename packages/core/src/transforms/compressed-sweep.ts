import { broadcast } from '../primitives/broadcast.ts';
import { cast } from '../primitives/cast.ts';
import { eq } from '../primitives/compare.ts';
import { concatenate } from '../primitives/concatenate.ts';
import { Cotangent } from '../primitives/cotangent.ts';
import { filled, iota, zeros } from '../primitives/create.ts';
import { reshape } from '../primitives/reshape.ts';
import type { Program } from '../program/program.ts';
import { sizeOf } from '../tensor/shape.ts';
import { fromData, type Tensor, typeOf } from '../tensor/tensor.ts';
import type { TensorType, ValueType } from '../tensor/type.ts';
import { evaluateProgram, type TracedProgram, trace } from '../trace/trace.ts';
import { withBatch } from './batch-program.ts';
import type { Colouring } from './colouring.ts';
import { transposeInto } from './transpose-program.ts';
import { vmapInto } from './vmap-program.ts';

/**
 * The products of a linear Program with the sums of the columns of each colour: `[colours *
 * elements of the results]`, in the open trace. Its first inputs are `residuals`.
 */
export function compressedColumns(
  linear: Program,
  residuals: readonly Tensor[],
  colouring: Colouring,
): Tensor {
  const tangents = linear.inputs.slice(residuals.length).map(({ type }) => dense(type));
  return sweep({ program: linear, captures: [] }, residuals, tangents, colouring);
}

/** The same for the transpose: the sums of the rows of each colour. */
export function compressedRows(
  linear: Program,
  residuals: readonly Tensor[],
  colouring: Colouring,
): Tensor {
  const inputs = linear.inputs.map(({ type }) => type);
  const cts = linear.outputs.map(({ type }) => dense(type));
  const transposed = trace(
    [...inputs.slice(0, residuals.length), ...cts],
    (...all) => {
      const sums = inputs.slice(residuals.length).map((type) => new Cotangent(type));
      const given = all.slice(0, residuals.length);
      transposeInto(linear, [...given, ...sums], all.slice(residuals.length));
      return sums.map((sum) => sum.get() ?? zeros(sum.dense()));
    },
    { name: 'sparseJacobian' },
  );
  return sweep(transposed, residuals, cts, colouring);
}

function sweep(
  { program, captures }: TracedProgram,
  residuals: readonly Tensor[],
  types: readonly TensorType[],
  { count, of }: Colouring,
): Tensor {
  let next = 0;
  const seeds = types.map((type) => {
    const from = next;
    next += sizeOf(type.shape);
    return seed(type, of.subarray(from, next), count);
  });
  const fixed = [...captures, ...residuals];
  const results =
    count === 1
      ? evaluateProgram(program, [...fixed, ...seeds])
      : everyColour(program, fixed, seeds, count);
  const rows = results.map((result) =>
    reshape(result, { shape: [count, sizeOf(typeOf(result).shape) / count] }),
  );
  const [only] = rows;
  const all = rows.length === 1 && only ? only : concatenate(rows, { axis: 1 });
  return reshape(all, { shape: [sizeOf(typeOf(all).shape)] });
}

function everyColour(
  program: Program,
  fixed: readonly Tensor[],
  seeds: readonly Tensor[],
  count: number,
): Tensor[] {
  const flags = [...fixed.map(() => false), ...seeds.map(() => true)];
  const { outputs, batched } = vmapInto(program, [...fixed, ...seeds], flags, count);
  return outputs.map((output, i) => withBatch(output, batched[i] === true, count));
}

/** For each colour, ones at the elements that have it; for one colour, without an axis for it. */
function seed(type: TensorType, of: Int32Array, count: number): Tensor {
  const { dtype, shape } = type;
  if (count === 1 && of.every((colour) => colour === 0)) return filled(type, 1);
  const own = fromData('int32', shape, of.slice());
  if (count === 1) return cast(eq(own, zeros(typeOf(own))), { dtype });
  const all = [count, ...shape];
  const colours = iota([], { size: count, dtype: 'int32' });
  return cast(
    eq(
      broadcast(own, { shape: all, axes: shape.map((_, axis) => axis + 1) }),
      broadcast(colours, { shape: all, axes: [0] }),
    ),
    { dtype },
  );
}

function dense(type: ValueType): TensorType {
  if (type.kind === 'tensor') return type;
  throw new TypeError('A stack of loop residuals cannot be differentiated in from outside.');
}

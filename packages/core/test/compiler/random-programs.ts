import fc from 'fast-check';
import { scanOperation } from '../../src/flow/scan-operation.ts';
import {
  add,
  argmax,
  broadcast,
  cast,
  concatenate,
  cumsum,
  dynamicSlice,
  dynamicUpdate,
  lt,
  maximum,
  mul,
  neg,
  permute,
  recurrence,
  reduceMax,
  reduceSum,
  reshape,
  scatterAdd,
  scatterMax,
  scatterMin,
  scatterSet,
  select,
  slice,
  sliceAdd,
  sortOrder,
  sub,
  take,
  tangentMul,
  tanh,
  transpose,
} from '../../src/primitives/index.ts';
import { formatProgram } from '../../src/program/print.ts';
import type { Program } from '../../src/program/program.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { tensorType } from '../../src/tensor/type.ts';
import { bind, literalOf, trace } from '../../src/trace/trace.ts';

/** One step of a random Program: numbers that pick an operation and its operands. */
type Choice = readonly [operation: number, first: number, second: number];

const shapes = [[], [3], [1, 3], [3, 1], [12], [4, 3], [3, 4], [2, 12], [24], [0], [2, 0]];

/** Random Programs of float64 arrays: elementwise, views, reductions, gathers, updates, running sums, sorting, loops. */
export const randomProgram: fc.Arbitrary<Program> = fc
  .record({
    inputs: fc.array(fc.integer({ min: 0, max: shapes.length - 1 }), {
      minLength: 1,
      maxLength: 3,
    }),
    choices: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 25 }),
    results: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  })
  .map(({ inputs, choices, results }) => {
    const types = inputs.map((i) => tensorType('float64', shapes[i] ?? []));
    const { program } = trace(
      types,
      (...xs) => {
        const values = grow(xs, choices, 0);
        return results.map((i) =>
          pick(values, values.length - 1 - (i % Math.min(6, values.length))),
        );
      },
      { name: 'random' },
    );
    // A counterexample is reported as text.
    return Object.assign(program, { [fc.toStringMethod]: () => formatProgram(program) });
  });

function pick(values: readonly Tensor[], i: number): Tensor {
  const value = values[i % values.length];
  if (value === undefined) throw new Error('no values');
  return value;
}

/** Like `x`, from any other tensor. */
function fitted(x: Tensor, other: Tensor): Tensor {
  if (other.size === x.size) return reshape(other, { shape: x.shape });
  const total = reduceSum(other, { axes: other.shape.map((_, axis) => axis) });
  return x.shape.length === 0 ? total : broadcast(total, { shape: x.shape, axes: [] });
}

function flat(x: Tensor): Tensor {
  return reshape(x, { shape: [x.size] });
}

/** A whole number from -20 to 20. */
function wholeNumber(x: Tensor): Tensor {
  return cast(mul(tanh(x), literalOf(20.5, tensorType('float64', []))), { dtype: 'int32' });
}

function grow(start: readonly Tensor[], choices: readonly Choice[], depth: number): Tensor[] {
  const values = [...start];
  for (const [operation, first, second] of choices) {
    const x = pick(values, first);
    values.push(apply(operation, x, fitted(x, pick(values, second)), second, choices, depth));
  }
  return values;
}

function apply(
  operation: number,
  x: Tensor,
  y: Tensor,
  detail: number,
  choices: readonly Choice[],
  depth: number,
): Tensor {
  const extent = Math.max(1, x.size - (detail % 3));
  const start = x.size === 0 ? 0 : detail % (x.size - Math.min(extent, x.size) + 1);
  const part = { start: [start], extents: [Math.min(extent, x.size)], step: [1] };
  switch (operation % 25) {
    case 0:
      return add(x, y);
    case 1:
      return sub(x, y);
    case 2:
      return mul(tanh(x), tanh(y));
    case 3:
      return neg(x);
    case 4:
      return tanh(x);
    case 5:
      return select(lt(x, y), x, y);
    case 6:
      return maximum(x, y);
    case 7:
      return tangentMul(x, fitted(x, literalOf(detail % 3, tensorType('float64', []))));
    case 8:
      return reduceSum(x, { axes: x.shape.length > 0 ? [detail % x.shape.length] : [] });
    case 9:
      return reduceMax(x, { axes: x.shape.map((_, axis) => axis) });
    case 10:
      return transpose(x, { perm: x.shape.map((_, axis) => x.shape.length - 1 - axis) });
    case 11:
      return slice(flat(x), part);
    case 12: {
      const twice = { axis: Math.max(0, x.shape.length - 1) };
      return x.shape.length === 0 || x.size > 60 ? x : concatenate([x, y], twice);
    }
    case 13:
      return sliceAdd(flat(x), slice(flat(y), part), part);
    case 14:
      return broadcast(x, {
        shape: x.size > 60 ? x.shape : [2, ...x.shape],
        axes: x.shape.map((_, axis) => axis + Number(x.size <= 60)),
      });
    case 15:
    case 16: {
      if (x.size === 0) return x;
      const scale = literalOf(x.size - 0.5, tensorType('float64', []));
      const unit = mul(tanh(y), tanh(y));
      const at = cast(mul(flat(unit), fitted(flat(unit), scale)), { dtype: 'int32' });
      if (operation % 25 === 15) return take(flat(x), at, { batch: 0 });
      const scatter = [scatterAdd, scatterSet, scatterMax, scatterMin][detail % 4] ?? scatterAdd;
      return scatter(flat(x), at, flat(y), { batch: 0 });
    }
    case 17:
      return mul(x, fitted(x, literalOf((detail % 3) - 1, tensorType('float64', []))));
    case 18:
    case 19: {
      const walk = { axis: detail % Math.max(1, x.shape.length), reverse: detail % 2 === 0 };
      if (x.shape.length === 0) return x;
      return operation % 25 === 18 ? cumsum(x, walk) : recurrence(tanh(x), y, walk);
    }
    case 20: {
      if (x.shape.length === 0) return x;
      const order = sortOrder(x, { descending: detail % 2 === 0 });
      return permute(y, order, { inverse: detail % 3 === 0 });
    }
    case 21:
    case 22: {
      const start = reshape(wholeNumber(reduceSum(flat(y), { axes: [0] })), { shape: [1] });
      const piece = dynamicSlice(flat(x), start, { batch: 0, extents: [x.size >> 1] });
      if (operation % 25 === 21) return piece;
      const mode = detail % 2 === 0 ? 'set' : 'add';
      return dynamicUpdate(flat(y), start, piece, { batch: 0, mode });
    }
    case 23:
      if (x.size === 0) return x;
      return take(flat(y), argmax(flat(x), { axis: 0 }), { batch: 0 });
    default:
      return depth > 0 ? sub(y, x) : loop(x, y, detail, choices);
  }
}

/** A scan over the rows of y, with a body made of the same choices. */
function loop(x: Tensor, y: Tensor, detail: number, choices: readonly Choice[]): Tensor {
  const length = detail % 4;
  const row = tensorType('float64', x.shape);
  const body = trace(
    [row, row, row],
    (c, carry, element) => {
      const start = [c, carry, element].filter((t) => t !== undefined);
      const values = grow(start, choices.slice(0, 6), 1);
      const last = pick(values, values.length - 1);
      const [first] = start;
      if (!carry || !first) throw new Error('no inputs');
      return [tanh(fitted(carry, last)), fitted(first, last)];
    },
    { name: 'body' },
  ).program;
  const xs = broadcast(y, { shape: [length, ...x.shape], axes: x.shape.map((_, i) => i + 1) });
  const results = bind(scanOperation, [y, x, xs], {
    body,
    consts: 1,
    carry: 1,
    length,
    reverse: detail % 2 === 1,
  });
  return pick(results, sizeOf(x.shape) * length > 200 ? 0 : detail);
}

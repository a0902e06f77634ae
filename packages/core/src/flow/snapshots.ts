import { le, lt, where } from '../functions/elementwise.ts';
import { filled, zeros } from '../primitives/create.ts';
import { dynamicSlice, dynamicUpdate } from '../primitives/dynamic-slice.ts';
import { reshape } from '../primitives/reshape.ts';
import { take } from '../primitives/take.ts';
import { sizeOf } from '../tensor/shape.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { type TensorType, tensorType } from '../tensor/type.ts';
import { binomialSplit } from './binomial.ts';
import { whileLoop } from './while-loop.ts';

/** An int32 scalar. */
export function integer(value: number): Tensor {
  return filled(tensorType('int32', []), value);
}

/** Elements of an array along its first axis in one flat row after the other, written in place. */
export function setRow(rows: Tensor, index: Tensor, row: Tensor): Tensor {
  const start = reshape(index.mul(row.size), { shape: [1] });
  const update = reshape(row, { shape: [row.size] });
  return dynamicUpdate(rows, start, update, { batch: 0, mode: 'set' });
}

/** Room for `count` rows of a type. */
export function emptyRows({ dtype, shape }: TensorType, count: number): Tensor {
  return zeros(tensorType(dtype, [count * sizeOf(shape)]));
}

/** One of the rows of a type. */
export function getRow(rows: Tensor, index: Tensor, { shape }: TensorType): Tensor {
  const size = sizeOf(shape);
  const start = reshape(index.mul(size), { shape: [1] });
  return reshape(dynamicSlice(rows, start, { batch: 0, extents: [size] }), { shape });
}

/** The element at an index of each array. */
export function elementsAt(arrays: readonly Tensor[], index: Tensor): Tensor[] {
  return arrays.map((array) => take(array, index, { batch: 0 }));
}

/**
 * States of a loop and the steps before which they were, the latest on top. There is one slot more
 * than places: what is not to be kept is written there.
 */
export interface Snapshots {
  /** Slot of the latest. */
  readonly top: Tensor;
  /** Step of each slot, int32. */
  readonly positions: Tensor;
  /** For each part of the state, that of each slot, flat. */
  readonly states: readonly Tensor[];
}

/** Room for the states of `places` steps, with the state before the first. */
export function firstSnapshot(state: readonly Tensor[], places: number): Snapshots {
  return {
    top: integer(0),
    positions: zeros(tensorType('int32', [places + 1])),
    states: state.map((part) => setRow(emptyRows(typeOf(part), places + 1), integer(0), part)),
  };
}

// Of a batch, entries that have ended ask as well, and may ask for a slot that does not exist.
function positionAt(positions: Tensor, slot: Tensor): Tensor {
  return getRow(positions, slot, tensorType('int32', []));
}

/** The latest state that was kept, and its step. */
export function latest({ top, positions, states }: Snapshots, types: readonly TensorType[]) {
  return {
    position: positionAt(positions, top),
    state: types.flatMap((type, i) => {
      const rows = states[i];
      return rows ? [getRow(rows, top, type)] : [];
    }),
  };
}

/** Forgets the latest state when it is that of a step. */
export function dropAt(step: Tensor, { top, positions, states }: Snapshots): Snapshots {
  const used = le(step, positionAt(positions, top));
  return { top: top.sub(used.astype('int32')), positions, states };
}

/** A loop on its way: the state before a step, what was kept, and rows that the steps fill. */
export interface Progress {
  readonly position: Tensor;
  readonly state: readonly Tensor[];
  readonly snapshots: Snapshots;
  readonly rows: readonly Tensor[];
}

/** The step at a position: the next state, and the rows. */
export type Step = (
  position: Tensor,
  state: readonly Tensor[],
  rows: readonly Tensor[],
) => { readonly state: readonly Tensor[]; readonly rows: readonly Tensor[] };

/**
 * Advances to the state before the step `target`, and keeps those states on the way from which the
 * steps up to and including `target` are best run backwards.
 */
export function advance(step: Step, places: number, start: Progress, target: Tensor): Progress {
  return whileLoop(
    ({ position }) => lt(position, target),
    ({ position, state, snapshots: { top, positions, states }, rows }) => {
      const steps = binomialSplit(target.add(1).sub(position), integer(places).sub(top));
      const end = position.add(steps);
      const arrived = whileLoop(
        (inner) => lt(inner.position, end),
        (inner) => ({
          position: inner.position.add(1),
          ...step(inner.position, inner.state, inner.rows),
        }),
        { position, state, rows },
      );
      const kept = lt(end, target);
      const slot = where(kept, top.add(1), integer(places));
      return {
        position: end,
        state: arrived.state,
        rows: arrived.rows,
        snapshots: {
          top: top.add(kept.astype('int32')),
          positions: setRow(positions, slot, end),
          states: states.map((all, i) => {
            const part = arrived.state[i];
            return part ? setRow(all, slot, part) : all;
          }),
        },
      };
    },
    start,
  );
}

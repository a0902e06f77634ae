import { stretch } from '../functions/promote.ts';
import { moveAxis } from '../functions/shape.ts';
import { zeros } from '../primitives/create.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import { reduceMax } from '../primitives/reduce.ts';
import { reshape } from '../primitives/reshape.ts';
import { withoutEffects } from '../program/effects.ts';
import type { Program } from '../program/program.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type TensorType, tensorType, type ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram } from '../trace/trace.ts';
import { withBatch } from '../transforms/batch-program.ts';
import { vmapParts } from '../transforms/vmap-program.ts';
import { denseType } from './joint-program.ts';
import { linearizeStep, stepOf } from './loop-residuals.ts';
import { instantiate } from './scan-derivative.ts';
import { batchBody } from './scan-vmap.ts';
import { advance, elementsAt, emptyRows, firstSnapshot, integer, setRow } from './snapshots.ts';
import { type SweepTangentParams, sweepTangentOperation } from './sweep-tangent.ts';
import type { SweepParams } from './sweeps.ts';

/** Takes the operands of a sweep apart. */
export function splitSweep<T>(operands: readonly T[], { length, consts, carry }: SweepParams) {
  const first = Number(length === null);
  return {
    count: operands.slice(0, first),
    consts: operands.slice(first, first + consts),
    carry: operands.slice(first + consts, first + consts + carry),
    xs: operands.slice(first + consts + carry),
  };
}

/** The position of step t among the elements of xs and ys. */
export function elementOf(step: Tensor, { extent, reverse }: SweepParams): Tensor {
  return reverse ? integer(extent - 1).sub(step) : step;
}

/** The type of all elements of a kind. */
export function rowsType(element: ValueType, extent: number): TensorType {
  const { dtype, shape, weak } = denseType(element);
  return tensorType(dtype, [extent, ...shape], weak);
}

/** Types of what a sweep keeps. */
export function snapshotTypes(carry: readonly ValueType[], places: number): TensorType[] {
  return [
    tensorType('int32', []),
    tensorType('int32', [places + 1]),
    ...carry.map((part) => {
      const { dtype, shape } = denseType(part);
      return tensorType(dtype, [(places + 1) * sizeOf(shape)]);
    }),
  ];
}

function sweep(operands: readonly Tensor[], params: SweepParams): readonly Tensor[] {
  const { step, places, extent } = params;
  const { count, consts, carry, xs } = splitSweep(operands, params);
  const yTypes = step.outputs.slice(carry.length).map(({ type }) => denseType(type));
  const end = advance(
    (position, state, rows) => {
      const index = elementOf(position, params);
      const results = evaluateProgram(step, [...consts, ...state, ...elementsAt(xs, index)]);
      return {
        state: results.slice(0, carry.length),
        rows: rows.map((all, i) => setRow(all, index, results[carry.length + i] ?? all)),
      };
    },
    places,
    {
      position: integer(0),
      state: carry,
      snapshots: firstSnapshot(carry, places),
      rows: yTypes.map((type) => emptyRows(type, extent)),
    },
    count[0] ?? integer(params.length ?? 0),
  );
  const { top, positions, states } = end.snapshots;
  const ys = end.rows.map((rows, i) =>
    reshape(rows, { shape: [extent, ...(yTypes[i]?.shape ?? [])] }),
  );
  return [...end.state, ...ys, top, positions, ...states];
}

/** The sweep itself; its linear map keeps the states of some steps and the operands. */
export function linearizeSweep(
  operands: readonly Tensor[],
  params: SweepParams,
  active: readonly boolean[],
): Linearized {
  const { count, consts, carry, xs } = splitSweep(operands, params);
  const flags = splitSweep(active, params);
  const { parts, activeCarry } = linearizeStep(params.step, flags);
  const results = bind(sweepOperation, [...count, ...parts.captures, ...consts, ...carry, ...xs], {
    ...params,
    step: stepOf(parts, params.step.outputs.length),
    consts: parts.captures.length + params.consts,
  });
  const kept = results.slice(params.step.outputs.length);
  const moves = [...activeCarry, ...parts.active.slice(params.carry), ...kept.map(() => false)];
  const tangentParams: SweepTangentParams = {
    ...params,
    // What the steps print, they print once.
    step: withoutEffects(params.step),
    active: { consts: flags.consts, carry: activeCarry, xs: flags.xs },
    activeYs: parts.active.slice(params.carry),
  };
  return {
    outputs: results,
    active: moves,
    pushforward: (tangents) => {
      const moved = splitSweep(tangents, params);
      const pushed = bind(
        sweepTangentOperation,
        [
          ...count,
          ...kept,
          ...consts,
          ...carry,
          ...xs,
          ...instantiate(moved.consts, consts, flags.consts),
          ...instantiate(moved.carry, carry, activeCarry),
          ...instantiate(moved.xs, xs, flags.xs),
        ],
        tangentParams,
      );
      let next = 0;
      return moves.map((m) => (m ? (pushed[next++] ?? null) : null));
    },
  };
}

/** Operands of a sweep on a batch, and the step on it. */
export interface BatchedSweep {
  readonly step: Program;
  /** The mask of the entries that run, where there is one, is the first constant. */
  readonly consts: number;
  readonly operands: readonly Tensor[];
  readonly carryFlags: readonly boolean[];
  readonly yFlags: readonly boolean[];
}

/** A step on a batch, with the operands that it needs. */
export function batchSweep(
  operands: readonly Tensor[],
  batched: readonly boolean[],
  params: SweepParams,
  size: number,
  running?: Tensor,
): BatchedSweep {
  const { count, consts, carry, xs } = splitSweep(operands, params);
  const flags = splitSweep(batched, params);
  const mask = running ? [running] : [];
  const { program, carryFlags, yFlags } = batchBody(
    params.step,
    flags.consts,
    flags.carry,
    flags.xs,
    size,
    mask.length > 0,
  );
  return {
    step: program,
    consts: mask.length + consts.length,
    carryFlags,
    yFlags,
    operands: [
      ...count,
      ...mask,
      ...consts,
      ...carry.map((x, i) => (carryFlags[i] ? withBatch(x, flags.carry[i] === true, size) : x)),
      ...xs.map((x, i) => (flags.xs[i] ? moveAxis(x, 0, 1) : x)),
    ],
  };
}

/** Slots of states, of which each has the batch axis, from one row of slots for each entry. */
export function joinSlots(
  slots: Tensor,
  batched: boolean,
  params: SweepParams,
  i: number,
  size: number,
): Tensor {
  const count = params.places + 1;
  const part = partSize(params, i);
  const rows = batched
    ? moveAxis(reshape(slots, { shape: [size, count, part] }), 0, 1)
    : stretch(reshape(slots, { shape: [count, 1, part] }), [count, size, part]);
  return reshape(rows, { shape: [count * size * part] });
}

/**
 * How many states are kept, or of which steps: the same for all entries of a batch that run for the
 * same number of steps, and zeros in an entry of which another branch was taken.
 */
export function sharedBySteps(x: Tensor, batched: boolean): Tensor {
  if (!batched) return x;
  const [size, ...shape] = x.shape;
  return size === 0 ? zeros(tensorType(x.dtype, shape)) : reduceMax(x, { axes: [0] });
}

/** The number of elements in part i of the state, in one entry of a batch. */
function partSize({ step, consts }: SweepParams, i: number): number {
  return sizeOf(denseType(step.inputs[consts + i]?.type).shape);
}

function splitSlots(slots: Tensor, params: SweepParams, i: number, size: number): Tensor {
  const count = params.places + 1;
  const part = partSize(params, i);
  const rows = reshape(slots, { shape: [count, size, part] });
  return reshape(moveAxis(rows, 1, 0), { shape: [size, count * part] });
}

/** The first steps of a loop, and states to run them backwards from. */
export const sweepOperation: Primitive = defineOperation({
  name: 'sweep',

  typeOf: (operands: readonly ValueType[], params: SweepParams) => {
    const { carry } = splitSweep(operands, params);
    const ys = params.step.outputs.slice(params.carry);
    return [
      ...carry,
      ...ys.map(({ type }) => rowsType(type, params.extent)),
      ...snapshotTypes(carry, params.places),
    ];
  },

  decompose: sweep,
  linearizeAll: linearizeSweep,

  vmap: (operands, batched, params: SweepParams, size, running): Batched => {
    if (splitSweep(batched, params).count[0]) {
      return vmapParts(sweepOperation, operands, batched, params, size, running);
    }
    const {
      step,
      consts,
      operands: given,
      carryFlags,
      yFlags,
    } = batchSweep(operands, batched, params, size, running);
    const results = bind(sweepOperation, given, { ...params, step, consts });
    const flags = [...carryFlags, ...yFlags, false, false, ...carryFlags];
    const ys = params.carry;
    const kept = params.step.outputs.length;
    return {
      outputs: results.map((result, i) => {
        if (!flags[i] || i < ys) return result;
        if (i < kept) return moveAxis(result, 1, 0);
        return splitSlots(result, params, i - kept - 2, size);
      }),
      batched: flags,
    };
  },
});

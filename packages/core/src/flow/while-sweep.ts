/**
 * A bounded number of states of a loop whose number of steps is not known. The state before every
 * step that is a multiple of a stride is kept; when there is no place left, every second one is given
 * up and the stride doubled. So the states are always spread evenly, and at least half of the places
 * are in use. On the way back, when the number of steps is known, the places that become free are
 * used as the binomial schedule says.
 */

import { eq, le, logicalAnd, where } from '../functions/elementwise.ts';
import { iota } from '../primitives/create.ts';
import { defineOperation, type Linearized, type Primitive } from '../primitives/define.ts';
import { withoutEffects } from '../program/effects.ts';
import type { WhileParams } from '../program/loops.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { typeOf } from '../tensor/tensor.ts';
import { tensorType, type ValueType } from '../tensor/type.ts';
import { bind } from '../trace/trace.ts';
import { linearizeStep, stepOf } from './loop-residuals.ts';
import { instantiate } from './scan-derivative.ts';
import { emptyRows, getRow, integer, setRow } from './snapshots.ts';
import { snapshotTypes } from './sweep-operation.ts';
import { type SweepTangentParams, sweepTangentOperation } from './sweep-tangent.ts';
import { whileLoop } from './while-loop.ts';
import { splitWhile } from './while-operation.ts';
import { WhileSteps } from './while-steps.ts';

/** A `while` operation that keeps at most `places` states, the first included. */
export interface WhileSweepParams extends WhileParams {
  readonly places: number;
}

function sweepWhile(operands: readonly Tensor[], params: WhileSweepParams): readonly Tensor[] {
  const { places } = params;
  const { carry } = splitWhile(operands, params);
  const steps = new WhileSteps(operands, params);
  const types = carry.map(typeOf);
  const loop = whileLoop(
    ({ at }) => steps.goesOn(at),
    ({ at, top, stride, states }) => {
      const next = top.add(1);
      const reached = steps.upTo(stride.mul(next), at);
      // The place after the last is there to be thinned out at once, or for what is not kept.
      const kept = steps.goesOn(reached);
      const slot = where(kept, next, integer(places));
      const filled = states.map((rows, i) => setRow(rows, slot, reached.state[i] ?? rows));
      const full = logicalAnd(kept, eq(next, places));
      const thinned = everySecond(filled, types, full, places);
      return {
        at: reached,
        top: where(full, integer(Math.floor(places / 2)), where(kept, next, top)),
        stride: where(full, stride.mul(2), stride),
        states: thinned,
      };
    },
    {
      at: { state: carry, taken: integer(0) },
      top: integer(0),
      stride: integer(1),
      states: carry.map((part, i) => {
        const rows = emptyRows(types[i] ?? typeOf(part), places + 1);
        return setRow(rows, integer(0), part);
      }),
    },
  );
  const positions = iota([], { size: places + 1, dtype: 'int32' }).mul(loop.stride);
  const { state, taken } = steps.end(loop.at);
  return [...state, taken, loop.top, positions, ...loop.states];
}

/** Moves slots 0, 2, 4, ... to 0, 1, 2, ... where there is no place left. */
function everySecond(
  states: readonly Tensor[],
  types: readonly ReturnType<typeof typeOf>[],
  full: Tensor,
  places: number,
): readonly Tensor[] {
  const pick = (rows: readonly Tensor[], slot: Tensor): Tensor[] =>
    rows.flatMap((all, i) => {
      const type = types[i];
      return type ? [getRow(all, slot, type)] : [];
    });
  // The next row is read after the last was written, so that this is done in place.
  return whileLoop(
    ({ slot }) => logicalAnd(full, le(slot.mul(2), places)),
    ({ slot, row, rows }) => {
      const moved = rows.map((all, i) => setRow(all, slot, row[i] ?? all));
      const next = slot.add(1);
      return { slot: next, row: pick(moved, next.mul(2)), rows: moved };
    },
    { slot: integer(0), row: pick(states, integer(0)), rows: states },
  ).rows;
}

/** The loop with some of its states; its linear map runs the others again. */
function linearizeWhileSweep(
  operands: readonly Tensor[],
  params: WhileSweepParams,
  active: readonly boolean[],
): Linearized {
  const { condConsts, bodyConsts, carry } = splitWhile(operands, params);
  const flags = splitWhile(active, params);
  const stepFlags = { consts: flags.bodyConsts, carry: flags.carry, xs: [] };
  const { parts, activeCarry } = linearizeStep(params.body, stepFlags);
  const outputs = bind(
    whileSweepOperation,
    [...condConsts, ...parts.captures, ...bodyConsts, ...carry],
    {
      ...params,
      body: stepOf(parts, params.carry),
      bodyConsts: parts.captures.length + params.bodyConsts,
    },
  );
  const [count, ...kept] = outputs.slice(params.carry);
  if (count === undefined) throw new Error('unreachable');
  const tangentParams: SweepTangentParams = {
    // What the steps print, they print once.
    step: withoutEffects(params.body),
    consts: params.bodyConsts,
    carry: params.carry,
    length: null,
    extent: 0,
    reverse: false,
    places: params.places,
    active: { ...stepFlags, carry: activeCarry },
    activeYs: [],
  };
  return {
    outputs,
    active: [...activeCarry, false, ...kept.map(() => false)],
    pushforward: (tangents) => {
      const moved = splitWhile(tangents, params);
      const pushed = bind(
        sweepTangentOperation,
        [
          count,
          ...kept,
          ...bodyConsts,
          ...carry,
          ...instantiate(moved.bodyConsts, bodyConsts, flags.bodyConsts),
          ...instantiate(moved.carry, carry, activeCarry),
        ],
        tangentParams,
      );
      let next = 0;
      return outputs.map((_, i) => (activeCarry[i] ? (pushed[next++] ?? null) : null));
    },
  };
}

/** `linearizeWhileSweep`, with the results of the loop alone: its carry and the number of steps. */
export function linearizeCounted(
  operands: readonly Tensor[],
  params: WhileSweepParams,
  active: readonly boolean[],
): Linearized {
  const { outputs, active: moves, pushforward } = linearizeWhileSweep(operands, params, active);
  const results = params.carry + 1;
  return {
    outputs: outputs.slice(0, results),
    active: moves.slice(0, results),
    pushforward: (tangents) => pushforward(tangents).slice(0, results),
  };
}

/** A loop until a condition fails, with its number of steps and some of its states. */
const whileSweepOperation: Primitive = defineOperation({
  name: 'whileSweep',
  typeOf: (operands: readonly ValueType[], params: WhileSweepParams) => {
    const { carry } = splitWhile(operands, params);
    return [...carry, tensorType('int32', []), ...snapshotTypes(carry, params.places)];
  },
  // An idle entry takes no steps.
  idle: [],
  decompose: sweepWhile,
  linearizeAll: linearizeWhileSweep,
});

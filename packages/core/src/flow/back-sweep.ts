import { ge } from '../functions/elementwise.ts';
import { moveAxis } from '../functions/shape.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import { reshape } from '../primitives/reshape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram } from '../trace/trace.ts';
import { withBatch } from '../transforms/batch-program.ts';
import { vmapParts } from '../transforms/vmap-program.ts';
import { type BackTangentParams, backTangentOperation } from './back-tangent.ts';
import { denseType } from './joint-program.ts';
import { instantiate } from './scan-derivative.ts';
import { batchBody } from './scan-vmap.ts';
import { advance, dropAt, elementsAt, emptyRows, integer, latest, setRow } from './snapshots.ts';
import { batchSweep, elementOf, joinSlots, rowsType, sharedBySteps } from './sweep-operation.ts';
import type { BackSweepParams } from './sweeps.ts';
import { whileLoop } from './while-loop.ts';

/** Takes the operands of a sweep back apart. */
function splitBack<T>(operands: readonly T[], params: BackSweepParams) {
  const rest = [...operands];
  const take = (n: number): T[] => rest.splice(0, n);
  return {
    count: take(Number(params.length === null)),
    snapshots: take(2 + params.carry),
    consts: take(params.consts),
    carry: take(params.carry),
    xs: take(params.xs),
    cts: take(params.cts),
    sums: take(params.sums),
    ctYs: rest,
  };
}

function sweepBack(operands: readonly Tensor[], params: BackSweepParams): readonly Tensor[] {
  const { step, back, places, extent } = params;
  const parts = splitBack(operands, params);
  const [top, positions, ...states] = parts.snapshots;
  if (!top || !positions) throw new Error('unreachable');
  const carryTypes = step.outputs.map(({ type }) => denseType(type));
  const carried = params.cts + params.sums;
  const xTypes = back.outputs.slice(carried).map(({ type }) => denseType(type));
  const total = parts.count[0] ?? integer(params.length ?? 0);
  const end = whileLoop(
    ({ step: at }) => ge(at, 0),
    ({ step: at, snapshots, carry, rows }) => {
      const from = latest(snapshots, carryTypes);
      const reached = advance(
        (position, state) => {
          const x = elementsAt(parts.xs, elementOf(position, params));
          return { state: evaluateProgram(step, [...parts.consts, ...state, ...x]), rows: [] };
        },
        places,
        { ...from, snapshots, rows: [] },
        at,
      );
      const index = elementOf(at, params);
      const results = evaluateProgram(back, [
        ...parts.consts,
        ...reached.state,
        ...elementsAt(parts.xs, index),
        ...carry,
        ...elementsAt(parts.ctYs, index),
      ]);
      return {
        step: at.sub(1),
        snapshots: dropAt(at, reached.snapshots),
        carry: results.slice(0, carried),
        rows: rows.map((all, i) => setRow(all, index, results[carried + i] ?? all)),
      };
    },
    {
      step: total.sub(1),
      snapshots: { top, positions, states },
      carry: [...parts.cts, ...parts.sums],
      rows: xTypes.map((type) => emptyRows(type, extent)),
    },
  );
  const ctXs = end.rows.map((rows, i) =>
    reshape(rows, { shape: [extent, ...(xTypes[i]?.shape ?? [])] }),
  );
  return [...end.carry, ...ctXs];
}

/** The steps of a sweep from the last to the first, each run again and pulled back through. */
export const backSweepOperation: Primitive = defineOperation({
  name: 'backSweep',

  typeOf: (operands: readonly ValueType[], params: BackSweepParams) => {
    const { cts, sums } = splitBack(operands, params);
    const ctXs = params.back.outputs.slice(params.cts + params.sums);
    return [...cts, ...sums, ...ctXs.map(({ type }) => rowsType(type, params.extent))];
  },

  decompose: sweepBack,

  // What was kept follows from the first state, and has no tangent of its own.
  linearizeAll: (operands, params: BackSweepParams, active): Linearized => {
    const outputs = bind(backSweepOperation, operands, params);
    const parts = splitBack(operands, params);
    const flags = splitBack(active, params);
    const tangentParams: BackTangentParams = {
      ...params,
      active: {
        consts: flags.consts,
        carry: flags.carry,
        xs: flags.xs,
        cts: parts.cts.map(() => true),
        sums: parts.sums.map(() => true),
        ctYs: flags.ctYs,
      },
    };
    return {
      outputs,
      active: outputs.map(() => true),
      pushforward: (tangents) => {
        const moved = splitBack(tangents, params);
        const of = tangentParams.active;
        return bind(
          backTangentOperation,
          [
            ...operands.slice(0, parts.count.length),
            ...operands.slice(parts.count.length + parts.snapshots.length),
            ...instantiate(moved.consts, parts.consts, of.consts),
            ...instantiate(moved.carry, parts.carry, of.carry),
            ...instantiate(moved.xs, parts.xs, of.xs),
            ...instantiate(moved.cts, parts.cts, of.cts),
            ...instantiate(moved.sums, parts.sums, of.sums),
            ...instantiate(moved.ctYs, parts.ctYs, of.ctYs),
          ],
          tangentParams,
        );
      },
    };
  },

  vmap: (operands, batched, params: BackSweepParams, size, running): Batched => {
    const flags = splitBack(batched, params);
    if (flags.count[0]) {
      return vmapParts(backSweepOperation, operands, batched, params, size, running);
    }
    const stateFlags = flags.snapshots.slice(2);
    const parts = splitBack(operands, params);
    const carryStart = flags.carry.map((flag, i) => flag || stateFlags[i] === true);
    const primal = batchSweep(
      [
        ...parts.count,
        ...parts.consts,
        ...parts.carry.map((x, i) =>
          carryStart[i] ? withBatch(x, flags.carry[i] === true, size) : x,
        ),
        ...parts.xs,
      ],
      [...flags.count, ...flags.consts, ...carryStart, ...flags.xs],
      params,
      size,
      running,
    );
    const { carryFlags } = primal;
    const back = batchBody(
      params.back,
      [...flags.consts, ...carryFlags, ...flags.xs],
      [...flags.cts, ...flags.sums],
      flags.ctYs,
      size,
      running !== undefined,
    );
    const [top, positions, ...states] = parts.snapshots;
    if (!top || !positions) throw new Error('unreachable');
    const started = [...parts.cts, ...parts.sums];
    const startedFlags = [...flags.cts, ...flags.sums];
    const results = bind(
      backSweepOperation,
      [
        ...parts.count,
        sharedBySteps(top, flags.snapshots[0] === true),
        sharedBySteps(positions, flags.snapshots[1] === true),
        ...states.map((slots, i) =>
          carryFlags[i] ? joinSlots(slots, stateFlags[i] === true, params, i, size) : slots,
        ),
        ...primal.operands.slice(parts.count.length),
        ...started.map((x, i) =>
          back.carryFlags[i] ? withBatch(x, startedFlags[i] === true, size) : x,
        ),
        ...parts.ctYs.map((x, i) => (flags.ctYs[i] ? moveAxis(x, 0, 1) : x)),
      ],
      { ...params, step: primal.step, back: back.program, consts: primal.consts },
    );
    const every = [...back.carryFlags, ...back.yFlags];
    return {
      outputs: results.map((x, i) => (i >= started.length && every[i] ? moveAxis(x, 1, 0) : x)),
      batched: every,
    };
  },
});

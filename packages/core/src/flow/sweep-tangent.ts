import { moveAxis } from '../functions/shape.ts';
import { Cotangent } from '../primitives/cotangent.ts';
import { zeros } from '../primitives/create.ts';
import { type Batched, defineOperation, type Primitive } from '../primitives/define.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { TensorType, ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram, trace } from '../trace/trace.ts';
import { withBatch } from '../transforms/batch-program.ts';
import { vmapLinear } from '../transforms/batched-linear.ts';
import { transposeInto } from '../transforms/transpose-program.ts';
import { backSweepOperation } from './back-sweep.ts';
import { denseType, insertInputs, jointProgram } from './joint-program.ts';
import { type BodyParts, linearizeStep, stepOf } from './loop-residuals.ts';
import { RunningSums } from './running-sums.ts';
import {
  batchSweep,
  joinSlots,
  rowsType,
  sharedBySteps,
  sweepOperation,
} from './sweep-operation.ts';
import type { SweepParams } from './sweeps.ts';

/**
 * Parameters of the linear map of a sweep: operands `[count?, top, positions, ...states, ...consts,
 * ...carry, ...xs]` and then the tangents of the active ones, results those of `[...carry, ...ys]`.
 */
export interface SweepTangentParams extends SweepParams {
  readonly active: BodyParts<boolean>;
  readonly activeYs: readonly boolean[];
}

function count(flags: readonly boolean[]): number {
  return flags.filter(Boolean).length;
}

function splitTangent<T>(operands: readonly T[], params: SweepTangentParams) {
  const { active, consts, carry, length } = params;
  const rest = [...operands];
  const take = (n: number): T[] => rest.splice(0, n);
  return {
    count: take(Number(length === null)),
    snapshots: take(2 + carry),
    consts: take(consts),
    carry: take(carry),
    xs: take(active.xs.length),
    dConsts: take(count(active.consts)),
    dCarry: take(count(active.carry)),
    dXs: take(count(active.xs)),
  };
}

/** Both loops as one: states and their tangents. */
function pushSweep(operands: readonly Tensor[], params: SweepTangentParams): readonly Tensor[] {
  const { active, activeYs } = params;
  const parts = splitTangent(operands, params);
  const joint = jointProgram(
    params.step,
    [active.consts, active.carry, active.xs],
    [active.carry, activeYs],
  );
  const results = bind(
    sweepOperation,
    [
      ...parts.count,
      ...joint.captures,
      ...parts.consts,
      ...parts.dConsts,
      ...parts.carry,
      ...parts.dCarry,
      ...parts.xs,
      ...parts.dXs,
    ],
    {
      step: joint.program,
      consts: joint.captures.length + parts.consts.length + parts.dConsts.length,
      carry: parts.carry.length + parts.dCarry.length,
      length: params.length,
      extent: params.extent,
      reverse: params.reverse,
      places: params.places,
    } satisfies SweepParams,
  );
  const dCarry = params.carry + parts.dCarry.length;
  const dYs = dCarry + activeYs.length;
  return [...results.slice(params.carry, dCarry), ...results.slice(dYs, dYs + count(activeYs))];
}

/** The way back: each step run again from the states that were kept, with its transpose. */
function pullSweep(
  cts: readonly (Tensor | null)[],
  operands: readonly (Tensor | Cotangent)[],
  params: SweepTangentParams,
): void {
  const { step, active, carry } = params;
  const parts = splitTangent(operands, params);
  const known = [...parts.count, ...parts.snapshots, ...parts.consts, ...parts.carry, ...parts.xs];
  const values = known.filter((x): x is Tensor => !(x instanceof Cotangent));
  const inputs = step.inputs.map((input) => input.type);
  const carryTypes = inputs
    .slice(params.consts, params.consts + carry)
    .filter((_, i) => active.carry[i])
    .map(denseType);
  const sums = new RunningSums(parts.dConsts);
  const ctYs = cts.slice(carryTypes.length);
  const yTypes = step.outputs
    .slice(carry)
    .filter((_, i) => params.activeYs[i])
    .map(({ type }) => type);
  const xTypes = inputs.slice(params.consts + carry).filter((_, i) => active.xs[i]);

  const { parts: linearized } = linearizeStep(step, active);
  const given = linearized.captures.length + inputs.length;
  const { program: back, captures } = trace(
    [
      ...linearized.primal.inputs.map((input) => input.type),
      ...carryTypes,
      ...sums.starts.map((sum) => sum.type),
      ...yTypes.filter((_, i) => ctYs[i]),
    ],
    (...all) => {
      const queue = [...all];
      const take = (n: number): Tensor[] => queue.splice(0, n);
      const results = evaluateProgram(linearized.primal, take(given));
      const ctCarry = take(carryTypes.length);
      const consts = take(sums.starts.length).map((sum) => new Cotangent(sum.type, sum));
      const carries = carryTypes.map((type) => new Cotangent(type));
      const elements = xTypes.map((type) => new Cotangent(type));
      transposeInto(
        linearized.linear,
        [...results.slice(step.outputs.length), ...consts, ...carries, ...elements],
        [...ctCarry, ...ctYs.map((ct) => (ct ? (take(1)[0] ?? null) : null))],
      );
      return [...carries, ...consts, ...elements].map((ct) => ct.get() ?? zeros(ct.dense()));
    },
    { name: 'scan' },
  );

  const before = params.length === null ? 1 : 0;
  const results = bind(
    backSweepOperation,
    [
      ...values.slice(0, before + 2 + carry),
      ...captures,
      ...linearized.captures,
      ...values.slice(before + 2 + carry),
      ...carryTypes.map((type, i) => cts[i] ?? zeros(type)),
      ...sums.starts,
      ...ctYs.filter((ct) => ct !== null),
    ],
    {
      step: insertInputs(stepOf(linearized, carry), 0, captures),
      back,
      consts: captures.length + linearized.captures.length + params.consts,
      carry,
      xs: active.xs.length,
      cts: carryTypes.length,
      sums: sums.starts.length,
      length: params.length,
      extent: params.extent,
      reverse: params.reverse,
      places: params.places,
    },
  );
  const afterSums = carryTypes.length + sums.starts.length;
  sums.finish(results.slice(carryTypes.length, afterSums));
  [...parts.dCarry, ...parts.dXs].forEach((target, i) => {
    const ct = results[i < carryTypes.length ? i : i + sums.starts.length];
    if (target instanceof Cotangent && ct) target.add(ct);
  });
}

/** The tangent of a sweep, whose transpose is the sweep back. */
export const sweepTangentOperation: Primitive = defineOperation({
  name: 'sweepTangent',

  typeOf: (_: readonly ValueType[], { step, carry, extent, ...params }: SweepTangentParams) => {
    const outputs = step.outputs.map((output) => denseType(output.type));
    return [
      ...outputs.slice(0, carry).filter((_type, i) => params.active.carry[i]),
      ...outputs
        .slice(carry)
        .filter((_type, i) => params.activeYs[i])
        .map((type): TensorType => rowsType(type, extent)),
    ];
  },

  decompose: pushSweep,
  transpose: pullSweep,

  vmap: (operands, batched, params: SweepTangentParams, size, running): Batched => {
    const parts = splitTangent(operands, params);
    const flags = splitTangent(batched, params);
    if (flags.count[0]) {
      return vmapLinear(sweepTangentOperation, operands, batched, params, size, running);
    }
    const { active } = params;
    // A value whose tangent has the batch axis has it too.
    const merge = (own: readonly boolean[], of: readonly boolean[], moved: readonly boolean[]) => {
      const queue = [...moved];
      return own.map((flag, i) => (of[i] && queue.shift()) || flag);
    };
    const consts = merge(flags.consts, active.consts, flags.dConsts);
    // States that were kept may differ where the first one, which is the same for all, does not say so.
    const stateFlags = flags.snapshots.slice(2);
    const carry = merge(flags.carry, active.carry, flags.dCarry).map(
      (flag, i) => flag || stateFlags[i] === true,
    );
    const xs = merge(flags.xs, active.xs, flags.dXs);
    const widen = (values: readonly Tensor[], own: readonly boolean[], to: readonly boolean[]) =>
      values.map((x, i) => (to[i] ? withBatch(x, own[i] === true, size) : x));
    const primal = batchSweep(
      [
        ...parts.count,
        ...widen(parts.consts, flags.consts, consts),
        ...widen(parts.carry, flags.carry, carry),
        ...widen(parts.xs, flags.xs, xs),
      ],
      [...flags.count, ...consts, ...carry, ...xs],
      params,
      size,
      running,
    );
    const { carryFlags, yFlags, step } = primal;
    const chosen = (all: readonly boolean[], of: readonly boolean[]) => all.filter((_, i) => of[i]);
    const [top, positions, ...states] = parts.snapshots;
    if (!top || !positions) throw new Error('unreachable');
    const dXs = widen(parts.dXs, flags.dXs, chosen(xs, active.xs));
    const results = bind(
      sweepTangentOperation,
      [
        ...parts.count,
        sharedBySteps(top, flags.snapshots[0] === true),
        sharedBySteps(positions, flags.snapshots[1] === true),
        ...states.map((slots, i) =>
          carryFlags[i] ? joinSlots(slots, stateFlags[i] === true, params, i, size) : slots,
        ),
        ...primal.operands.slice(parts.count.length),
        ...widen(parts.dConsts, flags.dConsts, chosen(consts, active.consts)),
        ...widen(parts.dCarry, flags.dCarry, chosen(carryFlags, active.carry)),
        ...dXs.map((x, i) => (chosen(xs, active.xs)[i] ? moveAxis(x, 0, 1) : x)),
      ],
      {
        ...params,
        step,
        consts: primal.consts,
        active: { ...active, consts: [...(running ? [false] : []), ...active.consts] },
      },
    );
    const own = chosen(carryFlags, active.carry);
    const every = [...own, ...chosen(yFlags, params.activeYs)];
    return {
      outputs: results.map((x, i) => (i >= own.length && every[i] ? moveAxis(x, 1, 0) : x)),
      batched: every,
    };
  },
});

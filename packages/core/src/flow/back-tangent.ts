import { at, concatenate } from '../functions/shape.ts';
import type { Cotangent } from '../primitives/cotangent.ts';
import { zeros } from '../primitives/create.ts';
import { defineOperation, type Primitive } from '../primitives/define.ts';
import type { ScanParams } from '../program/loops.ts';
import type { Program } from '../program/program.ts';
import { isTensor, type Tensor, typeOf } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram, traceClosed } from '../trace/trace.ts';
import { checkpointOperation } from '../transforms/checkpoint.ts';
import { linearizeProgram } from '../transforms/linearize-program.ts';
import { transposeInto } from '../transforms/transpose-program.ts';
import { backSweepOperation } from './back-sweep.ts';
import { insertInputs, jointProgram } from './joint-program.ts';
import { linearizeStep } from './loop-residuals.ts';
import { scanOperation } from './scan-operation.ts';
import { rowsType, sweepOperation } from './sweep-operation.ts';
import type { BackSweepParams, SweepParams } from './sweeps.ts';

/**
 * Parameters of the tangent of a sweep back: operands as of the sweep back without what was kept,
 * and then the tangents of the active ones; results the tangents of its results.
 */
export interface BackTangentParams extends BackSweepParams {
  readonly active: {
    readonly consts: readonly boolean[];
    readonly carry: readonly boolean[];
    readonly xs: readonly boolean[];
    readonly cts: readonly boolean[];
    readonly sums: readonly boolean[];
    readonly ctYs: readonly boolean[];
  };
}

function splitBackTangent<T>(operands: readonly T[], params: BackTangentParams) {
  const { active } = params;
  const rest = [...operands];
  const take = (n: number): T[] => rest.splice(0, n);
  const moved = (flags: readonly boolean[]): T[] => take(flags.filter(Boolean).length);
  return {
    count: take(Number(params.length === null)),
    consts: take(params.consts),
    carry: take(params.carry),
    xs: take(params.xs),
    cts: take(params.cts),
    sums: take(params.sums),
    ctYs: take(active.ctYs.length),
    dConsts: moved(active.consts),
    dCarry: moved(active.carry),
    dXs: moved(active.xs),
    dCts: moved(active.cts),
    dSums: moved(active.sums),
    dCtYs: moved(active.ctYs),
  };
}

/**
 * The sweep back of the loop of states and tangents, with the tangent of each step's pull-back: as
 * many states are kept as before, each with its tangent.
 */
function pushBack(operands: readonly Tensor[], params: BackTangentParams): readonly Tensor[] {
  const { active } = params;
  const parts = splitBackTangent(operands, params);
  const { activeCarry } = linearizeStep(params.step, active);
  const forward = jointProgram(params.step, [active.consts, activeCarry, active.xs], [activeCarry]);
  const every = params.back.outputs.slice(params.cts + params.sums).map(() => true);
  const backward = jointProgram(
    params.back,
    [active.consts, activeCarry, active.xs, active.cts, active.sums, active.ctYs],
    [active.cts, active.sums, every],
  );
  const captures = [...forward.captures, ...backward.captures];
  const given = [...parts.dCarry];
  const carry = [
    ...parts.carry,
    ...parts.carry.flatMap((x, i) => {
      if (!activeCarry[i]) return [];
      return [(active.carry[i] && given.shift()) || zeros(typeOf(x))];
    }),
  ];
  const consts = [...captures, ...parts.consts, ...parts.dConsts];
  const xs = [...parts.xs, ...parts.dXs];
  const sweepParams: SweepParams = {
    step: insertInputs(forward.program, forward.captures.length, backward.captures),
    consts: consts.length,
    carry: carry.length,
    length: params.length,
    extent: params.extent,
    reverse: params.reverse,
    places: params.places,
  };
  const swept = bind(sweepOperation, [...parts.count, ...consts, ...carry, ...xs], sweepParams);
  const cts = [...parts.cts, ...parts.dCts];
  const sums = [...parts.sums, ...parts.dSums];
  const results = bind(
    backSweepOperation,
    [
      ...parts.count,
      ...swept.slice(carry.length),
      ...consts,
      ...carry,
      ...xs,
      ...cts,
      ...sums,
      ...parts.ctYs,
      ...parts.dCtYs,
    ],
    {
      ...sweepParams,
      back: insertInputs(backward.program, 0, forward.captures),
      xs: xs.length,
      cts: cts.length,
      sums: sums.length,
    } satisfies BackSweepParams,
  );
  const afterCts = cts.length + params.sums;
  const afterSums = cts.length + sums.length;
  return [
    ...results.slice(params.cts, cts.length),
    ...results.slice(afterCts, afterSums),
    ...results.slice(afterSums + every.length),
  ];
}

/** The sweep back by plain loops: one that collects all states, and one back over them. */
function plainBack(operands: readonly Tensor[], params: BackTangentParams): readonly Tensor[] {
  const { step, back, carry, extent, length, reverse } = params;
  const parts = splitBackTangent(operands, params);
  const rows = (arrays: readonly Tensor[]): Tensor[] =>
    arrays.map((x) => {
      if (length === null || length === extent) return x;
      return at(x, reverse ? [extent - length, extent] : [0, length]);
    });
  const shared = { length, reverse };
  const collect: ScanParams = {
    ...shared,
    body: { ...step, outputs: [...step.outputs, ...carried(step, params)] },
    consts: params.consts,
    carry,
  };
  const swept = bind(
    scanOperation,
    [...parts.count, ...parts.consts, ...parts.carry, ...rows(parts.xs)],
    collect,
  );
  const states = swept.slice(carry);
  const [constInputs, carryInputs] = [params.consts, params.consts + carry + params.xs];
  const types = back.inputs.map((input) => input.type);
  const sumsEnd = carryInputs + params.cts + params.sums;
  const body = traceClosed(
    [
      ...types.slice(0, constInputs),
      ...types.slice(carryInputs, sumsEnd),
      ...types.slice(constInputs, carryInputs),
      ...types.slice(sumsEnd),
    ],
    (...all) => {
      const carriedEnd = constInputs + params.cts + params.sums;
      const stateEnd = carriedEnd + carry + params.xs;
      return bind(
        checkpointOperation,
        [
          ...all.slice(0, constInputs),
          ...all.slice(carriedEnd, stateEnd),
          ...all.slice(constInputs, carriedEnd),
          ...all.slice(stateEnd),
        ],
        { f: back, policy: 'nothing' },
      );
    },
    'scan',
  );
  const results = bind(
    scanOperation,
    [
      ...parts.count,
      ...parts.consts,
      ...parts.cts,
      ...parts.sums,
      ...states,
      ...rows(parts.xs),
      ...rows(parts.ctYs),
    ],
    {
      ...shared,
      reverse: !reverse,
      body,
      consts: params.consts,
      carry: params.cts + params.sums,
    } satisfies ScanParams,
  );
  return results.map((result, i) => {
    if (i < params.cts + params.sums || length === null || length === extent) return result;
    const { dtype, shape } = typeOf(result);
    const rest = zeros({ ...typeOf(result), dtype, shape: [extent - length, ...shape.slice(1)] });
    return concatenate(reverse ? [rest, result] : [result, rest]);
  });
}

function carried({ inputs }: Program, { consts, carry }: BackTangentParams) {
  return inputs.slice(consts, consts + carry);
}

/**
 * The transpose of the tangent, which goes both ways at once: with the sweep back in the form of
 * plain loops, whose memory grows with the number of steps by a state and a cotangent each.
 */
function pullBack(
  cts: readonly (Tensor | null)[],
  operands: readonly (Tensor | Cotangent)[],
  params: BackTangentParams,
): void {
  const { active } = params;
  const fixed =
    Number(params.length === null) +
    [params.consts, params.carry, params.xs, params.cts, params.sums, active.ctYs.length].reduce(
      (a, b) => a + b,
    );
  const values = operands.slice(0, fixed).filter(isTensor);
  const program = traceClosed(
    values.map((x) => x.type),
    (...inputs) => plainBack(inputs, params),
    'scan',
  );
  const flags = [
    ...(params.length === null ? [false] : []),
    ...active.consts,
    ...active.carry,
    ...active.xs,
    ...active.cts,
    ...active.sums,
    ...active.ctYs,
  ];
  const every = program.outputs.map(() => true);
  const linear = linearizeProgram(program, flags, every);
  const results = evaluateProgram(linear.primal, [...linear.captures, ...values]);
  transposeInto(
    linear.linear,
    [...results.slice(program.outputs.length), ...operands.slice(fixed)],
    cts,
  );
}

/** The tangent of a sweep back. */
export const backTangentOperation: Primitive = defineOperation({
  name: 'backTangent',

  typeOf: (operands: readonly ValueType[], params: BackTangentParams) => {
    const { cts, sums } = splitBackTangent(operands, params);
    const ctXs = params.back.outputs.slice(params.cts + params.sums);
    return [...cts, ...sums, ...ctXs.map(({ type }) => rowsType(type, params.extent))];
  },

  decompose: pushBack,
  transpose: pullBack,
});

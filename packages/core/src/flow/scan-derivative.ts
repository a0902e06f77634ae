import { Cotangent } from '../primitives/cotangent.ts';
import { zeros } from '../primitives/create.ts';
import type { Linearized } from '../primitives/define.ts';
import type { ScanParams } from '../program/loops.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram, trace, traceClosed } from '../trace/trace.ts';
import { transposeInto } from '../transforms/transpose-program.ts';
import { linearizeCheckpointed } from './checkpointed-scan.ts';
import { emptyLike } from './empty-stack.ts';
import { denseType } from './joint-program.ts';
import { recomputed } from './loop-checkpoint.ts';
import { linearizeBody } from './loop-residuals.ts';
import { RunningSums } from './running-sums.ts';
import { scanOperation } from './scan-operation.ts';
import { splitScan } from './split-scan.ts';

type Tangent = Tensor | null;

/** The loop itself, and a linear loop over the residuals that it collects. */
export function linearizeScan(
  operands: readonly Tensor[],
  params: ScanParams,
  active: readonly boolean[],
): Linearized {
  const { length, checkpoint, ...plain } = params;
  if (typeof checkpoint === 'number' && length !== null && length > 1) {
    return linearizeCheckpointed(operands, params, active, length, checkpoint);
  }
  if (checkpoint === 'recompute') {
    return linearizeScan(operands, { ...plain, length, body: recomputed(params.body) }, active);
  }
  const { count, consts, carry, xs } = splitScan(operands, params);
  const flags = splitScan(active, params);
  const loop = linearizeBody(params.body, consts, flags);
  const results = bind(scanOperation, [...count, ...loop.captures, ...consts, ...carry, ...xs], {
    ...params,
    body: loop.primal,
    consts: params.consts + loop.captures.length,
  });
  const ys = params.body.outputs.length - params.carry;
  const outputs = results.slice(0, params.carry + ys);
  const collected = results.slice(params.carry + ys);
  return {
    outputs,
    active: [...loop.activeCarry, ...loop.activeYs],
    pushforward: (tangents) => {
      const moved = splitScan(tangents, params);
      const dConsts = instantiate(moved.consts, consts, flags.consts);
      const dCarry = instantiate(moved.carry, carry, loop.activeCarry);
      const dXs = instantiate(moved.xs, xs, flags.xs);
      const reused = loop.reusedXs.flatMap((i) => xs[i] ?? []);
      const linear: ScanParams = {
        body: loop.linear,
        consts: loop.invariant.length + dConsts.length,
        carry: dCarry.length,
        length: params.length,
        reverse: params.reverse,
      };
      const moving = bind(
        scanOperation,
        [...count, ...loop.invariant, ...dConsts, ...dCarry, ...collected, ...reused, ...dXs],
        linear,
      );
      let next = 0;
      return [...loop.activeCarry, ...loop.activeYs].map(
        (a): Tangent => (a ? (moving[next++] ?? null) : null),
      );
    },
  };
}

/** Tangents of the active values, zeros made explicit. */
export function instantiate(
  tangents: readonly Tangent[],
  values: readonly Tensor[],
  active: readonly boolean[],
): Tensor[] {
  return values.flatMap((value, i) => (active[i] ? [tangents[i] ?? emptyLike(value.type)] : []));
}

/**
 * A linear loop transposed: the loop run the other way, whose carry is the cotangent of the carry
 * together with the sums for the constants. Each step adds to these sums in place.
 */
export function transposeScan(
  cts: readonly Tangent[],
  operands: readonly (Tensor | Cotangent)[],
  params: ScanParams,
): void {
  const { count, consts, carry, xs } = splitScan(operands, params);
  const body = splitScan(
    [...(params.length === null ? [null] : []), ...params.body.inputs],
    params,
  );
  const linearConsts = consts.filter((c) => c instanceof Cotangent);
  const linearXs = xs.filter((x) => x instanceof Cotangent);
  const fixedConsts = consts.filter(isFixed);
  const fixedXs = xs.filter(isFixed);
  const allCarries = body.carry.map((variable) => denseType(variable?.type));
  // Whole numbers in the carry, such as the count of steps that `vmap` adds, are not linear.
  const moves = allCarries.map(({ dtype }) => isFloat(dtype));
  const carryTypes = allCarries.filter((_, i) => moves[i]);
  const steady = moves.includes(false) ? steadyCarries(operands, params, moves) : [];
  const runningSums = new RunningSums(linearConsts);
  const ctYs = cts.slice(params.carry);
  const givenYs = ctYs.filter((ct) => ct !== null);
  const yTypes = params.body.outputs.slice(params.carry).map((output) => output.type);

  const fixedTypes = (parts: readonly (Tensor | Cotangent)[], side: typeof body.consts) =>
    parts.flatMap((part, i) => {
      const type = side[i]?.type;
      return part instanceof Cotangent || !type ? [] : [type];
    });
  const inputs: ValueType[] = [
    ...fixedTypes(consts, body.consts),
    ...carryTypes,
    ...runningSums.starts.map((sum) => sum.type),
    ...fixedTypes(xs, body.xs),
    ...allCarries.filter((_, i) => !moves[i]),
    ...yTypes.filter((_, i) => ctYs[i] !== null),
  ];
  const { program, captures } = trace(
    inputs,
    (...all) => {
      const queue = [...all];
      const take = (n: number): Tensor[] => queue.splice(0, n);
      const fixedC = take(fixedConsts.length);
      const ctCarry = take(carryTypes.length);
      const sums = take(linearConsts.length).map((sum) => new Cotangent(sum.type, sum));
      const fixedX = take(fixedXs.length);
      const known = take(steady.length);
      const ctY = ctYs.map((ct) => (ct === null ? null : (take(1)[0] ?? null)));
      const carries = carryTypes.map((type) => new Cotangent(type));
      const elements = body.xs.flatMap((variable, i) =>
        xs[i] instanceof Cotangent && variable ? [new Cotangent(variable.type)] : [],
      );
      const merge = (
        parts: readonly (Tensor | Cotangent)[],
        fixed: Tensor[],
        linear: readonly Cotangent[],
      ): (Tensor | Cotangent)[] => {
        const [f, l] = [[...fixed], [...linear]];
        return parts.flatMap((part) => (part instanceof Cotangent ? l.shift() : f.shift()) ?? []);
      };
      transposeInto(
        params.body,
        [
          ...merge(consts, fixedC, sums),
          ...alternate<Tensor | Cotangent>(moves, carries, known),
          ...merge(xs, fixedX, elements),
        ],
        [
          ...alternate<Tensor | null>(
            moves,
            ctCarry,
            known.map(() => null),
          ),
          ...ctY,
        ],
      );
      return [...carries, ...sums, ...elements].map((ct) => ct.get() ?? emptyLike(ct.type));
    },
    { name: 'scan' },
  );
  const results = bind(
    scanOperation,
    [
      ...count.filter(isFixed),
      ...captures,
      ...fixedConsts,
      ...allCarries.flatMap((type, i) => (moves[i] ? [cts[i] ?? zeros(type)] : [])),
      ...runningSums.starts,
      ...fixedXs,
      ...steady,
      ...givenYs,
    ],
    {
      body: program,
      consts: captures.length + fixedConsts.length,
      carry: carryTypes.length + linearConsts.length,
      length: params.length,
      reverse: !params.reverse,
    } satisfies ScanParams,
  );
  const moving = carry.filter((_, i) => moves[i]);
  const afterSums = moving.length + linearConsts.length;
  runningSums.finish(results.slice(moving.length, afterSums));
  const cotangents = [...results.slice(0, moving.length), ...results.slice(afterSums)];
  [...moving, ...linearXs].forEach((target, i) => {
    const ct = cotangents[i];
    if (target instanceof Cotangent && ct) target.add(ct);
  });
}

/** The values, before each step, of the carries that do not move; what moves counts as 0. */
function steadyCarries(
  operands: readonly (Tensor | Cotangent)[],
  params: ScanParams,
  moves: readonly boolean[],
): readonly Tensor[] {
  const { count, consts, carry, xs } = splitScan(operands, params);
  const still = (part: readonly Tensor[]): Tensor[] => part.filter((_, i) => !moves[i]);
  const given = [...consts, ...carry, ...xs];
  const needed = given.map((x, i) => isFixed(x) && moves[i - consts.length] !== true);
  const program = traceClosed(
    params.body.inputs.flatMap(({ type }, i) => (needed[i] ? [type] : [])),
    (...known) => {
      const inputs = params.body.inputs.map(({ type }, i) =>
        needed[i] ? (known.shift() ?? zeros(denseType(type))) : zeros(denseType(type)),
      );
      const next = evaluateProgram(params.body, inputs).slice(0, params.carry);
      return [...still(next), ...still(inputs.slice(consts.length, consts.length + carry.length))];
    },
    'scan',
  );
  const kept = (part: readonly (Tensor | Cotangent)[], at: number): Tensor[] =>
    part.flatMap((x, i) => (isFixed(x) && needed[at + i] ? [x] : []));
  const start = kept(carry, consts.length);
  const fixedConsts = kept(consts, 0);
  return bind(
    scanOperation,
    [...count.filter(isFixed), ...fixedConsts, ...start, ...kept(xs, consts.length + carry.length)],
    {
      ...params,
      body: program,
      consts: fixedConsts.length,
      carry: start.length,
    } satisfies ScanParams,
  ).slice(start.length);
}

/** The next of `moving` where something moves, and the next of `still` where not. */
function alternate<T>(moves: readonly boolean[], moving: readonly T[], still: readonly T[]): T[] {
  const [left, right] = [[...moving], [...still]];
  return moves.flatMap((flag) => (flag ? left : right).splice(0, 1));
}

function isFixed(operand: Tensor | Cotangent): operand is Tensor {
  return !(operand instanceof Cotangent);
}

import { setLoopCompiler } from '../compiler/loop-compiler.ts';
import { loops } from '../compiler/loops.ts';
import { add } from '../primitives/arithmetic.ts';
import { cast } from '../primitives/cast.ts';
import { and } from '../primitives/compare.ts';
import { filled } from '../primitives/create.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import { reduceAny } from '../primitives/reduce.ts';
import { withoutEffects } from '../program/effects.ts';
import type { ScanParams, WhileParams } from '../program/loops.ts';
import type { Program } from '../program/program.ts';
import { DTypeError, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, sameType, stackType, tensorType, type ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram, traceClosed } from '../trace/trace.ts';
import { batchProgram, withBatch } from '../transforms/batch-program.ts';
import { linearizeInto } from '../transforms/linearize-program.ts';
import { keepWhere } from '../transforms/vmap-program.ts';
import { recomputed } from './loop-checkpoint.ts';
import { linearizeBody } from './loop-residuals.ts';
import { onlineWhile } from './online-while.ts';
import { instantiate } from './scan-derivative.ts';
import { scanOperation } from './scan-operation.ts';
import { batchBody } from './scan-vmap.ts';
import { linearizeCounted } from './while-sweep.ts';

/** Takes the operands of a while loop apart. */
export function splitWhile<T>(
  operands: readonly T[],
  { condConsts, bodyConsts }: WhileParams,
): {
  readonly condConsts: readonly T[];
  readonly bodyConsts: readonly T[];
  readonly carry: readonly T[];
} {
  return {
    condConsts: operands.slice(0, condConsts),
    bodyConsts: operands.slice(condConsts, condConsts + bodyConsts),
    carry: operands.slice(condConsts + bodyConsts),
  };
}

function whileType(operands: readonly ValueType[], params: WhileParams): readonly ValueType[] {
  const { carry } = splitWhile(operands, params);
  const [test] = params.cond.outputs;
  if (!test || params.cond.outputs.length !== 1 || !sameType(test.type, tensorType('bool', []))) {
    throw new DTypeError(
      `whileLoop: the condition must be a bool scalar; it is ${test ? describeType(test.type) : 'nothing'}.`,
    );
  }
  const outputs = params.body.outputs.map((output) => output.type);
  carry.forEach((type, i) => {
    const next = outputs[i];
    if (!next || !sameType(type, next)) {
      throw new ShapeError(
        `whileLoop: the carry must keep its type; entry ${i} is ${describeType(type)} and becomes ${next ? describeType(next) : 'nothing'}.`,
      );
    }
  });
  return [...carry, tensorType('int32', []), ...outputs.slice(carry.length).map(stackType)];
}

/**
 * The loop with its residuals on stacks. Its linear map is a scan over these stacks, of as many
 * steps as the loop took.
 */
function linearizeWhile(
  operands: readonly Tensor[],
  params: WhileParams,
  active: readonly boolean[],
): Linearized {
  const { checkpoint, ...plain } = params;
  if (checkpoint === 'recompute') {
    return linearizeWhile(operands, { ...plain, body: recomputed(params.body) }, active);
  }
  if (checkpoint === 'online') {
    const types = operands.map((operand) => operand.type);
    const program = traceClosed(types, (...all) => onlineWhile(all, plain), 'whileLoop');
    return linearizeInto(program, operands, active);
  }
  if (checkpoint !== undefined) {
    return linearizeCounted(operands, { ...plain, places: checkpoint }, active);
  }
  const { condConsts, bodyConsts, carry } = splitWhile(operands, params);
  const flags = splitWhile(active, params);
  const loop = linearizeBody(params.body, bodyConsts, {
    consts: flags.bodyConsts,
    carry: flags.carry,
    xs: [],
  });
  const results = bind(whileOperation, [...condConsts, ...loop.captures, ...bodyConsts, ...carry], {
    ...params,
    body: loop.primal,
    bodyConsts: params.bodyConsts + loop.captures.length,
  });
  const count = results[params.carry];
  const ys = params.body.outputs.length - params.carry;
  const kept = params.carry + 1 + ys;
  if (count === undefined) throw new Error('unreachable');
  return {
    outputs: results.slice(0, kept),
    active: [...loop.activeCarry, false, ...loop.activeYs],
    pushforward: (tangents) => {
      const moved = splitWhile(tangents, params);
      const dConsts = instantiate(moved.bodyConsts, bodyConsts, flags.bodyConsts);
      const dCarry = instantiate(moved.carry, carry, loop.activeCarry);
      const linear: ScanParams = {
        body: loop.linear,
        consts: loop.invariant.length + dConsts.length,
        carry: dCarry.length,
        length: null,
        reverse: false,
      };
      const moving = bind(
        scanOperation,
        [count, ...loop.invariant, ...dConsts, ...dCarry, ...results.slice(kept)],
        linear,
      );
      let next = 0;
      return [...loop.activeCarry, false, ...loop.activeYs].map((a) =>
        a ? (moving[next++] ?? null) : null,
      );
    },
  };
}

/**
 * The loop on a batch. When the condition differs between entries, it runs while any is running;
 * the others are idle: they keep their carry, and each counts its own steps.
 */
function vmapWhile(
  operands: readonly Tensor[],
  batched: readonly boolean[],
  params: WhileParams,
  size: number,
  running?: Tensor,
): Batched {
  const flags = splitWhile(batched, params);
  const { condConsts, bodyConsts, carry } = splitWhile(operands, params);
  const mask = running ? [running] : [];
  const masked = mask.length > 0;
  const body = batchBody(params.body, flags.bodyConsts, flags.carry, [], size, masked);
  const condFlags = [...flags.condConsts, ...body.carryFlags];
  const cond = batchProgram(params.cond, condFlags, size, [], masked);
  if (cond.batched[0] === true) return vmapRagged(operands, batched, params, size, running);
  const start = carry.map((x, i) =>
    body.carryFlags[i] ? withBatch(x, flags.carry[i] === true, size) : x,
  );
  const results = bind(whileOperation, [...mask, ...condConsts, ...mask, ...bodyConsts, ...start], {
    ...params,
    cond: cond.program,
    body: body.program,
    condConsts: params.condConsts + mask.length,
    bodyConsts: params.bodyConsts + mask.length,
  } satisfies WhileParams);
  return { outputs: results, batched: [...body.carryFlags, false, ...body.yFlags] };
}

/** Each entry of the batch with its own number of steps. */
function vmapRagged(
  operands: readonly Tensor[],
  batched: readonly boolean[],
  params: WhileParams,
  size: number,
  running: Tensor = filled(tensorType('bool', [size]), 1),
): Batched {
  const flags = splitWhile(batched, params);
  const { condConsts, bodyConsts, carry } = splitWhile(operands, params);
  const every = flags.carry.map(() => true);
  const body = batchBody(params.body, flags.bodyConsts, every, [], size, true);
  const cond = batchProgram(
    params.cond,
    [...flags.condConsts, ...every],
    size,
    [true],
    true,
  ).program;
  const start = carry.map((x, i) => withBatch(x, flags.carry[i] === true, size));
  const steps = tensorType('int32', [size]);

  /** Which entries go on, for `[mask, ...cond consts, ...carry]`. */
  const goOn = (program: Program, inputs: readonly Tensor[]): Tensor => {
    const [holds] = evaluateProgram(program, inputs);
    const [allowed] = inputs;
    if (!holds || !allowed) throw new Error('unreachable');
    return and(allowed, holds);
  };
  const condTypes = cond.inputs.map((input) => input.type);
  const test = traceClosed(
    [...condTypes, steps],
    (...all) => [reduceAny(goOn(cond, all.slice(0, -1)), { axes: [0] })],
    'vmap',
  );
  const split = params.condConsts + 1;
  // What the condition prints, it prints once.
  const condAgain = withoutEffects(cond);
  const step = traceClosed(
    [...condTypes.slice(0, split), ...body.program.inputs.slice(1).map(({ type }) => type), steps],
    (...all) => {
      const forBody = all.slice(split, -1);
      const before = forBody.slice(params.bodyConsts);
      const going = goOn(condAgain, [...all.slice(0, split), ...before]);
      const taken = all.at(-1);
      if (!taken) throw new Error('unreachable');
      const results = evaluateProgram(body.program, [going, ...forBody]);
      const held = before.map((old, i) => keepWhere(going, results[i] ?? old, old));
      const counted = add(taken, cast(going, { dtype: 'int32' }));
      return [...held, counted, ...results.slice(params.carry)];
    },
    'vmap',
  );
  const forCond = [running, ...condConsts];
  const results = bind(
    whileOperation,
    [...forCond, ...forCond, ...bodyConsts, ...start, filled(steps, 0)],
    {
      ...params,
      cond: test,
      body: step,
      condConsts: split,
      bodyConsts: split + params.bodyConsts,
      carry: params.carry + 1,
    } satisfies WhileParams,
  );
  return {
    outputs: results.toSpliced(params.carry + 1, 1),
    batched: [...body.carryFlags, true, ...body.yFlags],
  };
}

/** A loop that runs while a condition on its carry holds, compiled as a loop. */
export const whileOperation: Primitive = defineOperation({
  name: 'whileLoop',
  step: 'while',
  mayFail: true,
  typeOf: (operands: readonly ValueType[], params: WhileParams) => whileType(operands, params),
  linearizeAll: linearizeWhile,
  vmap: vmapWhile,
  // An idle entry takes no steps.
  idle: [],
});

setLoopCompiler(loops);

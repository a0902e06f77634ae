import { stretch } from '../functions/promote.ts';
import { moveAxis } from '../functions/shape.ts';
import { add } from '../primitives/arithmetic.ts';
import { lt } from '../primitives/compare.ts';
import { filled } from '../primitives/create.ts';
import type { Batched } from '../primitives/define.ts';
import { reduceMax } from '../primitives/reduce.ts';
import type { ScanParams } from '../program/loops.ts';
import type { Program } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { tensorType } from '../tensor/type.ts';
import { bind, evaluateProgram, traceClosed } from '../trace/trace.ts';
import { batchProgram, withBatch } from '../transforms/batch-program.ts';
import { keepWhere } from '../transforms/vmap-program.ts';
import type { BodyParts } from './loop-residuals.ts';
import { scanOperation } from './scan-operation.ts';
import { splitScan } from './split-scan.ts';

/**
 * A loop whose values carry a batch axis. Where the number of steps differs between the entries of
 * the batch, the loop runs as often as the longest needs and the others are idle: they keep their
 * carry.
 */
export function vmapScan(
  operands: readonly Tensor[],
  batched: readonly boolean[],
  params: ScanParams,
  size: number,
  running?: Tensor,
): Batched {
  const flags = splitScan(batched, params);
  const { count, consts, carry, xs } = splitScan(operands, params);
  const [steps] = count;
  const ragged = flags.count[0] === true ? steps : undefined;
  const start = ragged ? flags.carry.map(() => true) : flags.carry;
  const { program, carryFlags, yFlags } = batchBody(
    params.body,
    flags.consts,
    start,
    flags.xs,
    size,
    running !== undefined || ragged !== undefined,
  );

  const startCarry = carry.map((x, i) =>
    carryFlags[i] ? withBatch(x, flags.carry[i] === true, size) : x,
  );
  const elements = xs.map((x, i) =>
    flags.xs[i] && x.type.kind === 'tensor' ? moveAxis(x, 0, 1) : x,
  );
  const mask = running ? [running] : [];
  const results = ragged
    ? bindRagged(
        ragged,
        { consts, carry: startCarry, xs: elements },
        { ...params, body: program },
        yFlags,
        running,
      )
    : bind(scanOperation, [...count, ...mask, ...consts, ...startCarry, ...elements], {
        ...params,
        body: program,
        consts: params.consts + mask.length,
      });
  return {
    outputs: results.map((result, i) => {
      const y = i - params.carry;
      return y >= 0 && yFlags[y] && result.type.kind === 'tensor' ? moveAxis(result, 1, 0) : result;
    }),
    batched: [...carryFlags, ...yFlags],
  };
}

/**
 * A loop of which each entry of the batch takes its own number of steps; the body takes a mask of
 * those that run as its first input, and `yFlags` says which ys carry the batch.
 */
function bindRagged(
  own: Tensor,
  { consts, carry, xs }: BodyParts<Tensor>,
  params: ScanParams,
  yFlags: readonly boolean[],
  allowed?: Tensor,
): readonly Tensor[] {
  const one = tensorType('int32', []);
  const steps = allowed ? keepWhere(allowed, own, zerosLike(own)) : own;
  const inputs = params.body.inputs.slice(1).map((input) => input.type);
  const split = consts.length;
  const program = traceClosed(
    [steps.type, ...inputs.slice(0, split), one, ...inputs.slice(split)],
    (each, ...all) => {
      const at = all[split];
      if (!each || !at) throw new Error('unreachable');
      const given = all.toSpliced(split, 1);
      const running = lt(stretch(at, each.shape), each);
      const results = evaluateProgram(params.body, [running, ...given]);
      const next = add(at, filled(one, params.reverse ? -1 : 1));
      const held = results.map((result, i) => {
        if (i < carry.length) return keepWhere(running, result, given[split + i] ?? result);
        // What is the same for all entries, those that are idle do not read.
        if (result.type.kind === 'stack' || !yFlags[i - carry.length]) return result;
        return keepWhere(running, result, zerosLike(result));
      });
      return [next, ...held];
    },
    'vmap',
  );
  // Of no entries there is no longest.
  const total = steps.shape[0] === 0 ? filled(one, 0) : reduceMax(steps, { axes: [0] });
  const first = params.reverse ? add(total, filled(one, -1)) : filled(one, 0);
  return bind(scanOperation, [total, steps, ...consts, first, ...carry, ...xs], {
    ...params,
    body: program,
    consts: params.consts + 1,
    carry: params.carry + 1,
  } satisfies ScanParams).slice(1);
}

function zerosLike(x: Tensor): Tensor {
  return filled(tensorType(x.dtype, x.shape), 0);
}

/**
 * A loop body on a batch; carries become batched until a fixed point is reached. Where it is
 * `masked`, its first input says which entries run.
 */
export function batchBody(
  body: Program,
  constFlags: readonly boolean[],
  startFlags: readonly boolean[],
  xFlags: readonly boolean[],
  size: number,
  masked: boolean,
): { program: Program; carryFlags: readonly boolean[]; yFlags: readonly boolean[] } {
  let carryFlags = [...startFlags];
  for (;;) {
    const flags = [...constFlags, ...carryFlags, ...xFlags];
    const { program, batched } = batchProgram(body, flags, size, carryFlags, masked);
    const next = batched.slice(0, carryFlags.length);
    if (next.every((flag, i) => !flag || carryFlags[i])) {
      return { program, carryFlags, yFlags: batched.slice(carryFlags.length) };
    }
    carryFlags = carryFlags.map((flag, i) => flag || next[i] === true);
  }
}

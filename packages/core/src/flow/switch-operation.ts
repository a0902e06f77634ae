import { setLoopCompiler } from '../compiler/loop-compiler.ts';
import { loops } from '../compiler/loops.ts';
import { cast } from '../primitives/cast.ts';
import { and, eq } from '../primitives/compare.ts';
import { Cotangent } from '../primitives/cotangent.ts';
import { filled } from '../primitives/create.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import { maximum, minimum } from '../primitives/elementary.ts';
import { reduceAny } from '../primitives/reduce.ts';
import type { SwitchParams } from '../program/loops.ts';
import type { Program } from '../program/program.ts';
import { DTypeError, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  describeType,
  formatType,
  sameType,
  type TensorType,
  tensorType,
  type ValueType,
} from '../tensor/type.ts';
import { bind, evaluateProgram, traceClosed } from '../trace/trace.ts';
import { batchedType, batchProgram, withBatch } from '../transforms/batch-program.ts';
import { type LinearizedProgram, linearizeProgram } from '../transforms/linearize-program.ts';
import { transposeInto } from '../transforms/transpose-program.ts';
import { keepWhere, mindsIdleEntries, vmapInto } from '../transforms/vmap-program.ts';
import { emptyLike, isEmptyStack } from './empty-stack.ts';
import { switchDependence } from './switch-dependence.ts';

function switchType(operands: readonly ValueType[], { branches }: SwitchParams): ValueType[] {
  const [index, ...args] = operands;
  if (!index || !sameType(index, tensorType('int32', []))) {
    throw new DTypeError(
      `switchCase: the index must be an int32 scalar; it is ${index ? describeType(index) : 'missing'}.`,
    );
  }
  const [first] = branches;
  if (first === undefined) throw new ShapeError('switchCase: needs at least one branch.');
  const results = first.outputs.map((output) => output.type);
  branches.forEach((branch, b) => {
    const takes = branch.inputs.map((input) => input.type);
    const gives = branch.outputs.map((output) => output.type);
    if (
      takes.length !== args.length ||
      !takes.every((type, i) => sameType(type, args[i] ?? type))
    ) {
      throw new ShapeError(
        `switchCase: branch ${b} takes (${takes.map(formatType).join(', ')}), given (${args.map(formatType).join(', ')}).`,
      );
    }
    if (
      gives.length !== results.length ||
      !gives.every((type, i) => sameType(type, results[i] ?? type))
    ) {
      throw new ShapeError(
        `switchCase: branches must give results of the same types; the first gives (${results.map(formatType).join(', ')}), branch ${b} gives (${gives.map(formatType).join(', ')}).`,
      );
    }
  });
  return results;
}

/**
 * Each branch with its residuals. Those of the other branches are zeros (or empty stacks), so that
 * all branches give results of the same types; the linear map of a branch reads its own. A residual
 * that is an operand is no result: in a batch in which each entry chooses, results differ between
 * entries, and what all of them share, such as a sparsity pattern, has to stay one.
 */
function linearizeSwitch(
  operands: readonly Tensor[],
  { branches }: SwitchParams,
  active: readonly boolean[],
): Linearized {
  const [index, ...args] = operands;
  if (index === undefined) throw new Error('unreachable');
  const flags = active.slice(1);
  const count = branches[0]?.outputs.length ?? 0;
  const plain = branches.map((branch) => linearizeProgram(branch, flags));
  const moves = Array.from({ length: count }, (_, i) => plain.some((part) => part.active[i]));
  const parts = branches.map((branch) => linearizeProgram(branch, flags, moves, emptyLike));
  const captures = parts.flatMap((part) => part.captures);
  const residualTypes = parts.map((part) =>
    part.primal.outputs.slice(count).map((output) => output.type),
  );
  const given = parts.map((part) => givenResiduals(part, count, args));
  const primal = parts.map((part, b) => primalBranch(parts, part, b, args, count, given));
  const results = bind(switchOperation, [index, ...captures, ...args], { branches: primal });
  const outputs = results.slice(0, count);
  const made = results.slice(count);
  const residuals = given.flat().flatMap((operand) => operand ?? made.shift() ?? []);
  return {
    outputs,
    active: moves,
    pushforward: (tangents) => {
      const moved = args.flatMap((arg, i) =>
        flags[i] ? [tangents[i + 1] ?? emptyLike(arg.type)] : [],
      );
      const linear = parts.map((part, b) => linearBranch(part, b, residualTypes));
      const pushed = bind(switchOperation, [index, ...residuals, ...moved], { branches: linear });
      let next = 0;
      return moves.map((m) => (m ? (pushed[next++] ?? null) : null));
    },
  };
}

/** For each residual of a branch the operand that it is, if it is one. */
function givenResiduals(
  { primal, captures }: LinearizedProgram,
  count: number,
  args: readonly Tensor[],
): (Tensor | undefined)[] {
  const operands = [...captures, ...args];
  return primal.outputs
    .slice(count)
    .map((residual) =>
      residual.kind === 'var' ? operands[primal.inputs.indexOf(residual)] : undefined,
    );
}

/** `[...captures of all, ...args] -> [...results, ...residuals of all that are not given]`. */
function primalBranch(
  parts: readonly LinearizedProgram[],
  part: LinearizedProgram,
  own: number,
  args: readonly Tensor[],
  count: number,
  given: readonly (readonly (Tensor | undefined)[])[],
): Program {
  const captureTypes = parts.map(({ captures }) => captures.map((capture) => capture.type));
  const before = captureTypes.slice(0, own).flat().length;
  const all = captureTypes.flat();
  return traceClosed(
    [...all, ...args.map((arg) => arg.type)],
    (...inputs) => {
      const captured = inputs.slice(before, before + part.captures.length);
      const results = evaluateProgram(part.primal, [...captured, ...inputs.slice(all.length)]);
      const residuals = parts.flatMap(({ primal }, b) => {
        const all =
          b === own
            ? results.slice(count)
            : primal.outputs.slice(count).map(({ type }) => emptyLike(type));
        return all.filter((_, i) => !given[b]?.[i]);
      });
      return [...results.slice(0, count), ...residuals];
    },
    'switchCase',
  );
}

/** `[...residuals of all, ...tangents] -> tangents`. */
function linearBranch(
  { linear }: LinearizedProgram,
  own: number,
  residualTypes: readonly (readonly ValueType[])[],
): Program {
  const ownCount = residualTypes[own]?.length ?? 0;
  const others = residualTypes.map((types, b) =>
    b === own
      ? linear.inputs.slice(0, ownCount)
      : types.map((type) => ({ kind: 'var', type }) as const),
  );
  return {
    inputs: [...others.flat(), ...linear.inputs.slice(ownCount)],
    equations: linear.equations,
    outputs: linear.outputs,
  };
}

/** Each branch transposed. */
function transposeSwitch(
  cts: readonly (Tensor | null)[],
  operands: readonly (Tensor | Cotangent)[],
  { branches }: SwitchParams,
): void {
  const [index, ...args] = operands;
  if (index === undefined || index instanceof Cotangent) throw new Error('unreachable');
  const fixed = args.filter((arg): arg is Tensor => !(arg instanceof Cotangent));
  const linear = args.filter((arg) => arg instanceof Cotangent);
  const given = cts.filter((ct) => ct !== null);
  const transposed = branches.map((branch) =>
    traceClosed(
      [...fixed.map((x) => x.type), ...given.map((ct) => ct.type)],
      (...all) => {
        const known = all.slice(0, fixed.length);
        const received = all.slice(fixed.length);
        const sums = linear.map((arg) => new Cotangent(arg.type));
        const pending = [...sums];
        transposeInto(
          branch,
          args.flatMap((arg) => (arg instanceof Cotangent ? pending.shift() : known.shift()) ?? []),
          cts.map((ct) => (ct === null ? null : (received.shift() ?? null))),
        );
        return sums.map((sum) => sum.get() ?? emptyLike(sum.type));
      },
      'switchCase',
    ),
  );
  const results = bind(switchOperation, [index, ...fixed, ...given], { branches: transposed });
  linear.forEach((arg, i) => {
    const ct = results[i];
    if (ct) arg.add(ct);
  });
}

/**
 * With one index for all, the branch runs on the batch. Otherwise all branches do, and each entry
 * chooses. A branch with loops, or with operations that may fail, runs only if an entry chose it,
 * and the entries that did not are idle in it.
 */
function vmapSwitch(
  operands: readonly Tensor[],
  batched: readonly boolean[],
  { branches }: SwitchParams,
  size: number,
  running?: Tensor,
): Batched {
  const [index, ...args] = operands;
  if (index === undefined) throw new Error('unreachable');
  const flags = batched.slice(1);
  const ragged = batched[0] === true;
  const masked = branches.map((branch) =>
    ragged ? mindsIdleEntries(branch) : running !== undefined,
  );
  const own = branches.map((branch, b) => batchProgram(branch, flags, size, [], masked[b]).batched);
  const results = branches[0]?.outputs ?? [];
  const wanted = results.map(
    ({ type }, i) => (ragged && type.kind === 'tensor') || own.some((outputs) => outputs[i]),
  );
  const onBatch = branches.map((branch, b) =>
    batchBranch(branch, flags, wanted, size, masked[b] === true),
  );
  if (!ragged) {
    const given = running ? [index, running, ...args] : [index, ...args];
    return { outputs: bind(switchOperation, given, { branches: onBatch }), batched: wanted };
  }
  const type: TensorType = tensorType('int32', [size]);
  const chosen = minimum(maximum(index, filled(type, 0)), filled(type, branches.length - 1));
  const choices = branches.map((_, b) => eq(chosen, filled(type, b)));
  const all = onBatch.map((branch, b) => {
    const choice = choices[b];
    if (!masked[b] || !choice) return evaluateProgram(branch, args);
    return runIfAny(running ? and(running, choice) : choice, branch, args);
  });
  const outputs = results.map((output, i) => {
    if (output.type.kind === 'stack') {
      const filledBy = branches.findIndex((branch) => !isEmptyStack(branch, i));
      return all[Math.max(0, filledBy)]?.[i];
    }
    return all
      .map((given) => given[i])
      .reduce((before, result, b) => {
        const choice = choices[b];
        return before && result && choice ? keepWhere(choice, result, before) : result;
      });
  });
  return { outputs: outputs.flatMap((output) => output ?? []), batched: wanted };
}

/** A branch on the batch when an entry of it is running, and zeros otherwise. */
function runIfAny(running: Tensor, branch: Program, args: readonly Tensor[]): readonly Tensor[] {
  const inputs = [running, ...args];
  const nothing = traceClosed(
    inputs.map((input) => input.type),
    () => branch.outputs.map(({ type }) => emptyLike(type)),
    'vmap',
  );
  const any = cast(reduceAny(running, { axes: [0] }), { dtype: 'int32' });
  return bind(switchOperation, [any, ...inputs], { branches: [nothing, branch] });
}

/**
 * A branch on a batch, whose results of `wanted` have the batch axis. A stack that lacks it is an
 * empty one, which stands for what another branch saves.
 */
function batchBranch(
  branch: Program,
  flags: readonly boolean[],
  wanted: readonly boolean[],
  size: number,
  masked: boolean,
): Program {
  const types = branch.inputs.map((input, i) =>
    flags[i] ? batchedType(input.type, size) : input.type,
  );
  return traceClosed(
    masked ? [tensorType('bool', [size]), ...types] : types,
    (...all) => {
      const [running, inputs] = masked ? [all[0], all.slice(1)] : [undefined, all];
      const results = vmapInto(branch, inputs, flags, size, running);
      return results.outputs.map((output, i) => {
        if (!wanted[i] || results.batched[i]) return output;
        return output.type.kind === 'stack'
          ? emptyLike(batchedType(output.type, size))
          : withBatch(output, false, size);
      });
    },
    'vmap',
  );
}

/** One of several Programs, chosen when the call runs; the others do not run. */
export const switchOperation: Primitive = defineOperation({
  name: 'switch',
  step: 'switch',
  depend: switchDependence,
  typeOf: (operands: readonly ValueType[], params: SwitchParams) => switchType(operands, params),
  linearizeAll: linearizeSwitch,
  transpose: transposeSwitch,
  vmap: vmapSwitch,
});

setLoopCompiler(loops);

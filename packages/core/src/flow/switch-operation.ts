import { eq } from '../primitives/compare.ts';
import { Cotangent } from '../primitives/cotangent.ts';
import { filled } from '../primitives/create.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import { maximum, minimum } from '../primitives/elementary.ts';
import { type Program, subprograms } from '../program/program.ts';
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
import { bind, evaluateProgram, trace } from '../trace/trace.ts';
import { batchedType, batchProgram, withBatch } from '../transforms/batch-program.ts';
import { type LinearizedProgram, linearizeProgram } from '../transforms/linearize-program.ts';
import { transposeInto } from '../transforms/transpose-program.ts';
import { vmapInto } from '../transforms/vmap-program.ts';
import { emptyLike } from './empty-stack.ts';
import type { SwitchParams } from './operations.ts';
import { keepWhere } from './scan-vmap.ts';
import { whileOperation } from './while-operation.ts';

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
 * all branches give results of the same types; the linear map of a branch reads its own.
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
  const primal = parts.map((part, b) => primalBranch(parts, part, b, args, count, residualTypes));
  const results = bind(switchOperation, [index, ...captures, ...args], { branches: primal });
  const outputs = results.slice(0, count);
  const residuals = results.slice(count);
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

/** `[...captures of all, ...args] -> [...results, ...residuals of all]`. */
function primalBranch(
  parts: readonly LinearizedProgram[],
  part: LinearizedProgram,
  own: number,
  args: readonly Tensor[],
  count: number,
  residualTypes: readonly (readonly ValueType[])[],
): Program {
  const captureTypes = parts.map(({ captures }) => captures.map((capture) => capture.type));
  const before = captureTypes.slice(0, own).flat().length;
  const all = captureTypes.flat();
  return trace(
    [...all, ...args.map((arg) => arg.type)],
    (...inputs) => {
      const captured = inputs.slice(before, before + part.captures.length);
      const results = evaluateProgram(part.primal, [...captured, ...inputs.slice(all.length)]);
      const residuals = residualTypes.flatMap((types, b) =>
        b === own ? results.slice(count) : types.map(emptyLike),
      );
      return [...results.slice(0, count), ...residuals];
    },
    { name: 'switchCase' },
  ).program;
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
  const transposed = branches.map(
    (branch) =>
      trace(
        [...fixed.map((x) => x.type), ...given.map((ct) => ct.type)],
        (...all) => {
          const known = all.slice(0, fixed.length);
          const received = all.slice(fixed.length);
          const sums = linear.map((arg) => new Cotangent(arg.type));
          const pending = [...sums];
          transposeInto(
            branch,
            args.flatMap(
              (arg) => (arg instanceof Cotangent ? pending.shift() : known.shift()) ?? [],
            ),
            cts.map((ct) => (ct === null ? null : (received.shift() ?? null))),
          );
          return sums.map((sum) => sum.get() ?? emptyLike(sum.type));
        },
        { name: 'switchCase' },
      ).program,
  );
  const results = bind(switchOperation, [index, ...fixed, ...given], { branches: transposed });
  linear.forEach((arg, i) => {
    const ct = results[i];
    if (ct) arg.add(ct);
  });
}

/** With one index for all, the branch runs on the batch; otherwise all run, and each entry chooses. */
function vmapSwitch(
  operands: readonly Tensor[],
  batched: readonly boolean[],
  { branches }: SwitchParams,
  size: number,
): Batched {
  const [index, ...args] = operands;
  if (index === undefined) throw new Error('unreachable');
  const flags = batched.slice(1);
  const ragged = batched[0] === true;
  const own = branches.map((branch) => batchProgram(branch, flags, size).batched);
  const wanted = own[0]?.map((_, i) => ragged || own.some((outputs) => outputs[i])) ?? [];
  const onBatch = branches.map((branch) => batchBranch(branch, flags, wanted, size));
  if (!ragged) {
    const outputs = bind(switchOperation, [index, ...args], { branches: onBatch });
    return { outputs, batched: wanted };
  }
  if (branches.some(hasWhile)) {
    throw new TypeError(
      'vmap: the entries of the batch take different branches of a cond, and one of these loops until a condition holds, which may never happen for an entry of another branch. Use map instead of vmap, or whileLoop alone.',
    );
  }
  const all = onBatch.map((branch) => evaluateProgram(branch, args));
  const type: TensorType = tensorType('int32', [size]);
  const chosen = minimum(
    maximum(withBatch(index, true, size), filled(type, 0)),
    filled(type, branches.length - 1),
  );
  const outputs = wanted.map((_, i) =>
    all
      .map((results) => results[i])
      .reduce((before, result, b) => {
        if (!before || !result) return result;
        return keepWhere(eq(chosen, filled(type, b)), result, before);
      }),
  );
  return { outputs: outputs.flatMap((output) => output ?? []), batched: wanted };
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
): Program {
  const types = branch.inputs.map((input, i) =>
    flags[i] ? batchedType(input.type, size) : input.type,
  );
  return trace(
    types,
    (...inputs) => {
      const results = vmapInto(branch, inputs, flags, size);
      return results.outputs.map((output, i) => {
        if (!wanted[i] || results.batched[i]) return output;
        return output.type.kind === 'stack'
          ? emptyLike(batchedType(output.type, size))
          : withBatch(output, false, size);
      });
    },
    { name: 'vmap' },
  ).program;
}

function hasWhile({ equations }: Program): boolean {
  return equations.some(
    ({ operation, params }) => operation === whileOperation || subprograms(params).some(hasWhile),
  );
}

/** One of several Programs, chosen when the call runs; the others do not run. */
export const switchOperation: Primitive = defineOperation({
  name: 'switch',
  typeOf: (operands: readonly ValueType[], params: SwitchParams) => switchType(operands, params),
  linearizeAll: linearizeSwitch,
  transpose: transposeSwitch,
  vmap: vmapSwitch,
});

import { asTensor } from '../functions/tensor.ts';
import { cast } from '../primitives/cast.ts';
import type { SwitchParams } from '../program/loops.ts';
import type { Program } from '../program/program.ts';
import { formatTree, sameTree, type TreeDef, unflatten } from '../program/tree.ts';
import { checkList, checkWhole } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { DTypeError, formatShape, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { formatType, sameType } from '../tensor/type.ts';
import { bind } from '../trace/trace.ts';
import { flattenTensors, type TracedFunction, traceTree } from '../transforms/trace-tree.ts';
import type { Arguments } from '../transforms/types.ts';
import { switchOperation } from './switch-operation.ts';

/**
 * `onTrue(...args)` where a bool scalar holds, `onFalse(...args)` where not, as a branch of the
 * compiled code: only the one that is chosen runs. Both give results of one structure and type.
 *
 * Under `vmap` over the condition both run, and each entry of the batch takes its own; `map` runs
 * one for each entry.
 *
 * @throws TypeError when the results differ in structure; ShapeError when they differ in type.
 */
export function cond<A extends readonly unknown[], R>(
  condition: TensorLike,
  onTrue: (...args: A) => R,
  onFalse: (...args: A) => R,
  ...args: Arguments<A>
): R {
  const test = asTensor(condition, 'cond', 'the condition');
  if (test.dtype !== 'bool' || test.ndim > 0) {
    throw new DTypeError(
      `cond: the condition must be a bool scalar; it is ${test.dtype} of shape ${formatShape(test.shape)}. Compare it, or use where for an element-wise choice.`,
    );
  }
  return choose('cond', cast(test, { dtype: 'int32' }), [onFalse, onTrue], args);
}

/**
 * The result of the branch that an int32 scalar names, as a branch of the compiled code: only that
 * one runs. An index below 0 names the first branch, one beyond the last names the last.
 *
 * @throws TypeError when the results differ in structure; ShapeError when they differ in type.
 */
export function switchCase<A extends readonly unknown[], R>(
  index: TensorLike,
  branches: readonly ((...args: A) => R)[],
  ...args: Arguments<A>
): R {
  if (typeof index === 'number') checkWhole('switchCase', 'the index', index);
  const at =
    typeof index === 'number'
      ? cast(asTensor(index), { dtype: 'int32' })
      : asTensor(index, 'switchCase', 'the index');
  checkList('switchCase', 'the branches', branches);
  return choose('switchCase', at, branches, args);
}

function choose<A extends readonly unknown[], R>(
  name: string,
  index: Tensor,
  branches: readonly ((...args: A) => R)[],
  args: Arguments<A>,
): R {
  const [leaves, argTree] = flattenTensors(args);
  const types = leaves.map((leaf) => leaf.type);
  const traced = branches.map((branch) => traceTree(name, branch, argTree, types));
  const result = commonTree(name, traced);
  checkSameTypes(name, traced);
  const captures = traced.flatMap((branch) => branch.captures);
  let before = 0;
  const programs = traced.map(({ program, captures: own }): Program => {
    const start = before;
    before += own.length;
    return {
      ...program,
      inputs: [
        ...captures.map((capture, i) =>
          i >= start && i < before
            ? (program.inputs[i - start] ?? missing())
            : ({ kind: 'var', type: capture.type } as const),
        ),
        ...program.inputs.slice(own.length),
      ],
    };
  });
  const params: SwitchParams = { branches: programs };
  return unflatten<R>(result, bind(switchOperation, [index, ...captures, ...leaves], params));
}

function commonTree(name: string, branches: readonly TracedFunction[]): TreeDef {
  const [first] = branches;
  if (first === undefined) throw new ShapeError(`${name}: needs at least one branch.`);
  for (const { result } of branches) {
    if (!sameTree(result, first.result)) {
      throw new TypeError(
        `${name}: branches must give results of one structure; they give ${formatTree(first.result)} and ${formatTree(result)}.`,
      );
    }
  }
  return first.result;
}

function checkSameTypes(name: string, branches: readonly TracedFunction[]): void {
  const types = branches.map(({ program }) => program.outputs.map(({ type }) => type));
  const [first = []] = types;
  const other = types.find((own) => own.some((type, i) => !sameType(type, first[i] ?? type)));
  if (other === undefined) return;
  const [a, b] = [first, other].map((own) => own.map(formatType).join(', '));
  throw new ShapeError(
    `${name}: branches must give results of the same types; they give (${a}) and (${b}).`,
  );
}

function missing(): never {
  throw new Error('A branch has fewer inputs than captures.');
}

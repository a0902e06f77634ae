import { zeros } from '../primitives/create.ts';
import { structuralKey } from '../program/hash.ts';
import type { Program } from '../program/program.ts';
import { formatTree, sameTree, unflatten } from '../program/tree.ts';
import { checkFunction, checkList } from '../tensor/check.ts';
import { isFloat } from '../tensor/dtype.ts';
import { formatShape, ShapeError, sameShape } from '../tensor/shape.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { executor } from '../trace/executor.ts';
import { evaluateProgram, type TracedProgram, trace } from '../trace/trace.ts';
import { castTo } from './cast-to.ts';
import { DerivedPrograms } from './derived.ts';
import { checkDifferentiable } from './grad.ts';
import { linearizeInto } from './linearize-program.ts';
import { known } from './remember.ts';
import { argumentPaths, flattenTensors, traceTree } from './trace-tree.ts';
import type { Arguments } from './types.ts';

/**
 * Value and directional derivative of f at `primals` along `tangents`, by forward mode: the pair
 * `[y, dy]` in the structure of f's result. Tangents have the structure and shapes of the primals.
 *
 * @throws TypeError when structures differ; ShapeError when shapes do; DTypeError for integers.
 */
export function jvp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  primals: Arguments<A>,
  tangents: Arguments<A>,
): [R, R] {
  checkFunction('jvp', 'the first argument', f);
  checkList('jvp', 'the primals', primals);
  checkList('jvp', 'the tangents', tangents);
  const [leaves, treedef] = flattenTensors(primals);
  const [given, tangentTree] = flattenTensors(tangents);
  if (!sameTree(treedef, tangentTree)) {
    throw new TypeError(
      `jvp: tangents ${formatTree(tangentTree)} do not have the structure of the primals ${formatTree(treedef)}.`,
    );
  }
  const types = leaves.map((leaf) => leaf.type);
  checkDifferentiable(
    'jvp',
    treedef,
    types,
    types.map((_, i) => i),
  );
  const moved = given.map((tangent, i) => {
    const like = leaves[i] ?? tangent;
    if (!sameShape(tangent.shape, like.shape)) {
      throw new ShapeError(
        `jvp: ${argumentPaths(treedef)[i]} has shape ${formatShape(like.shape)}, its tangent ${formatShape(tangent.shape)}.`,
      );
    }
    return castTo(tangent, like.dtype);
  });
  const traced = traceTree(
    'jvp',
    f,
    treedef,
    types,
    known(
      leaves,
      leaves.map(() => true),
    ),
  );
  const active = [...traced.captures.map(() => false), ...leaves.map(() => true)];
  const { program, captures } = jvpProgram(traced.program, active);
  const results = evaluateProgram(program, [...captures, ...traced.captures, ...leaves, ...moved]);
  const count = traced.program.outputs.length;
  return [
    unflatten<R>(traced.result, results.slice(0, count)),
    unflatten<R>(traced.result, results.slice(count)),
  ];
}

const jvpPrograms = new DerivedPrograms();

/** `[...captures, ...inputs, ...tangents of active inputs] -> [...outputs, ...tangents]`, zeros made explicit. */
function jvpProgram(program: Program, active: readonly boolean[]): TracedProgram {
  return jvpPrograms.get(`${structuralKey(program)}|${active}`, () => {
    const simple = executor().simplify(program);
    const types = simple.inputs.map((input) => input.type);
    return trace(
      [...types, ...types.filter((_, i) => active[i])],
      (...all) => {
        const inputs = all.slice(0, types.length);
        const linear = linearizeInto(simple, inputs, active);
        let next = types.length;
        const tangents = linear.pushforward(active.map((a) => (a ? (all[next++] ?? null) : null)));
        const explicit = tangents.map((tangent, i) => tangent ?? zeroTangent(linear.outputs[i]));
        return [...linear.outputs, ...explicit];
      },
      { name: 'jvp' },
    );
  });
}

/** The tangent of a result that does not move; integers and masks get float64 zeros. */
export function zeroTangent(output: Tensor | undefined): Tensor {
  if (output === undefined) throw new Error('A result is missing.');
  const type = typeOf(output);
  return zeros(isFloat(type.dtype) ? type : { ...type, dtype: 'float64' });
}

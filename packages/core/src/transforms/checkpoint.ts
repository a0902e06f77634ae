import { barrier } from '../primitives/barrier.ts';
import { convolve } from '../primitives/convolve.ts';
import { zeros } from '../primitives/create.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import { dot } from '../primitives/dot.ts';
import { named } from '../primitives/named.ts';
import { withoutEffects } from '../program/effects.ts';
import type { Atom, Operation, Params, Program, Var } from '../program/program.ts';
import { unflatten } from '../program/tree.ts';
import { checkFunction, checkOptions } from '../tensor/check.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import { executor } from '../trace/executor.ts';
import { bind, evaluateProgram } from '../trace/trace.ts';
import { batchProgram } from './batch-program.ts';
import { type LinearizedProgram, linearizeInto, linearizeProgram } from './linearize-program.ts';
import { flattenTensors, traceTree } from './trace-tree.ts';
import type { Arguments } from './types.ts';

/**
 * What the derivative of a function keeps besides the arguments: nothing; the results of matrix
 * products (`dots`), which cost most to compute again; or the values that `checkpointName` named so.
 */
export type CheckpointPolicy = 'nothing' | 'dots' | { readonly names: readonly string[] };

/** Options of `checkpoint`. */
export interface CheckpointOptions {
  /** What is kept besides the arguments; nothing when left out. */
  readonly policy?: CheckpointPolicy;
}

/** Parameters of the `checkpoint` operation: f on the operands. */
export interface CheckpointParams {
  readonly f: Program;
  readonly policy: CheckpointPolicy;
}

/** A function of which the derivative keeps the operands, and what the policy says. */
export const checkpointOperation: Primitive = defineOperation({
  name: 'checkpoint',
  typeOf: (_: readonly ValueType[], { f }: CheckpointParams) => f.outputs.map(({ type }) => type),
  decompose: (operands: readonly Tensor[], { f }: CheckpointParams) => evaluateProgram(f, operands),

  // The pushforward runs the function again from its operands; what it prints is printed once.
  linearizeAll: (operands, params: CheckpointParams, active): Linearized => {
    const kept = keptValues(params);
    if (kept.length > 0) return linearizeKeeping(kept, operands, params, active);
    const parts = linearizeProgram(params.f, active);
    return {
      outputs: bindValue(parts, operands, params, params.f.outputs.length),
      active: parts.active,
      pushforward: (tangents) =>
        linearizeInto(withoutEffects(params.f), operands.map(again), active).pushforward(tangents),
    };
  },

  vmap: (operands, batched, { f, policy }: CheckpointParams, size, running): Batched => {
    const { program, batched: results } = batchProgram(f, batched, size, [], running !== undefined);
    const all = running ? [running, ...operands] : operands;
    return {
      outputs: bind(checkpointOperation, all, { f: program, policy }),
      batched: results,
    };
  },
});

/**
 * The results of f as its linearization computes them, with the operation around them: a function
 * with a rule of its own may be computed in another way where it is differentiated.
 */
function bindValue(
  { primal, captures }: LinearizedProgram,
  operands: readonly Tensor[],
  { policy }: CheckpointParams,
  results: number,
): readonly Tensor[] {
  const f: Program = { ...primal, outputs: primal.outputs.slice(0, results) };
  const params: CheckpointParams = { f, policy };
  return bind(checkpointOperation, [...captures, ...operands], params);
}

/** The value under another name, so that what follows from it is computed once more. */
function again(x: Tensor): Tensor {
  return x.type.kind === 'tensor' ? barrier(x) : x;
}

const products: ReadonlySet<Operation> = new Set<Operation>([dot, convolve]);

/** The values that the policy keeps, besides those that are results. */
function keptValues({ f, policy }: CheckpointParams): readonly Var[] {
  if (policy === 'nothing') return [];
  const kept = f.equations.flatMap(({ operation, inputs, params, outputs }): readonly Atom[] => {
    if (policy === 'dots') return products.has(operation) ? outputs : [];
    // What has a name is what was given it; the rule that made it may need it again.
    return operation === named && policy.names.includes(nameIn(params)) ? inputs : [];
  });
  return kept.filter(isVar);
}

function isVar(atom: Atom): atom is Var {
  return atom.kind === 'var';
}

function nameIn(params: Params): string {
  return 'name' in params ? String(params.name) : '';
}

/** Some values become results as well; what they are made from is then not run again for them. */
function linearizeKeeping(
  kept: readonly Var[],
  operands: readonly Tensor[],
  params: CheckpointParams,
  active: readonly boolean[],
): Linearized {
  const own = params.f.outputs.length;
  const wide: Program = { ...params.f, outputs: [...params.f.outputs, ...kept] };
  const parts = linearizeProgram(wide, active);
  const { primal, captures, linear, active: moves } = parts;
  const results = bindValue(parts, operands, params, wide.outputs.length);
  const values = primal.outputs.slice(own, wide.outputs.length);
  const known = new Set(values.filter(isVar).filter((v) => !primal.inputs.includes(v)));
  const rest = withoutEffects({
    inputs: [...primal.inputs, ...known],
    equations: primal.equations.filter(({ outputs }) => !outputs.every((v) => known.has(v))),
    outputs: primal.outputs.slice(wide.outputs.length),
  });
  return {
    outputs: results.slice(0, own),
    active: moves.slice(0, own),
    pushforward: (tangents) => {
      const given = [...known].flatMap((v) => results[own + values.indexOf(v)] ?? []);
      const residuals = evaluateProgram(rest, [
        ...captures,
        ...operands.map(again),
        ...given.map(again),
      ]);
      const moved = operands.flatMap((x, i) =>
        active[i] ? [tangents[i] ?? zeros(typeOf(x))] : [],
      );
      const pushed = evaluateProgram(linear, [...residuals, ...moved]);
      let next = 0;
      return moves.slice(0, own).map((m) => (m ? (pushed[next++] ?? null) : null));
    },
  };
}

/**
 * f, whose derivative keeps its arguments only, and what `policy` says, and computes everything else
 * again when it is needed: less memory in reverse mode for one more evaluation of f. A policy speaks
 * of f itself, not of what loops inside it do in each step.
 *
 * @throws TypeError for a policy that is none of these.
 * @see Griewank and Walther, Evaluating Derivatives (2008), chapter 12.
 */
export function checkpoint<A extends readonly unknown[] = readonly Tensor[], R = Tensor>(
  f: (...args: A) => R,
  options: CheckpointOptions = {},
): (...args: Arguments<A>) => R {
  checkFunction('checkpoint', 'the first argument', f);
  checkOptions('checkpoint', options, ['policy']);
  const { policy = 'nothing' } = options;
  checkPolicy(policy);
  return (...args) => {
    const [leaves, treedef] = flattenTensors(args);
    const types = leaves.map((leaf) => leaf.type);
    const { program, captures, result } = traceTree('checkpoint', f, treedef, types);
    const params: CheckpointParams = { f: executor().simplify(program), policy };
    const results = bind(checkpointOperation, [...captures, ...leaves], params);
    return unflatten<R>(result, results);
  };
}

function checkPolicy(policy: unknown): void {
  const isKnown =
    policy === 'nothing' ||
    policy === 'dots' ||
    (typeof policy === 'object' &&
      policy !== null &&
      'names' in policy &&
      Array.isArray(policy.names));
  if (isKnown) return;
  throw new TypeError(
    `checkpoint: the policy is ${JSON.stringify(policy)}; it must be 'nothing', 'dots', or { names: [...] } with names that checkpointName gave.`,
  );
}

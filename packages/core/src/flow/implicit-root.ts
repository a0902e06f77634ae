/**
 * A root x(a) of f(x, a) = 0, differentiated by the implicit function theorem:
 * (df/dx) dx = -(df/da) da. The derivative is that of the equation, not of the iterations that
 * found the root, and costs one linear solve in memory that does not grow with their number.
 */

import { neg } from '../primitives/arithmetic.ts';
import { zeros } from '../primitives/create.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import type { Program } from '../program/program.ts';
import { formatTree, sameTree, type TreeDef, unflatten } from '../program/tree.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram, type TracedProgram, trace } from '../trace/trace.ts';
import { linearizeInto } from '../transforms/linearize-program.ts';
import { flattenTensors, traceTree } from '../transforms/trace-tree.ts';
import type { Traced } from '../transforms/types.ts';
import { implicitLinearSolve, type LinearSolver } from './implicit-linear-solve.ts';
import { instantiate } from './scan-derivative.ts';
import { batchProgram } from './scan-vmap.ts';

/** Options of `implicitRoot`. */
export interface ImplicitRootOptions<X> {
  /** Solves systems with df/dx, and with its transpose, for the derivative. */
  readonly linearSolve: LinearSolver<X>;
}

/** Operands: `[...f consts, ...solve consts, ...args]`; results: x. */
interface RootParams {
  /** `[...f consts, ...x, ...args] -> residual`, of one problem. */
  readonly residual: Program;
  /** `[...solve consts, ...args] -> x`, of the whole batch. */
  readonly solve: Program;
  readonly counts: readonly [residual: number, solve: number];
  readonly linearSolve: LinearSolver<readonly Tensor[]>;
  /** Batch axes of the operands, innermost first. */
  readonly batches: readonly { readonly batched: readonly boolean[]; readonly size: number }[];
}

function split<T>(operands: readonly T[], { counts: [f, s] }: RootParams) {
  return {
    residual: operands.slice(0, f),
    solve: operands.slice(f, f + s),
    args: operands.slice(f + s),
  };
}

const rootOperation: Primitive = defineOperation({
  name: 'root',
  typeOf: (_: readonly ValueType[], params: RootParams) =>
    params.solve.outputs.map((output) => output.type),

  decompose: (operands: readonly Tensor[], params: RootParams) => {
    const parts = split(operands, params);
    return evaluateProgram(params.solve, [...parts.solve, ...parts.args]);
  },

  linearizeAll: (operands, params: RootParams, active): Linearized => {
    const x = bind(rootOperation, operands, params);
    const parts = split(operands, params);
    const flags = split(active, params);
    const moving = [...flags.residual, ...flags.args];
    const { program, captures } = tangentProgram(params, moving);
    const depends = moving.includes(true);
    return {
      outputs: x,
      active: x.map(() => depends),
      pushforward: (tangents) => {
        if (!depends) return x.map(() => null);
        const moved = split(tangents, params);
        const dOperands = instantiate(
          [...moved.residual, ...moved.args],
          [...parts.residual, ...parts.args],
          moving,
        );
        return evaluateProgram(program, [
          ...captures,
          ...parts.residual,
          ...x,
          ...parts.args,
          ...dOperands,
        ]);
      },
    };
  },

  vmap: (operands, batched, params: RootParams, size): Batched => {
    const flags = split(batched, params);
    const every = params.solve.outputs.map(() => true);
    const results = bind(rootOperation, operands, {
      ...params,
      solve: batchProgram(params.solve, [...flags.solve, ...flags.args], size, every).program,
      batches: [...params.batches, { batched, size }],
    } satisfies RootParams);
    return { outputs: results, batched: every };
  },
});

/**
 * `[...captures, ...f consts, ...x, ...args, ...tangents of the moving ones] -> tangents of x`. It is made for
 * one problem, so that the linear solver sees the shapes it was written for, and then batched.
 */
function tangentProgram(params: RootParams, moving: readonly boolean[]): TracedProgram {
  const { residual, counts, linearSolve } = params;
  const types = residual.inputs.map((input) => input.type);
  const unknowns = residual.outputs.length;
  const [consts] = counts;
  const isX = types.map((_, i) => i >= consts && i < consts + unknowns);
  const isMoving = [
    ...moving.slice(0, consts),
    ...residual.outputs.map(() => false),
    ...moving.slice(consts),
  ];
  const traced = trace(
    [...types, ...types.filter((_, i) => isMoving[i])],
    (...all) => {
      const at = all.slice(0, types.length);
      const tangents = all.slice(types.length);
      const inX = linearizeInto(residual, at, isX);
      const inRest = linearizeInto(residual, at, isMoving);
      const change = inRest.pushforward(
        isMoving.map((m) => (m ? (tangents.shift() ?? null) : null)),
      );
      const x = at.slice(consts, consts + unknowns);
      const matvec = (v: readonly Tensor[]): readonly Tensor[] => {
        const image = inX.pushforward(isX.map((is, i) => (is ? (v[i - consts] ?? null) : null)));
        return x.map((value, i) => image[i] ?? zeros(typeOf(value)));
      };
      const rhs = x.map((value, i) => {
        const r = change[i];
        return r ? neg(r) : zeros(typeOf(value));
      });
      return implicitLinearSolve<readonly Tensor[]>(matvec, rhs, { solve: linearSolve });
    },
    { name: 'implicitRoot' },
  );
  const batched = params.batches.reduce((program, { batched: which, size }) => {
    const flags = split(which, params);
    const operands = [...flags.residual, ...residual.outputs.map(() => true), ...flags.args];
    const tangents = operands.filter((_, i) => isMoving[i]);
    const all = [...traced.captures.map(() => false), ...operands, ...tangents];
    const every = program.outputs.map(() => true);
    return batchProgram(program, all, size, every).program;
  }, traced.program);
  return { program: batched, captures: traced.captures };
}

/**
 * A root of `f(x, args) = 0`: `solve(args)` finds it, and its derivative in `args`, and in what f
 * closes over, comes from the implicit function theorem. Both are trees; f keeps the structure of
 * x. Derivatives of any order are those of the root, so `solve` need not be differentiable; they
 * are as accurate as the root and the linear solves are.
 *
 * @throws TypeError when f does not give as many residuals as unknowns, in their structure.
 * @see Krantz and Parks, The Implicit Function Theorem (2003); Blondel et al., Efficient and
 * Modular Implicit Differentiation (2022).
 */
export function implicitRoot<X, const A>(
  f: (x: X, args: Traced<A>) => X,
  solve: (args: Traced<A>) => X,
  args: A,
  { linearSolve }: ImplicitRootOptions<X>,
): X {
  const [leaves, argTree] = flattenTensors(args);
  const types = leaves.map((leaf) => leaf.type);
  const solver = traceTree(
    'implicitRoot solve',
    solve,
    { kind: 'array', children: [argTree] },
    types,
  );
  const xTree = solver.result;
  const xTypes = solver.program.outputs.map((output) => output.type);
  const both: TreeDef = { kind: 'array', children: [xTree, argTree] };
  const residual = traceTree('implicitRoot f', f, both, [...xTypes, ...types]);
  if (!sameTree(residual.result, xTree)) {
    throw new TypeError(
      `implicitRoot: f must keep the structure of x, ${formatTree(xTree)}; it returned ${formatTree(residual.result)}.`,
    );
  }
  const results = bind(rootOperation, [...residual.captures, ...solver.captures, ...leaves], {
    residual: residual.program,
    solve: solver.program,
    counts: [residual.captures.length, solver.captures.length],
    linearSolve: leafSolver(linearSolve, xTree),
    batches: [],
  } satisfies RootParams);
  return unflatten<X>(xTree, results);
}

const leafSolvers = new WeakMap<object, Map<string, LinearSolver<readonly Tensor[]>>>();

/** A solver of trees as one of lists of leaves; the same function for the same solver and tree. */
function leafSolver<X>(solver: LinearSolver<X>, tree: TreeDef): LinearSolver<readonly Tensor[]> {
  const known = leafSolvers.get(solver) ?? new Map<string, LinearSolver<readonly Tensor[]>>();
  leafSolvers.set(solver, known);
  const key = formatTree(tree);
  const made: LinearSolver<readonly Tensor[]> =
    known.get(key) ??
    ((matvec, b) => {
      const apply = (x: X): X => unflatten<X>(tree, matvec(flattenTensors(x)[0]));
      return flattenTensors(solver(apply, unflatten<X>(tree, b)))[0];
    });
  known.set(key, made);
  return made;
}

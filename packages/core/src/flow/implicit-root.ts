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
import { checkFunction, checkOptions } from '../tensor/check.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import type { TensorType, ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram, type TracedProgram, trace } from '../trace/trace.ts';
import { batchProgram } from '../transforms/batch-program.ts';
import { linearizeInto } from '../transforms/linearize-program.ts';
import { flattenTensors, traceTree } from '../transforms/trace-tree.ts';
import type { Argument, Traced } from '../transforms/types.ts';
import { type LinearSolver, solveImplicitly } from './implicit-linear-solve.ts';
import { instantiate } from './scan-derivative.ts';

/** Options of `implicitRoot`. */
export interface ImplicitRootOptions<X> {
  /** Solves systems with df/dx, and with its transpose, for the derivative. */
  readonly linearSolve: LinearSolver<X>;
}

/**
 * Operands: `[...masks, ...f consts, ...solve consts, ...linear solve consts, ...args]`; results: x.
 * The masks say which entries of the batches run.
 */
interface RootParams {
  /** `[...f consts, ...x, ...args] -> residual`, of one problem. */
  readonly residual: Program;
  /** `[...masks, ...solve consts, ...args] -> x`, of the whole batch. */
  readonly solve: Program;
  /** `[...linear solve consts, ...f consts, ...x, ...args, ...b] -> v` with (df/dx) v = b, of one problem. */
  readonly linearSolve: Program;
  readonly counts: readonly [masks: number, residual: number, solve: number, linearSolve: number];
  /** Batch axes of the operands, innermost first. */
  readonly batches: readonly RootBatch[];
}

/** One batch axis: what was batched under which parameters, and whether there is a mask for it. */
interface RootBatch {
  readonly batched: readonly boolean[];
  readonly counts: RootParams['counts'];
  readonly size: number;
  readonly masked: boolean;
}

function split<T>(operands: readonly T[], { counts: [m, f, s, l] }: Pick<RootParams, 'counts'>) {
  return {
    masks: operands.slice(0, m),
    residual: operands.slice(m, m + f),
    solve: operands.slice(m + f, m + f + s),
    linearSolve: operands.slice(m + f + s, m + f + s + l),
    args: operands.slice(m + f + s + l),
  };
}

const rootOperation: Primitive = defineOperation({
  name: 'root',
  typeOf: (_: readonly ValueType[], params: RootParams) =>
    params.solve.outputs.map((output) => output.type),

  decompose: (operands: readonly Tensor[], params: RootParams) => {
    const parts = split(operands, params);
    return evaluateProgram(params.solve, [...parts.masks, ...parts.solve, ...parts.args]);
  },

  linearizeAll: (operands, params: RootParams, active): Linearized => {
    const x = bind(rootOperation, operands, params);
    const parts = split(operands, params);
    const flags = split(active, params);
    const moving = [...flags.residual, ...flags.args];
    const { program, captures, depends } = tangentProgram(params, moving);
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
          ...parts.masks,
          ...parts.linearSolve,
          ...parts.residual,
          ...x,
          ...parts.args,
          ...dOperands,
          ...captures,
        ]);
      },
    };
  },

  vmap: (operands, batched, params: RootParams, size, running): Batched => {
    const { counts, batches } = params;
    const [masks, ...others] = counts;
    const masked = running !== undefined;
    const flags = split(batched, params);
    const every = params.solve.outputs.map(() => true);
    const given = [...flags.masks, ...flags.solve, ...flags.args];
    const results = bind(rootOperation, running ? [running, ...operands] : operands, {
      ...params,
      solve: batchProgram(params.solve, given, size, every, masked).program,
      counts: [masks + Number(masked), ...others],
      batches: [...batches, { batched, counts, size, masked }],
    } satisfies RootParams);
    return { outputs: results, batched: every };
  },
});

/**
 * `[...masks, ...linear solve consts, ...f consts, ...x, ...args, ...tangents of the moving ones,
 * ...captures] -> tangents of x`. It is made for one problem, as the linear solver was, and then
 * batched.
 */
function tangentProgram(
  params: RootParams,
  moving: readonly boolean[],
): TracedProgram & { readonly depends: boolean } {
  const { residual, linearSolve, counts } = params;
  const unknowns = residual.outputs.length;
  const [, consts, , solverConsts] = counts;
  const isMoving = [
    ...moving.slice(0, consts),
    ...residual.outputs.map(() => false),
    ...moving.slice(consts),
  ];
  const given = linearSolve.inputs.slice(0, -unknowns).map((input) => input.type);
  const moved = residual.inputs.flatMap((input, i) => (isMoving[i] ? [input.type] : []));
  let depends = false;
  const { program: recorded, captures } = trace(
    [...given, ...moved],
    (...all) => {
      const known = all.slice(0, given.length);
      const at = known.slice(solverConsts);
      const tangents = all.slice(given.length);
      const change = linearizeInto(residual, at, isMoving).pushforward(
        isMoving.map((m) => (m ? (tangents.shift() ?? null) : null)),
      );
      depends = change.some((r) => r !== null);
      const rhs = at.slice(consts, consts + unknowns).map((x, i) => {
        const r = change[i];
        return r ? neg(r) : zeros(typeOf(x));
      });
      return evaluateProgram(linearSolve, [...known, ...rhs]);
    },
    { name: 'implicitRoot' },
  );
  const { inputs } = recorded;
  const first: Program = {
    ...recorded,
    inputs: [...inputs.slice(captures.length), ...inputs.slice(0, captures.length)],
  };
  const program = params.batches.reduce((unbatched, { batched, counts: before, size, masked }) => {
    const flags = split(batched, { counts: before });
    const every = unbatched.outputs.map(() => true);
    const operands = [...flags.residual, ...every, ...flags.args];
    const tangents = operands.filter((_, i) => isMoving[i]);
    const all = [...flags.masks, ...flags.linearSolve, ...operands, ...tangents];
    return batchProgram(unbatched, all, size, every, masked).program;
  }, first);
  return { program, captures, depends };
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
  options: ImplicitRootOptions<X>,
): X {
  checkOptions('implicitRoot', options, ['linearSolve']);
  const { linearSolve } = options;
  checkFunction('implicitRoot', 'linearSolve', linearSolve);
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
  const solveLinear = traceLinearSolve(
    residual.program,
    residual.captures.length,
    xTree,
    linearSolve,
  );
  const results = bind(
    rootOperation,
    [...residual.captures, ...solver.captures, ...solveLinear.captures, ...leaves],
    {
      residual: residual.program,
      solve: solver.program,
      linearSolve: solveLinear.program,
      counts: [0, residual.captures.length, solver.captures.length, solveLinear.captures.length],
      batches: [],
    } satisfies RootParams,
  );
  return unflatten<X>(xTree, results);
}

const caller = {
  name: 'implicitRoot',
  solver: 'linearSolve',
  transposeSolver: 'linearSolve',
};

/** Records the solution of systems with the derivative of the residual in x. */
function traceLinearSolve<X>(
  residual: Program,
  consts: number,
  xTree: TreeDef,
  solve: LinearSolver<X>,
): TracedProgram {
  const unknowns = residual.outputs.length;
  const isX = residual.inputs.map((_, i) => i >= consts && i < consts + unknowns);
  const types = residual.inputs.map((input) => input.type);
  return trace(
    [...types, ...residual.outputs.map((output) => output.type)],
    (...all) => {
      const at = all.slice(0, types.length);
      const { pushforward } = linearizeInto(residual, at, isX);
      const matvec = (v: X): X => {
        const [leaves] = flattenTensors(v);
        const image = pushforward(isX.map((is, i) => (is ? (leaves[i - consts] ?? null) : null)));
        const dense = residual.outputs.map(({ type }, i) => image[i] ?? zeros(denseType(type)));
        return unflatten<X>(xTree, dense);
      };
      const b = unflatten<Argument<X>>(xTree, all.slice(types.length));
      return flattenTensors(solveImplicitly<X>(caller, matvec, b, { solve }))[0];
    },
    { name: 'implicitRoot' },
  );
}

function denseType(type: ValueType): TensorType {
  if (type.kind === 'tensor') return type;
  throw new TypeError('implicitRoot: an unknown cannot be a stack of loop residuals.');
}

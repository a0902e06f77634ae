/**
 * The solution x of a linear system A x = b, differentiated as what it is and not as the
 * iterations that found it: A dx = db - dA x forwards, and transposed, A' w = ct backwards
 * with ct pulled back to b through w. One solve either way, whatever the solver did.
 */

import { add, neg } from '../primitives/arithmetic.ts';
import { Cotangent } from '../primitives/cotangent.ts';
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
import { ShapeError } from '../tensor/shape.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { describeType, sameType, type ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram, traceClosed } from '../trace/trace.ts';
import { batchProgram, withBatch } from '../transforms/batch-program.ts';
import { linearizeInto } from '../transforms/linearize-program.ts';
import { flattenTensors, type TracedFunction, traceTree } from '../transforms/trace-tree.ts';
import { transposeInto } from '../transforms/transpose-program.ts';
import type { Argument } from '../transforms/types.ts';

/** Solves a linear system that is given as a function. */
export type LinearSolver<T> = (matvec: (x: T) => T, b: T) => T;

/** Options of `implicitLinearSolve`. */
export interface ImplicitLinearSolveOptions<T> {
  /** Finds x with matvec(x) = b. */
  readonly solve: LinearSolver<T>;
  /** The same for the transposed system; `solve` when left out. */
  readonly transposeSolve?: LinearSolver<T>;
  /** Whether matvec is its own transpose, which saves transposing it. */
  readonly symmetric?: boolean;
  /** Whether solvers return what they have to say of their work as well. */
  readonly hasAux?: false;
}

/** Options of an `implicitLinearSolve` whose solvers return `[x, auxiliary]`. */
export interface ImplicitLinearSolveWithAuxOptions<T, X> {
  /** Finds x with matvec(x) = b, and says more. */
  readonly solve: (matvec: (x: T) => T, b: T) => readonly [T, X];
  /** The same for the transposed system; `solve` when left out. */
  readonly transposeSolve?: (matvec: (x: T) => T, b: T) => readonly [T, X];
  /** Whether matvec is its own transpose, which saves transposing it. */
  readonly symmetric?: boolean;
  /** Whether solvers return what they have to say of their work as well. */
  readonly hasAux: true;
}

/**
 * Operands: `[...matvec consts, ...solve consts, ...transpose consts, ...b]`; results: x, and what the
 * solver says besides, which has no derivative.
 */
interface SolveParams {
  readonly matvec: Program;
  readonly solve: Program;
  readonly transposeSolve: Program;
  readonly counts: readonly [matvec: number, solve: number, transposeSolve: number];
}

function split<T>(operands: readonly T[], { counts: [m, s, t] }: SolveParams) {
  return {
    matvec: operands.slice(0, m),
    solve: operands.slice(m, m + s),
    transposeSolve: operands.slice(m + s, m + s + t),
    b: operands.slice(m + s + t),
  };
}

const linearSolveOperation: Primitive = defineOperation({
  name: 'linearSolve',
  typeOf: (operands: readonly ValueType[], params: SolveParams) => [
    ...split(operands, params).b,
    ...auxTypes(operands, params),
  ],

  decompose: (operands: readonly Tensor[], params: SolveParams) => {
    const parts = split(operands, params);
    return evaluateProgram(params.solve, [...parts.solve, ...parts.b]);
  },

  linearizeAll: (operands, params: SolveParams, active): Linearized => {
    const outputs = bind(linearSolveOperation, operands, params);
    const parts = split(operands, params);
    const flags = split(active, params);
    const x = outputs.slice(0, parts.b.length);
    const product = linearizeInto(
      params.matvec,
      [...parts.matvec, ...x],
      [...flags.matvec, ...x.map(() => false)],
    );
    return {
      outputs,
      active: outputs.map((_, i) => i < x.length),
      pushforward: (tangents) => {
        const moved = split(tangents, params);
        const change = product.pushforward([...moved.matvec, ...x.map(() => null)]);
        if ([...moved.b, ...change].every((tangent) => tangent === null)) {
          return outputs.map(() => null);
        }
        const rhs = parts.b.map((b, i) => {
          const [db, dAx] = [moved.b[i] ?? null, change[i] ?? null];
          if (dAx === null) return db ?? zeros(typeOf(b));
          return db === null ? neg(dAx) : add(db, neg(dAx));
        });
        const moves = bind(
          linearSolveOperation,
          [...operands.slice(0, -rhs.length), ...rhs],
          params,
        );
        return moves.map((tangent, i) => (i < x.length ? tangent : null));
      },
    };
  },

  transpose: (cts, operands, params: SolveParams): void => {
    const parts = split(operands, params);
    // Parts of b that do not move are 0 in a linear Program.
    const fixed = operands
      .slice(0, -parts.b.length)
      .filter((o): o is Tensor => !(o instanceof Cotangent));
    if (fixed.length + parts.b.length < operands.length) {
      throw new Error('linearSolve: the matrix of a linear Program cannot depend on its inputs.');
    }
    const {
      counts: [m, s, t],
    } = params;
    const flipped = bind(
      linearSolveOperation,
      [
        ...fixed.slice(0, m),
        ...fixed.slice(m + s, m + s + t),
        ...fixed.slice(m, m + s),
        ...parts.b.map((b, i) => cts[i] ?? zeros(b instanceof Cotangent ? b.dense() : typeOf(b))),
      ],
      {
        matvec: transposedMatvec(params.matvec, m),
        solve: params.transposeSolve,
        transposeSolve: params.solve,
        counts: [m, t, s],
      } satisfies SolveParams,
    );
    parts.b.forEach((b, i) => {
      const ct = flipped[i];
      if (b instanceof Cotangent && ct) b.add(ct);
    });
  },

  vmap: (operands, batched, params: SolveParams, size, running): Batched => {
    const mask = running ? [running] : [];
    const [m, s, t] = params.counts;
    const parts = split(operands, params);
    const flags = split(batched, params);
    const every = parts.b.map(() => true);
    const batch = (program: Program, consts: readonly boolean[]): Program => {
      const all = program.outputs.map(() => true);
      return batchProgram(program, [...consts, ...every], size, all, mask.length > 0).program;
    };
    const b = parts.b.map((x, i) => withBatch(x, flags.b[i] === true, size));
    const outputs = bind(
      linearSolveOperation,
      [...mask, ...parts.matvec, ...mask, ...parts.solve, ...mask, ...parts.transposeSolve, ...b],
      {
        matvec: batch(params.matvec, flags.matvec),
        solve: batch(params.solve, flags.solve),
        transposeSolve: batch(params.transposeSolve, flags.transposeSolve),
        counts: [m + mask.length, s + mask.length, t + mask.length],
      } satisfies SolveParams,
    );
    return { outputs, batched: outputs.map(() => true) };
  },
});

/** Types of what a solver says besides the solution. */
function auxTypes(operands: readonly ValueType[], params: SolveParams): ValueType[] {
  const count = split(operands, params).b.length;
  return params.solve.outputs.slice(count).map(({ type }) => type);
}

/** `[...consts, y] -> A' y` of a Program `[...consts, x] -> A x`. */
function transposedMatvec(matvec: Program, consts: number): Program {
  const types = matvec.inputs.map((input) => input.type);
  return traceClosed(
    types,
    (...inputs) => {
      const sums = types.slice(consts).map((type) => new Cotangent(type));
      transposeInto(matvec, [...inputs.slice(0, consts), ...sums], inputs.slice(consts));
      return sums.map((sum) => sum.get() ?? zeros(sum.dense()));
    },
    'implicitLinearSolve',
  );
}

/**
 * The solution x of `matvec(x) = b` for a linear function of trees, found by `solve` and
 * differentiated implicitly: in b, and in everything that `matvec` closes over. The solver itself
 * need not be differentiable. With `hasAux`, solvers return `[x, auxiliary]`, and so does this; what is
 * auxiliary, such as a number of iterations, has no derivative.
 *
 * @throws TypeError when matvec or a solver does not keep the structure of b.
 * @see Griewank and Walther, Evaluating Derivatives (2008), section 15.4.
 */
export function implicitLinearSolve<T, X>(
  matvec: (x: T) => T,
  b: Argument<T>,
  options: ImplicitLinearSolveWithAuxOptions<T, X>,
): [T, X];
export function implicitLinearSolve<T>(
  matvec: (x: T) => T,
  b: Argument<T>,
  options: ImplicitLinearSolveOptions<T>,
): T;
export function implicitLinearSolve<T>(
  matvec: (x: T) => T,
  b: Argument<T>,
  options: AnyOptions<T>,
): unknown {
  checkFunction('implicitLinearSolve', 'matvec', matvec);
  checkOptions('implicitLinearSolve', options, ['solve', 'transposeSolve', 'symmetric', 'hasAux']);
  const { solve, transposeSolve = solve } = options;
  checkFunction('implicitLinearSolve', 'solve', solve);
  checkFunction('implicitLinearSolve', 'transposeSolve', transposeSolve);
  const caller = {
    name: 'implicitLinearSolve',
    solver: 'solve',
    transposeSolver: 'transposeSolve',
  };
  return solveImplicitly(caller, matvec, b, options);
}

interface AnyOptions<T> {
  readonly solve: (matvec: (x: T) => T, b: T) => unknown;
  readonly transposeSolve?: (matvec: (x: T) => T, b: T) => unknown;
  readonly symmetric?: boolean;
  readonly hasAux?: boolean;
}

/** What errors call the function that was called, and the solvers that it was given. */
export interface Caller {
  readonly name: string;
  readonly solver: string;
  readonly transposeSolver: string;
}

/** `implicitLinearSolve` under the name of its caller. */
export function solveImplicitly<T>(
  caller: Caller,
  matvec: (x: T) => T,
  b: Argument<T>,
  { solve, transposeSolve = solve, symmetric = false, hasAux = false }: AnyOptions<T>,
): unknown {
  const [leaves, treedef] = flattenTensors(b);
  const args: TreeDef = { kind: 'array', children: [treedef] };
  const types = leaves.map((leaf) => leaf.type);
  const record = (name: string, f: (x: T) => unknown, aux = false): TracedFunction => {
    const traced = traceTree(`${caller.name} ${name}`, f, args, types);
    checkSolution(`${caller.name}: ${name}`, traced, aux, { treedef, types });
    return traced;
  };
  const product = record('matvec', matvec);
  const consts = product.captures.length;
  const transposed = symmetric ? product.program : transposedMatvec(product.program, consts);
  const apply =
    (program: Program) =>
    (x: T): T =>
      unflatten<T>(
        treedef,
        evaluateProgram(program, [...product.captures, ...flattenTensors(x)[0]]),
      );
  const forward = record(caller.solver, (rhs) => solve(apply(product.program), rhs), hasAux);
  const backward = record(
    caller.transposeSolver,
    (rhs) => (symmetric ? solve : transposeSolve)(apply(transposed), rhs),
    hasAux,
  );
  if (hasAux && !sameResults(forward, backward)) {
    throw new TypeError(
      `${caller.name}: ${caller.solver} and ${caller.transposeSolver} must say the same kind of things besides the solution.`,
    );
  }
  const results = bind(
    linearSolveOperation,
    [...product.captures, ...forward.captures, ...backward.captures, ...leaves],
    {
      matvec: product.program,
      solve: forward.program,
      transposeSolve: backward.program,
      counts: [consts, forward.captures.length, backward.captures.length],
    } satisfies SolveParams,
  );
  return unflatten<unknown>(forward.result, results);
}

function sameResults(a: TracedFunction, b: TracedFunction): boolean {
  return (
    sameTree(a.result, b.result) &&
    a.program.outputs.every(({ type }, i) => {
      const other = b.program.outputs[i];
      return other !== undefined && sameType(type, other.type);
    })
  );
}

/** Refuses a result that is not like b, or with auxiliary values does not begin with what is. */
function checkSolution(
  name: string,
  { result, program }: TracedFunction,
  aux: boolean,
  b: { readonly treedef: TreeDef; readonly types: readonly ValueType[] },
): void {
  const pair =
    result.kind === 'array' && result.children.length === 2 ? result.children[0] : undefined;
  const solution = aux ? pair : result;
  if (!solution || !sameTree(solution, b.treedef)) {
    const wanted = aux ? `[${formatTree(b.treedef)}, auxiliary]` : formatTree(b.treedef);
    throw new TypeError(
      `${name} must ${aux ? 'return' : 'keep the structure'} ${wanted}; it returned ${formatTree(result)}.`,
    );
  }
  b.types.forEach((like, i) => {
    const type = program.outputs[i]?.type;
    if (type && sameType(type, like)) return;
    throw new ShapeError(
      `${name} must keep shapes and dtypes; it gives ${type ? describeType(type) : 'nothing'} where b is ${describeType(like)}.`,
    );
  });
}

import { isConcrete, segmentSum, sparse, type Tensor, take, tensor, zeros } from '@grad/core';
import { type Layout, layoutOf } from './layout.ts';
import { elementCount } from './mesh.ts';
import type { Problem } from './problem.ts';
import { elementUnknowns } from './unknowns.ts';

/** Options of `solve`. */
export interface SolveOptions {
  /**
   * Sparse factors (`cholesky`, when left out) or conjugate gradients (`cg`), which need less memory, and
   * more iterations the finer the mesh.
   */
  readonly method?: 'cholesky' | 'cg';
  /** Residual to stop at, relative to the right-hand side, of `cg`; 1e-10 when left out. */
  readonly tolerance?: number;
  /** Approximate inverse for `cg`; incomplete factors (`ic0`) when left out. */
  readonly preconditioner?: sparse.PreconditionerName;
  /** Of `cg`; 1000 when left out. */
  readonly maxIterations?: number;
}

/** The solution of a problem, besides what is derived from it. */
export interface Solution {
  /** Loads times displacements, f'u: a scalar. */
  readonly compliance: Tensor;
  /** What holds the unknowns that are given: K u - f there and 0 elsewhere, in the shape of u. */
  readonly reactions: Tensor;
  /** Whether the solver came to its tolerance, for use in compiled functions. */
  readonly converged: Tensor;
  /** The same as a word; null while a function is recorded, when it is not known. */
  readonly status: 'converged' | 'notConverged' | null;
}

/**
 * Solves a problem made by `poisson` or `elasticity`. The derivative of a solution is one more solution by
 * the same factors: a gradient of anything that follows from it costs little more, however many variables
 * there are. Works in compiled functions, batches, and derivatives of any order.
 *
 * @throws MatrixError when the call runs and the stiffness is not positive definite.
 */
export function solve<Derived extends { readonly u: Tensor }>(
  problem: Problem<Derived>,
  options: SolveOptions = {},
): Solution & Derived {
  const { method = 'cholesky', preconditioner = 'ic0' } = options;
  const { tolerance = 1e-10, maxIterations = 1000 } = options;
  if (method !== 'cholesky' && method !== 'cg') {
    throw new TypeError(`solve: the method is '${String(method)}'; it must be 'cholesky' or 'cg'.`);
  }
  const { mesh, components, stiffness, load, support } = problem;
  const layout = layoutOf(mesh, components, support.held);
  const size = (mesh.vertices.shape[0] ?? 0) * components;
  const forceOf = (unknowns: Tensor): Tensor => internalForce(problem, layout, unknowns);
  const given = support.values && spread(support.values, support.held, size);
  const wanted = given ? load.sub(forceOf(given)) : load;
  const matrix = assemble(layout, stiffness);
  const { x, converged } =
    layout.pattern.shape[0] === 0
      ? { x: zeros([0]), converged: tensor(true) }
      : sparse.solve(
          matrix,
          take(wanted, layout.free),
          method === 'cholesky' ? { method } : { method, preconditioner, tolerance, maxIterations },
        );
  const found = spread(x, layout.free, size);
  const unknowns = given ? found.add(given) : found;
  const held = spread(take(forceOf(unknowns).sub(load), indexOf(support.held)), support.held, size);
  const derived = problem.derive(unknowns);
  return {
    ...derived,
    compliance: load.mul(unknowns).sum(),
    reactions: held.reshape([...derived.u.shape]),
    converged,
    status: isConcrete(converged) ? (converged.item() ? 'converged' : 'notConverged') : null,
  };
}

function assemble({ pattern, target }: Layout, stiffness: Tensor): sparse.SparseMatrix {
  const entries = stiffness.reshape([stiffness.size]);
  const sums = segmentSum(entries, target, { count: pattern.nnz + 1 });
  return { data: sums.at([0, pattern.nnz]), pattern };
}

/** K u without assembling K. */
function internalForce(
  { mesh, components, stiffness, load }: Problem,
  { rows }: Layout,
  unknowns: Tensor,
): Tensor {
  const own = elementUnknowns(mesh, unknowns, components);
  const [count, size] = [elementCount(mesh), own.shape[1] ?? 0];
  const forces = stiffness.mul(own.reshape([count, 1, size])).sum({ axis: 2 });
  return segmentSum(forces.reshape([forces.size]), rows, { count: load.size });
}

/** Values at some places of a vector of zeros. */
function spread(values: Tensor, places: Tensor | Int32Array, size: number): Tensor {
  return segmentSum(values, indexOf(places), { count: size });
}

function indexOf(places: Tensor | Int32Array): Tensor {
  return places instanceof Int32Array ? tensor(places) : places;
}

import type { Tensor } from '@grad/core';
import type { Mesh } from './mesh.ts';
import type { Support } from './support.ts';

/** A linear problem, ready to be solved: what `poisson` and `elasticity` make. */
export interface Problem<Derived = unknown> {
  /** What made it, for messages. */
  readonly name: string;
  readonly mesh: Mesh;
  /** Unknowns at each vertex. */
  readonly components: number;
  /** The matrix of each element, `[elements, m, m]` with m = nodes times components. */
  readonly stiffness: Tensor;
  /** Work-equivalent loads, `[n components]`. */
  readonly load: Tensor;
  /** @internal */
  readonly support: Support;
  /** What follows from the unknowns `[n components]`, such as stresses. */
  readonly derive: (unknowns: Tensor) => Derived;
}

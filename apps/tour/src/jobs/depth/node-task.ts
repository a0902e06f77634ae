import type { sparse } from '@grad/core';
import type { Graph } from '@grad/graph';

/** Nodes of a graph with features and classes, some of which are known in training. */
export interface NodeTask {
  readonly name: string;
  readonly graph: Graph;
  /** `[nodes, features]` */
  readonly features: sparse.SparseMatrix;
  /** The class of each node. */
  readonly labels: Int32Array;
  readonly classes: number;
  /** Nodes whose class is known in training. */
  readonly train: Int32Array;
  /** Nodes that tell when to stop. */
  readonly validation: Int32Array;
  /** Nodes on which the result is measured. */
  readonly test: Int32Array;
}

/** Sizes of a task: numbers of nodes and features. */
export function sizeOf({ features }: NodeTask): { nodes: number; inputs: number } {
  const [nodes, inputs] = features.pattern.shape;
  return { nodes, inputs };
}

import type { Tensor, TensorLike } from '@grad/core';
import type { Graph } from './graph-batch.ts';

/** A layer of a graph network: functions, and no numbers. Its parameters are a tree that the caller keeps. */
export interface GraphLayer<P> {
  /** Name of the function that made it, such as `gcnConv`. */
  readonly kind: string;
  /** Numbers at each node that it takes. */
  readonly inputs: number;
  /** Numbers at each node that it gives. */
  readonly outputs: number;
  /** Parameters to start from. */
  init(key: Tensor): P;
  /**
   * New numbers at the nodes, `[N, outputs]`, from those of the nodes and their neighbors. Float inputs are
   * converted to the dtype of the parameters.
   *
   * @param x shape [N, inputs]
   * @throws ShapeError when x or the parameters do not fit.
   */
  apply(params: P, x: TensorLike, graph: Graph): Tensor;
}

import { grad, stack, type Tensor, type TensorLike, zeros } from '@grad/core';
import { nodeCount } from './aggregate.ts';
import { matrix } from './check.ts';
import { dirichletEnergy } from './dirichlet-energy.ts';
import type { Graph } from './graph-batch.ts';

/** What happens from layer to layer. The first element is about the input. */
export interface LayerProfile {
  /** Normalized Dirichlet energy of the nodes' numbers: `[layers + 1]`. */
  readonly energies: Tensor;
  /** Euclidean norm of the loss's gradient with respect to them: `[layers + 1]`. */
  readonly gradientNorms: Tensor;
}

/**
 * Follows numbers at the nodes through layers: how much they still differ between neighbors, and how much
 * of the gradient reaches them on the way back.
 *
 * @param layers each takes numbers at the nodes, `[N, k]`, to the next ones
 * @param x shape [N, inputs]
 * @param loss of the last numbers, a scalar
 * @throws ShapeError when x has not a row for each node.
 */
export function layerProfile(
  layers: readonly ((x: Tensor) => Tensor)[],
  x: TensorLike,
  graph: Graph,
  loss: (x: Tensor) => Tensor,
): LayerProfile {
  const start = matrix('layerProfile', 'x', x, nodeCount(graph));
  const values = [start];
  for (const layer of layers) values.push(layer(values.at(-1) ?? start));
  // The gradient in what is added behind a layer is that in the layer's result.
  const none = values.map(({ shape, dtype }) => zeros(shape, { dtype }));
  const gradients = grad((added: readonly Tensor[]) => {
    const plus = (h: Tensor, k: number): Tensor => h.add(added[k] ?? 0);
    return loss(layers.reduce((h, layer, k) => plus(layer(h), k + 1), plus(start, 0)));
  })(none);
  return {
    energies: stack(values.map((value) => dirichletEnergy(value, graph))),
    gradientNorms: stack(gradients.map((gradient) => gradient.square().sum().sqrt())),
  };
}

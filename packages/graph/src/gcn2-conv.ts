import type { Tensor, TensorLike } from '@grad/core';
import { nodeCount } from './aggregate.ts';
import { checkCount, checkNumber, checkOptions } from './check.ts';
import type { Graph } from './graph-batch.ts';
import { drawWeight, inputOf, parameter } from './linear.ts';
import { propagate } from './propagate.ts';

/** Options of `gcn2Conv`. */
export interface Gcn2Options {
  /** Share of the first layer's numbers in what the weight is applied to; 0.1 when left out. */
  readonly alpha?: number;
  /** Share of the weight, as against the identity; 1 when left out. See `gcn2Beta`. */
  readonly beta?: number;
  /** float32 when left out. */
  readonly dtype?: 'float32' | 'float64';
}

/** Parameters of `gcn2Conv`. */
export interface Gcn2Params {
  /** `[features, features]` */
  readonly weight: Tensor;
}

/** A layer of GCNII, which also takes what the first layer gave. */
export interface Gcn2Conv {
  readonly kind: 'gcn2Conv';
  readonly inputs: number;
  readonly outputs: number;
  /** Parameters to start from. */
  init(key: Tensor): Gcn2Params;
  /**
   * @param x shape [N, features]
   * @param first what the first layer gave, of the same shape
   * @param options `beta` in place of the layer's own: a number or a scalar tensor, so that one layer can
   * be the body of a `scan`
   * @throws ShapeError when something does not fit.
   */
  apply(
    params: Gcn2Params,
    x: TensorLike,
    graph: Graph,
    first: TensorLike,
    options?: { readonly beta?: number | Tensor },
  ): Tensor;
}

/**
 * A graph convolution that can be stacked deep: ((1 - alpha) P x + alpha x_first) ((1 - beta) I + beta W),
 * where P is the diffusion of `propagate`. What the first layer gave comes back in each layer, and the
 * weight is near the identity.
 *
 * @throws RangeError when the number of features is no whole number of 1 or more, or alpha or beta is not in
 * [0, 1].
 * @see M. Chen, Z. Wei, Z. Huang, B. Ding and Y. Li, Simple and Deep Graph Convolutional Networks (2020),
 * equation 5.
 */
export function gcn2Conv(features: number, options: Gcn2Options = {}): Gcn2Conv {
  const name = 'gcn2Conv';
  checkCount(name, 'the number of features', features);
  checkOptions(name, options, ['alpha', 'beta', 'dtype']);
  const { alpha = 0.1, beta = 1, dtype = 'float32' } = options;
  for (const [what, share] of Object.entries({ alpha, beta })) {
    checkNumber(name, what, share, (x) => x >= 0 && x <= 1, 'a number from 0 to 1');
  }
  return {
    kind: name,
    inputs: features,
    outputs: features,
    init: (key) => ({ weight: drawWeight(key, features, features, dtype) }),
    apply: (params, x, graph, first, { beta: share = beta } = {}) => {
      const weight = parameter(name, 'weight', params.weight, [features, features]);
      const nodes = nodeCount(graph);
      const made = inputOf(name, x, nodes, features, weight);
      const start = inputOf(name, first, nodes, features, weight);
      const mixed = propagate(made, graph)
        .mul(1 - alpha)
        .add(start.mul(alpha));
      const changed = mixed.matmul(weight);
      return mixed.add(changed.sub(mixed).mul(share));
    },
  };
}

/**
 * The share of the weight in layer `layer` of GCNII: ln(lambda / layer + 1), which falls with depth.
 *
 * @param layer from 1 on
 * @throws RangeError when the layer is no whole number of 1 or more, or lambda is not positive.
 */
export function gcn2Beta(layer: number, lambda: number): number {
  checkCount('gcn2Beta', 'the layer', layer);
  checkNumber(
    'gcn2Beta',
    'lambda',
    lambda,
    (x) => x > 0 && x < Number.POSITIVE_INFINITY,
    'a positive number',
  );
  return Math.log(lambda / layer + 1);
}

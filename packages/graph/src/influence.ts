import { map, oneHot, type Tensor, type TensorLike, tensor, vjp, vmap } from '@grad/core';
import { checkOptions, matrix } from './check.ts';

/** Options of `influence`. */
export interface InfluenceOptions {
  /** The nodes whose results are asked about; all when left out. */
  readonly nodes?: readonly number[];
  /** Whether each row is divided by its sum, so that it tells shares; false when left out. */
  readonly normalized?: boolean;
}

/**
 * How much the result at one node depends on what is at another one: the sum of the absolute values of the
 * Jacobian, over features of both, of h = f(x). Row i is about the i-th of `nodes`, column j about node j
 * of x. A row costs one derivative in reverse mode for each feature of h.
 *
 * @param f takes x to `[N, outputs]`, such as `(x) => layer.apply(params, x, graph)`
 * @param x shape [N, inputs]
 * @returns shape [nodes, N]
 * @throws RangeError when a node does not exist.
 * @throws ShapeError when x or f(x) is no matrix.
 * @see K. Xu et al., Representation Learning on Graphs with Jumping Knowledge Networks (2018),
 * definition 3.1.
 */
export function influence(
  f: (x: Tensor) => Tensor,
  x: TensorLike,
  options: InfluenceOptions = {},
): Tensor {
  checkOptions('influence', options, ['nodes', 'normalized']);
  const start = tensor(x);
  const made = matrix('influence', 'x', start, start.shape[0] ?? 0);
  const [h, pullback] = vjp(f, made);
  const count = h.shape[0] ?? 0;
  const outputs = matrix('influence', 'f(x)', h, count).shape[1] ?? 0;
  const { normalized = false, nodes = Array.from({ length: count }, (_, i) => i) } = options;
  for (const node of nodes) {
    if (Number.isInteger(node) && node >= 0 && node < count) continue;
    throw new RangeError(
      `influence: there is no node ${node}; nodes are numbered 0 to ${count - 1}.`,
    );
  }
  const features = oneHot(tensor(Int32Array.from({ length: outputs }, (_, c) => c)), outputs, {
    dtype: h.dtype,
  });
  const rowOf = (node: Tensor): Tensor => {
    const here = oneHot(node, count, { dtype: h.dtype }).expandDims(1);
    const jacobian = vmap((feature: Tensor) => pullback(here.mul(feature))[0])(features);
    return jacobian.abs().sum({ axis: [0, 2] });
  };
  const rows = map(rowOf, tensor(Int32Array.from(nodes)));
  return normalized ? rows.div(rows.sum({ axis: 1, keepdims: true })) : rows;
}

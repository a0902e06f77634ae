import { random, relu, scan, sparse, type Tensor, tensor, tree, vmap } from '@grad/core';
import { gcn2Beta, gcn2Conv } from '@grad/graph';
import { dense, initializers } from '@grad/nn';
import {
  type DeepNetwork,
  dropped,
  droppedSparse,
  type NetworkOptions,
  places,
} from './network.ts';
import { type NodeTask, sizeOf } from './node-task.ts';

const alpha = 0.1;
const lambda = 0.5;

/** GCNII: the first layer's numbers come back in each layer, and weights are near the identity. */
export function gcn2(task: NodeTask, { layers, hidden, drop }: NetworkOptions): DeepNetwork {
  const { graph, features, classes } = task;
  const weightInit = initializers.glorotUniform();
  const first = dense(sizeOf(task).inputs, hidden, { weightInit });
  const inner = gcn2Conv(hidden, { alpha });
  const last = dense(hidden, classes, { weightInit });
  const betas = Array.from({ length: layers }, (_, l) => gcn2Beta(l + 1, lambda));
  const begin = ({ weight, bias }: { weight: Tensor; bias?: Tensor }, x: sparse.SparseMatrix) =>
    relu(sparse.matmul(x, weight).add(bias ?? 0));
  return {
    name: 'GCNII',
    layers,
    decay: { inner: 0.01, outer: 5e-4 },
    init: (key) => ({
      first: first.init(random.foldIn(key, 0)),
      inner: vmap(inner.init)(random.keys(random.foldIn(key, 1), layers)),
      last: last.init(random.foldIn(key, 2)),
    }),
    logits: (weights, key) => {
      const start = begin(weights.first, droppedSparse(features, drop, key, -1));
      const [h] = scan(
        (x: Tensor, at: { params: { weight: Tensor }; place: Tensor; beta: Tensor }) => {
          const { params, place, beta } = at;
          const seen = dropped(x, drop, key, place);
          return [relu(inner.apply(params, seen, graph, start, { beta })), null];
        },
        start,
        { params: weights.inner, place: places(layers), beta: tensor(betas, { dtype: 'float32' }) },
      );
      return last.apply(weights.last, dropped(h, drop, key, layers));
    },
    steps: (weights) => {
      const start = begin(weights.first, features);
      return {
        start,
        layers: betas.map((beta, l) => (x: Tensor) => {
          const params = tree.map((stack) => stack.at(l), weights.inner);
          return relu(inner.apply(params, x, graph, start, { beta }));
        }),
        finish: (x) => last.apply(weights.last, x),
      };
    },
  };
}

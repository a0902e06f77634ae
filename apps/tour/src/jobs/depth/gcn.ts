import { random, relu, scan, type Tensor, tree, vmap } from '@grad/core';
import { type GcnParams, gcnConv } from '@grad/graph';
import {
  type DeepNetwork,
  dropped,
  droppedSparse,
  type NetworkOptions,
  places,
} from './network.ts';
import { type NodeTask, sizeOf } from './node-task.ts';

/** Graph convolutions on top of each other, of which 2 are usual. */
export function gcn(task: NodeTask, { layers, hidden, drop }: NetworkOptions): DeepNetwork {
  const { graph, features, classes } = task;
  const first = gcnConv(sizeOf(task).inputs, hidden);
  const inner = gcnConv(hidden, hidden);
  const last = gcnConv(hidden, classes);
  const count = layers - 2;
  return {
    name: 'GCN',
    layers,
    decay: { inner: 5e-4, outer: 5e-4 },
    init: (key) => ({
      first: first.init(random.foldIn(key, 0)),
      inner: vmap(inner.init)(random.keys(random.foldIn(key, 1), count)),
      last: last.init(random.foldIn(key, 2)),
    }),
    logits: (weights, key) => {
      const start = relu(first.apply(weights.first, droppedSparse(features, drop, key, -1), graph));
      const [h] = scan(
        (x: Tensor, at: { params: GcnParams; place: Tensor }) => [
          relu(inner.apply(at.params, dropped(x, drop, key, at.place), graph)),
          null,
        ],
        start,
        { params: weights.inner, place: places(count) },
      );
      return last.apply(weights.last, dropped(h, drop, key, count), graph);
    },
    steps: (weights) => ({
      start: relu(first.apply(weights.first, features, graph)),
      layers: Array.from(
        { length: count },
        (_, l) => (x: Tensor) =>
          relu(
            inner.apply(
              tree.map((stack) => stack.at(l), weights.inner),
              x,
              graph,
            ),
          ),
      ),
      finish: (x) => last.apply(weights.last, x, graph),
    }),
  };
}

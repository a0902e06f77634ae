import { random, sparse, type Tensor, take, tensor } from '@grad/core';
import { graphBatch } from '@grad/graph';
import type { NodeTask } from './node-task.ts';

const classes = 3;
const perClass = 80;
const width = 12;
/** Edges of a node, on average, inside its class and to others. */
const [inside, outside] = [6, 2];
/** Distance of the means of two classes, in standard deviations. */
const distance = 1.5;

/**
 * A stochastic block model: nodes of one class are joined more often than others, and a node's features are
 * the mean of its class and noise. Both tell something of the class, and neither is enough.
 *
 * @see P. Holland, K. Laskey and S. Leinhardt, Stochastic blockmodels: First steps (1983).
 */
export function blockModel(seed: number): NodeTask {
  const nodes = classes * perClass;
  const [first, second, third] = random.split(random.key(seed), 3);
  const labels = Int32Array.from({ length: nodes }, (_, node) => node % classes);
  const draws = random.uniform(first, [nodes, nodes]).dataSync();
  const edges: [number, number][] = [];
  for (let a = 0; a < nodes; a++) {
    for (let b = a + 1; b < nodes; b++) {
      const chance =
        labels[a] === labels[b] ? inside / perClass : outside / (perClass * (classes - 1));
      if ((draws[a * nodes + b] ?? 1) < chance) edges.push([a, b]);
    }
  }
  const features = random.normal(second, [nodes, width], { dtype: 'float32' }).add(meansOf(labels));
  const order = Int32Array.from(random.permutation(third, nodes).dataSync());
  return {
    name: 'stochastic block model',
    graph: graphBatch([{ nodes, edges }], { undirected: true }),
    features: sparse.fromDense(features),
    labels,
    classes,
    train: order.slice(0, 30),
    validation: order.slice(30, 90),
    test: order.slice(90),
  };
}

/** The mean of its class for each node. */
function meansOf(labels: Int32Array): Tensor {
  const size = distance / Math.SQRT2;
  return tensor(
    Array.from(labels, (label) =>
      Array.from({ length: width }, (_, k) => (k === label ? size : 0)),
    ),
    { dtype: 'float32' },
  );
}

/** Share of the test nodes that are nearest to the training mean of their class: what needs no graph. */
export function nearestMean({ features, labels, classes: count, train, test }: NodeTask): number {
  const dense = sparse.toDense(features);
  const rows = (nodes: readonly number[]): Tensor => take(dense, tensor(Int32Array.from(nodes)));
  const means = Array.from({ length: count }, (_, label) =>
    rows([...train].filter((node) => labels[node] === label)).mean({ axis: 0 }),
  );
  const right = [...test].filter((node) => {
    const far = means.map((mean) => rows([node]).sub(mean).square().sum().item());
    return far.indexOf(Math.min(...far)) === labels[node];
  });
  return right.length / test.length;
}

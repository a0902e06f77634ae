import { grad, type Tensor, tensor } from '@grad/core';
import { dirichletEnergy, type Graph, graphBatch, influence, propagate } from '@grad/graph';

// Six people: two circles of three, joined by one friendship.
const graph = graphBatch(
  [
    {
      nodes: 6,
      edges: [
        [0, 1],
        [1, 2],
        [2, 0],
        [3, 4],
        [4, 5],
        [5, 3],
        [2, 3],
      ],
    },
  ],
  { undirected: true, dtype: 'float64' },
);
const opinions = tensor([[1], [0.5], [1], [-1], [-0.5], [-1]]);

// Each step averages over friends, and what differs between friends becomes smaller.
const after = (steps: number, own: Graph): Tensor => {
  let x = opinions;
  for (let step = 0; step < steps; step++) x = propagate(x, own);
  return x;
};
for (const steps of [0, 2, 8]) {
  console.log(steps, dirichletEnergy(after(steps, graph), graph).item().toFixed(4));
}
// → 0 1.2679
// → 2 0.2950
// → 8 0.0484

// Whose opinion counts for person 0 after two steps?
const table = influence((x) => propagate(propagate(x, graph), graph), opinions, { nodes: [0] });
console.log(table.at(0).toString({ digits: 3 })); // → f64[6] [0.306, 0.306, 0.265, 0.0722, 0, 0]

// Which friendship does most to make all alike? Weights of edges can be differentiated.
const energy = (weights: Tensor): Tensor => {
  const own = { ...graph, weights };
  return dirichletEnergy(after(8, own), own);
};
const slopes = grad(energy)(graph.weights).dataSync();
const most = slopes.indexOf(Math.min(...slopes));
console.log(graph.from.at(most).item(), graph.to.at(most).item()); // → 3 2

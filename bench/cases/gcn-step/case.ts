import { type Case, type Inputs, indices, noise } from '../../src/suite.ts';

// Those of Cora, and numbers of words that are near to its mean.
const [nodes, edges, words, wordsOfNode, hidden, classes, labelled] = [
  2708, 5278, 1433, 18, 16, 7, 140,
];

/** Different pairs of different nodes. */
function graph(): Int32Array {
  const [from, to] = [1, 2].map((seed) => indices(2 * edges, nodes, seed).data);
  const pairs = new Map<number, readonly [number, number]>();
  for (let i = 0; pairs.size < edges; i++) {
    const [a, b] = [from?.[i] ?? 0, to?.[i] ?? 0].sort((x, y) => x - y);
    if (a !== undefined && b !== undefined && a !== b) pairs.set(a * nodes + b, [a, b]);
  }
  return Int32Array.from([...pairs.values()].flat());
}

/** The columns of each row that are not 0, in order. */
function columns(): Int32Array {
  const drawn = indices(2 * nodes * wordsOfNode, words, 3).data;
  const rows = Array.from({ length: nodes }, (_, i) => {
    const own = new Set<number>();
    for (let k = 2 * wordsOfNode * i; own.size < wordsOfNode; k++) own.add(drawn[k] ?? 0);
    return [...own].sort((a, b) => a - b);
  });
  return Int32Array.from(rows.flat());
}

function inputs(): Inputs {
  const entries = nodes * wordsOfNode;
  return {
    edges: { shape: [edges, 2], data: graph() },
    columns: { shape: [nodes, wordsOfNode], data: columns() },
    values: { shape: [entries], data: new Float32Array(entries).fill(1 / wordsOfNode) },
    labels: indices(labelled, classes, 4),
    w0: noise([words, hidden], 'float32', { seed: 5, scale: Math.sqrt(6 / (words + hidden)) }),
    b0: noise([hidden], 'float32', { seed: 6, scale: 0.01 }),
    w1: noise([hidden, classes], 'float32', { seed: 7, scale: Math.sqrt(6 / (hidden + classes)) }),
    b1: noise([classes], 'float32', { seed: 8, scale: 0.01 }),
  };
}

/**
 * One step of gradient descent on two graph convolutions of sparse features. The peers make the matrix of
 * diffusion once, ours makes its entries in each step.
 */
export const cases: readonly Case[] = [
  {
    group: 'plugins',
    name: `graph: step of a GCN ${words}-${hidden}-${classes}, ${nodes} nodes, ${2 * edges} edges`,
    precision: 'float32',
    program: 'gcn-step',
    options: { learningRate: 0.1 },
    inputs,
    targets: [
      { side: 'Torch', atMost: 1 },
      { side: 'JAX', atMost: 1 },
    ],
  },
];

import { type Tensor, tensor } from '@grad/core';

/** Nodes in (0, 1) and weights of sum 1, float64 `[count]`. */
export interface Quadrature {
  readonly nodes: Tensor;
  readonly weights: Tensor;
}

/** The midpoint rule. */
export function midpoints(count: number): Quadrature {
  const nodes = Float64Array.from({ length: count }, (_, i) => (i + 0.5) / count);
  return { nodes: tensor(nodes), weights: tensor(new Float64Array(count).fill(1 / count)) };
}

/** Gauss's rule as a list of numbers. */
export function gaussLegendreNodes(count: number): { node: number; weight: number }[] {
  const { nodes, weights } = gaussArrays(count);
  return Array.from(nodes, (node, i) => ({ node, weight: weights[i] ?? 0 }));
}

/** Gauss's rule. */
export function gaussLegendre(count: number): Quadrature {
  const { nodes, weights } = gaussArrays(count);
  return { nodes: tensor(nodes), weights: tensor(weights) };
}

/** Gauss's rule: zeros of the Legendre polynomial, by Newton's method from Tricomi's estimates. */
function gaussArrays(count: number): { nodes: Float64Array; weights: Float64Array } {
  const nodes = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let z = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let turn = 0; turn < 100; turn++) {
      let [before, here] = [0, 1];
      for (let n = 1; n <= count; n++) {
        [before, here] = [here, ((2 * n - 1) * z * here - (n - 1) * before) / n];
      }
      slope = (count * (before - z * here)) / (1 - z * z);
      const move = here / slope;
      z -= move;
      if (Math.abs(move) < 1e-15) break;
    }
    nodes[i] = (1 - z) / 2;
    weights[i] = 1 / ((1 - z * z) * slope * slope);
  }
  return { nodes, weights };
}

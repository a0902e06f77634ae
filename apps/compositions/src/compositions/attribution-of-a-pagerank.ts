import { linspace, type Tensor, tensor, vmap } from '@grad/core';
import { pagerank } from '@grad/iterators';
import { integratedGradients } from '@grad/vision';
import type { Composition } from '../composition.ts';
import { controlled } from './control-of-a-pagerank.ts';

/** The score of page 3 for a batch of weights. */
const score = vmap(
  (weights: Tensor): Tensor =>
    pagerank(controlled.links, weights, { alpha: 0.85, tol: 1e-14 }).scores.at(3),
);
const importance = linspace(-1, 1, controlled.links.length);

/** Which link made the score what it is, by integrated gradients from equal weights; summed with signs. */
export const attributionOfAPagerank: Composition = {
  name: 'attribution-of-a-pagerank',
  title: 'Attribution of a PageRank to links',
  packages: ['vision', 'iterators'],
  variable: 'weights of links',
  f: (weights) =>
    integratedGradients(score, weights.expandDims(0), { baseline: 1, steps: 8 })
      .attribution.mul(importance)
      .sum(),
  x: tensor([1.5, 0.7, 2, 1.1, 0.4, 1.3, 0.9, 1.8, 0.6, 1.2]),
};

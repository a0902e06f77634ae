import { grad, jit, type Tensor } from '../../../packages/core/src/index.ts';
import { pagerank } from '../../../packages/iterators/src/pagerank.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { need, numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const [from, to] = [need(inputs, 'from').data, need(inputs, 'to').data];
  const edges = Int32Array.from({ length: 2 * from.length }, (_, i) =>
    Number((i % 2 === 0 ? from : to)[i >> 1]),
  );
  const [nodes, alpha] = [numberOf(options, 'nodes'), numberOf(options, 'alpha')];
  const scores = (weights: Tensor) => pagerank(edges, weights, { nodes, alpha }).scores;
  const score = (weights: Tensor) => scores(weights).at(0);
  const f = jit(options['of'] === 'gradient' ? grad(score) : scores);
  const weights = given(inputs, 'weights');
  return calling(() => f(weights));
};

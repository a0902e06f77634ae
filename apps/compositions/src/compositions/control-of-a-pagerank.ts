import { exp, log, scan, type Tensor, tensor } from '@grad/core';
import { pagerank } from '@grad/iterators';
import type { Composition } from '../composition.ts';

const links = [
  [0, 1],
  [0, 2],
  [2, 0],
  [2, 1],
  [2, 4],
  [3, 4],
  [3, 5],
  [4, 3],
  [4, 5],
  [5, 3],
];

/** What is to be small at the end: the logarithm of one over the score of page 4. */
export const terminalCost = (logWeights: Tensor): Tensor =>
  log(pagerank(links, exp(logWeights), { alpha: 0.9, tol: 1e-14 }).scores.at(4)).neg();

/** Page 4's links are changed over five steps, at a price, for the sake of its score. */
export const controlled = { links, steps: 5, price: 0.5 };

/** Cost of a course of changes: of effort, and of the score that it leads to. */
function cost(course: Tensor): Tensor {
  const start = { logWeights: tensor(links.map(() => 0)), effort: tensor(0) };
  const [end] = scan(
    ({ logWeights, effort }: typeof start, u: Tensor) => [
      {
        logWeights: logWeights.add(u.mul(1 / controlled.steps)),
        effort: effort.add(
          u
            .square()
            .sum()
            .mul(controlled.price / controlled.steps / 2),
        ),
      },
      null,
    ],
    start,
    course,
  );
  return end.effort.add(terminalCost(end.logWeights));
}

/** What optimal control of the scores of a network of pages makes small, in the whole course of controls. */
export const controlOfAPagerank: Composition = {
  name: 'control-of-a-pagerank',
  title: 'Control of a PageRank',
  packages: ['control', 'iterators'],
  variable: 'controls, one for each link and step',
  f: cost,
  x: tensor(
    Array.from({ length: controlled.steps }, (_, k) =>
      links.map((_, i) => 0.3 * Math.sin(3 * k + i)),
    ),
  ),
};

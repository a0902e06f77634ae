import type { Prose } from '../../job.ts';

/** PageRank and its implicit derivative, in plain words. */
export const explanation: readonly Prose[] = [
  'A reader follows links at random: with probability α one of the links of the page at hand, the heavier the likelier, and otherwise a jump to any page at all. The share of time spent on each page is its PageRank. It is the one vector p that a step of the walk leaves as it is, where W is the weight of all the links of a page and a page without links jumps everywhere:',
  {
    tex: 'p_j = \\alpha \\sum_{i \\to j} \\frac{w_{ij}}{W_i}\\, p_i + \\frac{\\alpha}{n} \\sum_{W_i = 0} p_i + \\frac{1 - \\alpha}{n}, \\qquad W_i = \\sum_j w_{ij}',
  },
  'How would the score of one page change if a link weighed a little more? Differentiating every iteration would need all of them kept in memory. The implicit function theorem needs none: whatever way the solution was found, its derivatives follow from the equation alone. One more linear system, with the transposed matrix, gives λ, and λ gives the derivative for every link at once:',
  {
    tex: '\\lambda_i = [i = t] + \\alpha \\sum_j P_{ij} \\lambda_j, \\qquad \\frac{\\partial p_t}{\\partial w_{ij}} = \\frac{\\alpha\\, p_i}{W_i} \\Bigl( \\lambda_j - \\sum_k P_{ik} \\lambda_k \\Bigr), \\qquad P_{ij} = \\frac{w_{ij}}{W_i}',
  },
  'So a link helps the target when it leads to a page that is better for the target (a larger λ) than what the links beside it offer on average, and hurts it otherwise. And making all the links of a page heavier by the same factor changes nothing, which the table below puts to the test.',
];

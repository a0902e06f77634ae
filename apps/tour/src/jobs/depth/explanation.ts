import type { Prose } from '../../job.ts';

/** Over-smoothing, in plain words. */
export const explanation: readonly Prose[] = [
  'A graph convolution replaces the numbers at a node by an average over its neighbors, and then applies a matrix that is learned:',
  {
    tex: 'X_{l+1} = \\sigma\\left(P X_l W_l\\right), \\qquad P = D^{-1/2} (A + I) D^{-1/2}',
  },
  'An average makes neighbors alike. How much they still differ is the Dirichlet energy, which each average makes smaller. On a cycle of n nodes one wave is an eigenvector, so that everything is known:',
  {
    tex: 'E(X) = \\tfrac12 \\sum_{i,j} a_{ij} \\left| \\tfrac{x_i}{\\sqrt{d_i}} - \\tfrac{x_j}{\\sqrt{d_j}} \\right|^2, \\qquad E(P^L X) = \\mu^{2L} E(X), \\quad \\mu = \\frac{1 + 2 \\cos(2\\pi/n)}{3}',
  },
  'The gradient on its way back shrinks in the same way, by μ in each layer. So a deep stack can neither tell nodes apart nor learn to. GCNII brings the first numbers back into each layer and keeps its matrices near the identity:',
  {
    tex: 'X_{l+1} = \\sigma\\left(\\left((1-\\alpha) P X_l + \\alpha X_0\\right)\\left((1-\\beta_l) I + \\beta_l W_l\\right)\\right), \\qquad \\beta_l = \\ln\\left(\\tfrac{\\lambda}{l} + 1\\right)',
  },
];

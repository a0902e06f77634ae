import type { Prose } from '../../job.ts';

/** Approximations of Ising models, in plain words. */
export const explanation: readonly Prose[] = [
  'A magnet of n spins that point up or down has 2ⁿ states, too many to sum over. The mean field replaces the neighbors of a spin by their averages, and asks for averages that agree with themselves:',
  { tex: 'm_i = \\tanh\\Bigl(\\beta \\sum_j J_{ij} m_j + \\beta h_i\\Bigr)' },
  'Bethe’s approximation does better: neighbors exchange messages about what they would do without the other, which is exact where there are no cycles. On the square lattice Onsager and Yang knew the answer without approximation:',
  {
    tex: 'm = \\bigl(1 - \\sinh^{-4}(2\\beta)\\bigr)^{1/8}, \\qquad T_c = \\frac{2}{\\ln(1 + \\sqrt 2)} \\approx 2.269',
  },
  'How the magnetization answers to a field, the susceptibility, follows from the equation by the implicit function theorem: one linear system at the solution, and no derivative of the iterations that led there.',
];

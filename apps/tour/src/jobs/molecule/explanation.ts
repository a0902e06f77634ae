import type { Prose } from '../../job.ts';

/** Message passing and contributions of atoms, in plain words. */
export const explanation: readonly Prose[] = [
  'A molecule is a graph: atoms are nodes, bonds are edges. Each atom holds some numbers, which begin as what is known of it (element, neighbors, hydrogens, charge, rings). In each round neighbors send messages along their bonds, and an atom changes its numbers by what arrives:',
  {
    tex: 'm_i = \\sum_{j \\in N(i)} \\mathrm{relu}\\left(A h_j + B h_i + C e_{ij} + b\\right), \\qquad h_i \\leftarrow \\mathrm{GRU}(h_i, m_i)',
  },
  'After three rounds an atom knows what is around it. The sums and means over all atoms tell the property, and everything is learned from examples.',
  'What an atom adds to the answer is the integral of the gradient along the way from atoms of which nothing is known to those that are there. Over all atoms this sums to the difference between the two answers:',
  {
    tex: 'c_i = x_i \\cdot \\int_0^1 \\frac{\\partial f}{\\partial x_i}(t x) \\, dt, \\qquad \\sum_i c_i = f(x) - f(0)',
  },
];

import type { Prose } from '../../job.ts';

/** Message passing and contributions of atoms, in plain words. */
export const explanation: readonly Prose[] = [
  'A molecule is a graph: atoms are nodes, bonds are edges. Something is known of each atom (element, neighbors, hydrogens, charge, rings) and of each bond. Along every bond go two messages of some numbers, one in each direction. A message begins as what is known of the atom it leaves and of the bond, and in each round it also takes in what arrived at that atom, but for what came along the same bond. In the end an atom adds up what arrives:',
  {
    tex: 'm_{ji} \\leftarrow \\mathrm{relu}\\Big(S x_j + E e_{ji} + B \\sum_{k \\in N(j) \\setminus i} m_{kj}\\Big), \\qquad h_i = \\mathrm{relu}\\Big(O x_i + A \\sum_{j \\in N(i)} m_{ji} + b\\Big)',
  },
  'After three rounds an atom knows what is around it. The means over all atoms and the logarithms of the sums tell the property, and everything is learned from examples.',
  'What an atom adds to the answer is the integral of the gradient along the way from atoms of which nothing is known to those that are there. Over all atoms this sums to the difference between the two answers:',
  {
    tex: 'c_i = x_i \\cdot \\int_0^1 \\frac{\\partial f}{\\partial x_i}(t x) \\, dt, \\qquad \\sum_i c_i = f(x) - f(0)',
  },
];

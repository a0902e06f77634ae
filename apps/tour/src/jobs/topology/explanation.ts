import type { Prose } from '../../job.ts';

/** Topology optimization in plain words. */
export const explanation: readonly Prose[] = [
  'A beam rests on its ends and carries a load in the middle; by symmetry half of it will do. Half of its area may be filled with material. Where should that be, so that the beam yields least? Each element gets a density between 0 and 1, and the third power of it as stiffness, which makes intermediate densities a bad bargain (SIMP):',
  {
    tex: '\\min_x\\ c(x) = f^{\\mathsf T} u, \\qquad K(x)\\, u = f, \\qquad E_e = E_{\\min} + x_e^3\\,(1 - E_{\\min}), \\qquad \\frac{1}{n} \\sum_e x_e = \\frac{1}{2}',
  },
  'The derivative in all densities comes from the differentiated solution, whatever the elements are made of. For the compliance it is known in closed form too, which the table below holds it against:',
  {
    tex: '\\frac{\\partial c}{\\partial x_e} = -3\\, x_e^2\\, (1 - E_{\\min})\\; u_e^{\\mathsf T} K_0\\, u_e',
  },
  'A filter averages the derivatives over neighbours, so that the result does not depend on the mesh, and each iteration moves material from where it helps less to where it helps more (the optimality criteria). The compliances are those of the well-known 88 lines of MATLAB, digit by digit.',
];

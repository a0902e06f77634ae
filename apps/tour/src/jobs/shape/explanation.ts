import type { Prose } from '../../job.ts';

/** The shape of a hole and its gradient, in plain words. */
export const explanation: readonly Prose[] = [
  'A large plate with a hole is pulled with 2 along x and 1 along y. Around a round hole the stress rises to 3 · 2 − 1 = 5 (Kirsch 1898). Which hole of the same area is best? One with the same stress everywhere along its edge: for loads of one sign that is an ellipse whose axes are as 2 to 1, with the stress 2 + 1 = 3. It is also the hole that weakens the plate least, so it minimizes the compliance, the work of the loads:',
  {
    tex: '\\min_{\\Omega}\\ J(\\Omega) = f^{\\mathsf T} u, \\qquad K(\\Omega)\\, u = f, \\qquad |\\Omega| = \\text{const}',
  },
  'The derivative of the compliance in the position of every vertex comes from differentiating the whole computation, assembly and solution included, at the price of about one more solution with the same factors:',
  {
    tex: '\\mathrm{d}J = u^{\\mathsf T}\\bigl(2\\,\\mathrm{d}f - \\mathrm{d}K\\, u\\bigr)',
  },
  'Moving the vertices of the edge alone would crush the elements next to it. The mesh is therefore taken for an elastic body that the gradient pulls at, and moves as a whole; steps that would spoil an element are cut. Nothing here knows about ellipses.',
];

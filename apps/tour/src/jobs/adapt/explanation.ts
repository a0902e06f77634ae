import type { Prose } from '../../job.ts';

/** MAML and Meta-SGD, in plain words. */
export const explanation: readonly Prose[] = [
  'A network that has seen many sine curves should need but a few points of another one. Meta-learning makes this the goal itself: find parameters θ from which one step along the gradient of the error at ten points leads to a small error everywhere. The error after the step is a function of θ like any other, with the step inside:',
  {
    tex: '\\min_\\theta \\; \\sum_{\\text{tasks}} L_{\\text{query}}\\bigl(\\theta - \\alpha \\nabla L_{\\text{support}}(\\theta)\\bigr)',
  },
  'Its gradient goes through the step, so that it holds second derivatives of the error at the support; it is found by differentiating the derivative, not by forming them:',
  {
    tex: '\\nabla_\\theta = \\bigl(I - \\alpha \\nabla^2 L_{\\text{support}}(\\theta)\\bigr) \\nabla L_{\\text{query}}(\\theta\\prime), \\qquad \\theta\\prime = \\theta - \\alpha \\nabla L_{\\text{support}}(\\theta)',
  },
  'First-order MAML drops the second derivatives. Meta-SGD learns α as well, one number for each parameter, whose derivative is minus the product of the two gradients. So it learns along which directions to go, and how far.',
];

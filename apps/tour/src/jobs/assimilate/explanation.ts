import type { Prose } from '../../job.ts';

/** 4D-Var on Lorenz-63, in plain words. */
export const explanation: readonly Prose[] = [
  'A weather forecast starts from a guess of the present, the background, and from scattered measurements with errors. Four-dimensional variational assimilation looks for the initial state whose forecast agrees with both, each weighted by how far it is to be trusted:',
  {
    tex: 'J(x_0) = \\frac12 (x_0 - x_b)^\\top B^{-1} (x_0 - x_b) + \\frac12 \\sum_k d_k^\\top R_k^{-1} d_k, \\qquad d_k = y_k - H_k\\, M_k(x_0)',
  },
  'Here M is the model run from the initial state to the time of an observation, H picks what was observed, and B and R are the covariances of the errors. The weather is that of Lorenz (1963), three numbers that wander between two wings and never repeat, in steps of a fourth-order Runge-Kutta method:',
  {
    tex: '\\frac{dx}{dt} = \\sigma (y - x), \\qquad \\frac{dy}{dt} = x (\\rho - z) - y, \\qquad \\frac{dz}{dt} = x y - \\beta z',
  },
  'The minimizer, L-BFGS, needs the gradient of J: the sensitivity of every departure to the initial state, through all the steps of the model. Reverse-mode differentiation of the compiled time loop delivers it in one sweep backwards in time, the adjoint model, for a small multiple of the price of one forecast however many variables there are.',
];

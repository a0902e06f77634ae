import type { Prose } from '../../job.ts';

/** 4D-Var, the models and the filters, in plain words. */
export const explanation: readonly Prose[] = [
  'A weather forecast starts from a guess of the present, the background, and from scattered measurements with errors. Four-dimensional variational assimilation looks for the initial state whose forecast agrees with both, each weighted by how far it is to be trusted:',
  {
    tex: 'J(x_0) = \\frac12 (x_0 - x_b)^\\top B^{-1} (x_0 - x_b) + \\frac12 \\sum_k d_k^\\top R_k^{-1} d_k, \\qquad d_k = y_k - H_k\\, M_k(x_0)',
  },
  'Here M is the model run from the initial state to the time of an observation, H picks what was observed, and B and R are the covariances of the errors. One weather is that of shallow water on a rotating plane, with depth h and velocity u, whose gravity waves and eddies are those of a real one:',
  {
    tex: '\\frac{\\partial h}{\\partial t} + \\nabla\\!\\cdot(h u) = 0, \\qquad \\frac{\\partial u}{\\partial t} + (f + \\zeta)\\, \\hat k \\times u + \\nabla\\left(g h + \\tfrac12 |u|^2\\right) = 0',
  },
  'Another is that of Lorenz (1963), three numbers that wander between two wings and never repeat, in steps of a fourth-order Runge-Kutta method:',
  {
    tex: '\\frac{dx}{dt} = \\sigma (y - x), \\qquad \\frac{dy}{dt} = x (\\rho - z) - y, \\qquad \\frac{dz}{dt} = x y - \\beta z',
  },
  'The minimizer needs the gradient of J: the sensitivity of every departure to the initial state, through all the steps of the model. Reverse-mode differentiation of the compiled time loop delivers it in one sweep backwards in time, the adjoint model, for a small multiple of the price of one forecast however many variables there are. L-BFGS works with the gradient alone; incremental 4D-Var linearizes the model and minimizes the quadratic cost of increments by conjugate gradients.',
  'Filters take in observations one time after the other. On a third weather, the 40 variables of Lorenz (1996) around a circle, optimal interpolation knows the climate alone, 3D-Var corrects its own forecast with a fixed covariance, and the ensemble transform Kalman filter lets 24 forecasts say what is uncertain today.',
];

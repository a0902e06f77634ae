/**
 * Assimilation at one time. Three-dimensional variational assimilation minimizes
 *
 *   J(x) = 1/2 (x - xb)' B^-1 (x - xb) + 1/2 (y - H(x))' R^-1 (y - H(x)).
 *
 * Where H is linear the minimum is xb + K (y - H xb) with the gain K = B H' (H B H' + R)^-1, which is optimal
 * interpolation; the two are the same estimate, found by descent or by a matrix.
 */

import {
  eye,
  jacfwd,
  jit,
  linalg,
  matmul,
  type Tensor,
  type TensorLike,
  tensor,
  zeros,
} from '@grad/core';
import { checkShape, stateVector, vector } from './check-state.ts';
import {
  type Covariance,
  covarianceOperator,
  covarianceRoot,
  type StateCovariance,
} from './covariance.ts';
import { type FourDVar, variational } from './four-d-var.ts';

/** What is assimilated at one time. */
export interface ThreeDVarOptions {
  /** Observation operator: the vector of what could be observed of a state; the state when left out. */
  readonly observe?: (state: Tensor) => Tensor;
  /** The first guess of the state, a vector. */
  readonly background: TensorLike;
  /** Covariance of the errors of the background. */
  readonly B: StateCovariance;
  /** Covariance of the errors of the observation. */
  readonly R: Covariance;
  /** What was observed. */
  readonly observation: TensorLike;
  /** Which components of what `observe` gives were observed, in this order; all when left out. */
  readonly components?: readonly number[];
}

/**
 * States a problem of 3D-Var; its cost, gradient and minimization are those of `fourDVar`, its
 * trajectory is the analysis alone.
 *
 * @throws RangeError naming the observation or covariance that is wrong.
 * @throws ShapeError when the background or what `observe` gives is no vector.
 * @see A. Lorenc, "Analysis methods for numerical weather prediction", Q. J. R. Meteorol. Soc. 112 (1986) 1177.
 */
export function threeDVar({ observation, components, R, ...options }: ThreeDVarOptions): FourDVar {
  return variational('threeDVar', {
    ...options,
    model: (state) => state,
    ...(components === undefined && { R }),
    observations: [{ step: 0, value: observation, ...(components && { components, R }) }],
  });
}

/** What optimal interpolation is made from. */
export interface OptimalInterpolationOptions {
  /** Linear observation operator; the state when left out. */
  readonly observe?: (state: Tensor) => Tensor;
  /** Covariance of the errors of the background: a matrix or a vector of variances, which says how long a state is. */
  readonly B: Covariance;
  /** Covariance of the errors of an observation. */
  readonly R: Covariance;
}

/** Optimal interpolation with one gain for all times. */
export interface OptimalInterpolation {
  /** K, shape [n, p]. */
  readonly gain: Tensor;
  /** Covariance of the errors of the analysis, (I - K H) B: shape [n, n]. */
  readonly analysisCovariance: Tensor;
  /** The analysis of a background and an observation. Can be differentiated, batched and compiled. */
  analyze(background: TensorLike, observation: TensorLike): Tensor;
}

/**
 * The best linear estimate from a background and an observation with known covariances, as a matrix.
 *
 * @throws RangeError when a covariance is wrong, or B is a single variance.
 * @throws ShapeError when what `observe` gives is no vector.
 * @see L. Gandin, Objective analysis of meteorological fields (1963).
 */
export function optimalInterpolation({
  observe = (state) => state,
  ...options
}: OptimalInterpolationOptions): OptimalInterpolation {
  const name = 'optimalInterpolation';
  const [size] = tensor(options.B).shape;
  if (size === undefined) {
    throw new RangeError(
      `${name}: B is a single variance, which does not say how long a state is; give a vector of variances or a matrix.`,
    );
  }
  const errors = covarianceOperator(`${name}: B`, options.B, size);
  const nowhere = zeros([size]);
  const { size: seen } = vector(`${name}: observe(state)`, observe(nowhere));
  const R = covarianceRoot(`${name}: R`, options.R, seen);
  const { gain, analysisCovariance } = jit(() => {
    const S = jacfwd(errors.color)(nowhere);
    const H = jacfwd(observe)(nowhere);
    const HS = matmul(H, S);
    const noise = R.kind === 'full' ? R.matrix : eye(seen).mul(R.deviations.square());
    const K = linalg.solve(matmul(HS, HS.transpose()).add(noise), matmul(HS, S.transpose()));
    return {
      gain: K.transpose(),
      analysisCovariance: matmul(S, S.transpose()).sub(
        matmul(K.transpose(), matmul(HS, S.transpose())),
      ),
    };
  })();
  return {
    gain,
    analysisCovariance,
    analyze: (background, observation) => {
      const xb = checkShape(
        `${name}: the background`,
        stateVector(name, 'background', background),
        nowhere,
      );
      const departure = stateVector(name, 'observation', observation).sub(observe(xb));
      return xb.add(matmul(gain, departure));
    },
  };
}

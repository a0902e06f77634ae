/**
 * Ensemble Kalman filters. N states stand for the probability of the state: their mean x and perturbations X (one
 * row each, so that X'X / (N - 1) is the covariance) are moved by the model, and changed by each observation so that mean
 * and covariance become those of the Kalman filter. All is done with whitened observations, R^(-1/2) y, in which errors are
 * independent and of variance 1: S = perturbations of the observed ensemble / sqrt(N - 1), d = departure of the mean.
 */

import {
  matmul,
  ones,
  random,
  ShapeError,
  type Tensor,
  type TensorLike,
  tensor,
  vmap,
} from '@grad/core';
import { stateVector, vector } from '../check-state.ts';
import { type Covariance, covarianceRoot, whiten } from '../covariance.ts';
import { tabulate, type WhitenedObservations } from '../observations.ts';
import type { Model } from '../rk4.ts';
import { analyses } from './analyses.ts';
import { checkEnsemble, checkFilter } from './check-filter.ts';
import { rotation } from './rotation.ts';
import { type EnsembleRun, type RunOptions, runFilter } from './run-filter.ts';

/** How far observations reach. */
export interface Localization {
  /** Half the distance from which on an observation has no weight; see `gaspariCohn`. */
  readonly radius: number;
  /** Distance of a component of the state from a component of what `observe` gives. */
  readonly distance: (component: number, observed: number) => number;
  /**
   * Distance of two components of what `observe` gives, for `perturbed`; `distance` when the state itself is observed.
   */
  readonly observedDistance?: (a: number, b: number) => number;
}

/** A filter. */
export interface EnkfOptions {
  /** One time step of the model. */
  readonly model: Model;
  /** Observation operator: the vector of what could be observed of a state; the state when left out. */
  readonly observe?: (state: Tensor) => Tensor;
  /** Covariance of the errors of what `observe` gives; needed unless each observation has its own. */
  readonly R?: Covariance;
  /**
   * - `etkf`, the default, transforms the perturbations by a symmetric matrix, without drawing anything;
   * - `perturbed` gives each member an observation of its own, with drawn errors;
   * - `letkf` is `etkf` for each component of the state with the observations near it. It needs `localization`.
   */
  readonly variant?: 'etkf' | 'perturbed' | 'letkf';
  /** Factor of the perturbations after an analysis; 1 when left out. */
  readonly inflation?: number;
  /** For `letkf` and `perturbed`. */
  readonly localization?: Localization;
  /**
   * Whether the perturbations are turned at random after an analysis, which keeps their mean and covariance and
   * prevents outliers; false when left out.
   */
  readonly rotate?: boolean;
}

/** An ensemble Kalman filter. */
export interface EnsembleFilter {
  /**
   * The ensemble after an observation of everything that `observe` gives: [N, n] from [N, n]. Can be differentiated, batched
   * and compiled. The key is needed where something is drawn: by `perturbed` and `rotate`.
   */
  analyze(ensemble: TensorLike, observation: TensorLike, key?: Tensor): Tensor;
  /** Goes through all observations, with forecasts between them. */
  run(options: RunOptions): Promise<EnsembleRun>;
}

/**
 * An ensemble Kalman filter.
 *
 * @throws RangeError when an option makes no sense.
 * @see G. Evensen, J. Geophys. Res. 99 (1994) 10143, and G. Burgers et al., Mon. Wea. Rev. 126 (1998) 1719, on perturbed
 * observations; C. Bishop et al., Mon. Wea. Rev. 129 (2001) 420, and B. Hunt et al., Physica D 230 (2007) 112, on the
 * transform filters; P. Sakov and P. Oke, Mon. Wea. Rev. 136 (2008) 1042, on rotations.
 */
export function enkf(options: EnkfOptions): EnsembleFilter {
  const { model, observe = (state) => state, R, variant = 'etkf' } = options;
  const { inflation = 1, rotate = false } = options;
  checkFilter(options);
  const errors =
    R === undefined ? undefined : covarianceRoot('enkf: R', R, tensor(R).shape[0] ?? 1);

  const analysis = (
    whitened: WhitenedObservations,
    size: number,
    n: number,
  ): ((ensemble: Tensor, row: TensorLike, key: Tensor) => Tensor) => {
    const update = analyses[variant](options, whitened, { n, p: size });
    return (ensemble, row, key) => {
      const [drawKey, turnKey] = random.split(key);
      const members = ensemble.shape[0] ?? 1;
      const mean = ensemble.mean({ axis: 0 });
      const X = ensemble.sub(mean);
      const observed = vmap(observe)(ensemble);
      const observedMean = observed.mean({ axis: 0 });
      const S = vmap((y: Tensor) => whitened.whiten(y, row))(observed.sub(observedMean)).div(
        Math.sqrt(members - 1),
      );
      const d = whitened.departure(observedMean, row);
      const updated = update({ mean, X, S, d, row, key: drawKey });
      const turned = rotate ? matmul(rotation(turnKey, members), updated.X) : updated.X;
      return updated.mean.add(turned.mul(inflation));
    };
  };

  return {
    analyze: (ensemble, observation, key) => {
      const members = checkEnsemble('enkf', ensemble);
      if (key === undefined && (variant === 'perturbed' || rotate)) {
        throw new TypeError(
          `enkf: ${variant === 'perturbed' ? 'perturbed observations are' : 'a rotation is'} drawn from a key; give random.key(seed) as the third argument.`,
        );
      }
      const [, n = 0] = members.shape;
      const { size } = vector('enkf: observe(state)', observe(members.at(0)));
      if (errors === undefined) {
        throw new RangeError('enkf: analyze needs the covariance R of the errors of observations.');
      }
      const y = stateVector('enkf', 'observation', observation);
      if (y.size !== size) {
        throw new ShapeError(
          `enkf: the observation has shape [${y.size}]; observe gives ${size} components.`,
        );
      }
      const whitenOne = (d: Tensor): Tensor => whiten(errors, d);
      const whitened: WhitenedObservations = {
        diagonal: errors.kind === 'diagonal',
        departure: (predicted) => whitenOne(y.sub(predicted)),
        whiten: whitenOne,
        observed: () => ones([size]),
      };
      return analysis(whitened, size, n)(members, 0, key ?? random.key(0));
    },
    run: (how) => {
      const ensemble = checkEnsemble('enkf', how.ensemble);
      const [, n = 0] = ensemble.shape;
      const size = vector('enkf: observe(state)', observe(ensemble.at(0))).size;
      const tables = tabulate('enkf', how.observations, size, R);
      return runFilter(model, analysis(tables, size, n), { ...how, ensemble });
    },
  };
}

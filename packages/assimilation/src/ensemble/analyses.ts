import { eye, linalg, matmul, random, type Tensor, type TensorLike, tensor } from '@grad/core';
import type { WhitenedObservations } from '../observations.ts';
import type { EnkfOptions, Localization } from './enkf.ts';
import { gaspariCohn } from './gaspari-cohn.ts';

/** An ensemble and a whitened observation. */
export interface Surprise {
  /** [n] */
  readonly mean: Tensor;
  /** Perturbations, [N, n]. */
  readonly X: Tensor;
  /** Whitened perturbations of the observed ensemble over sqrt(N - 1), [N, p]. */
  readonly S: Tensor;
  /** Whitened departure of the observed mean, [p]. */
  readonly d: Tensor;
  /** Row of the tables of observations. */
  readonly row: TensorLike;
  readonly key: Tensor;
}

type Update = (surprise: Surprise) => { readonly mean: Tensor; readonly X: Tensor };

interface Sizes {
  readonly n: number;
  readonly p: number;
}

/** How each variant makes an analysis. */
export const analyses: Record<
  NonNullable<EnkfOptions['variant']>,
  (options: EnkfOptions, tables: WhitenedObservations, sizes: Sizes) => Update
> = {
  /** With A = I + S S': mean += X' A^-1 S d / sqrt(N - 1), X = A^(-1/2) X. */
  etkf:
    () =>
    ({ mean, X, S, d }) => {
      const { weights, transform } = transformOf(S, d);
      return { mean: mean.add(matmul(weights, X)), X: matmul(transform, X) };
    },

  /** The same for each component of the state, with S and d weighted by what observations there are near it. */
  letkf: ({ localization }, tables, sizes) => {
    const near = tensor(weightsOf(localization, tables, sizes))
      .reshape([sizes.n, 1, sizes.p])
      .sqrt();
    return ({ mean, X, S, d }) => {
      const { weights, transform } = transformOf(
        S.mul(near),
        d.mul(near.reshape([sizes.n, sizes.p])),
      );
      // [n, N] and [n, N, N] for each component, on its perturbations [n, N].
      const own = X.transpose();
      return {
        mean: mean.add(weights.mul(own).sum({ axis: 1 })),
        X: matmul(transform, own.expandDims(2)).reshape(own.shape).transpose(),
      };
    };
  },

  /** Each member goes by the gain P H' (H P H' + 1)^-1 towards an observation with errors of its own. */
  perturbed: ({ localization }, tables, sizes) => {
    const { n, p } = sizes;
    const across = localization && tensor(weightsOf(localization, tables, sizes)).reshape([n, p]);
    const among =
      localization &&
      tensor(
        weightsOf(
          { ...localization, distance: localization.observedDistance ?? localization.distance },
          tables,
          { n: p, p },
        ),
      ).reshape([p, p]);
    return ({ mean, X, S, d, row, key }) => {
      const [members = 1] = X.shape;
      const scale = Math.sqrt(members - 1);
      const drawn = random.normal(key, [members, p]).mul(tables.observed(row));
      const errors = drawn.sub(drawn.mean({ axis: 0 }));
      const surprise = errors.sub(S.mul(scale)).add(d);
      const [crossCovariance, covariance] = [
        matmul(X.transpose(), S).div(scale),
        matmul(S.transpose(), S),
      ];
      const PH = across ? crossCovariance.mul(across) : crossCovariance;
      const HPH = among ? covariance.mul(among) : covariance;
      const step = matmul(
        linalg.solve(HPH.add(eye(p)), surprise.transpose()).transpose(),
        PH.transpose(),
      );
      const moved = X.add(step);
      const shift = moved.mean({ axis: 0 });
      return { mean: mean.add(shift), X: moved.sub(shift) };
    };
  },
};

/** Weights of the perturbations in the mean, and their transform, of one ensemble or a batch [..., N, p]. */
function transformOf(S: Tensor, d: Tensor): { weights: Tensor; transform: Tensor } {
  const [members = 1] = S.shape.slice(-2);
  const axes = S.shape.map((_, i) => i);
  const swapped = [...axes.slice(0, -2), axes.length - 1, axes.length - 2];
  const A = matmul(S, S.transpose(swapped)).add(eye(members));
  const transform = linalg.matrixFunction((w) => w.pow(-0.5), A);
  const seen = matmul(S, d.expandDims(d.ndim)).div(Math.sqrt(members - 1));
  const weights = matmul(transform, matmul(transform, seen));
  return { weights: weights.reshape(weights.shape.slice(0, -1)), transform };
}

/** Gaspari and Cohn's weights of observed components at components of the state, row by row. */
function weightsOf(
  localization: Localization | undefined,
  { diagonal }: WhitenedObservations,
  { n, p }: Sizes,
): Float64Array {
  if (localization === undefined) return new Float64Array(n * p).fill(1);
  if (!diagonal) {
    throw new RangeError(
      'enkf: localization weights observations one by one, so their errors must be independent; give R as variances.',
    );
  }
  const { radius, distance } = localization;
  const weights = new Float64Array(n * p);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < p; j++) {
      const r = distance(i, j);
      if (!(r >= 0)) {
        throw new RangeError(
          `enkf: the distance of components ${i} and ${j} is ${r}; it must be 0 or more.`,
        );
      }
      weights[i * p + j] = gaspariCohn(r / radius);
    }
  }
  return weights;
}

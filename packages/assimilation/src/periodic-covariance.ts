import { concatenate, fft, type Tensor, tensor } from '@grad/core';
import type { CovarianceOperator } from './covariance.ts';

/** What is known of the errors of fields on a periodic grid. */
export interface PeriodicCovarianceOptions {
  /** Points along each axis of the grid, one or two. */
  readonly shape: readonly number[];
  /** Distance of points along each axis; 1 when left out. */
  readonly spacing?: readonly number[];
  /** L of the correlation exp(-r² / (2 L²)) at distance r. */
  readonly length: number;
  /** Standard deviation of the errors of each field; a state has that many fields, one after the other. */
  readonly deviations: readonly number[];
  /** Share of the variance that is noise without correlation; 1e-4 when left out. */
  readonly noise?: number;
}

/**
 * The covariance of errors that are alike everywhere on a periodic grid, whose correlations fall with the
 * distance and which are independent between fields: diagonal in the waves of a Fourier transform, so that it is
 * applied in n log n operations. A covariance `B` for `fourDVar`.
 *
 * @throws RangeError when a number makes no sense.
 * @see A. Lorenc, "Analysis methods for numerical weather prediction", Q. J. R. Meteorol. Soc. 112 (1986) 1177.
 */
export function periodicCovariance(options: PeriodicCovarianceOptions): CovarianceOperator {
  const { shape, spacing = shape.map(() => 1), length, deviations, noise = 1e-4 } = options;
  checkOptions({ shape, spacing, length, deviations, noise });
  const [ny, nx] = shape.length === 1 ? [1, shape[0] ?? 1] : [shape[0] ?? 1, shape[1] ?? 1];
  const [dy, dx] = spacing.length === 1 ? [1, spacing[0] ?? 1] : [spacing[0] ?? 1, spacing[1] ?? 1];
  const size = ny * nx;
  const [alongY, alongX] = [spectrum(ny, dy, length), spectrum(nx, dx, length)];
  const waves = Float64Array.from(
    { length: size },
    (_, k) => (alongY[Math.floor(k / nx)] ?? 0) * (alongX[k % nx] ?? 0),
  );
  const mean = waves.reduce((sum, power) => sum + power) / size;
  const root = waves.map((power) => Math.sqrt((1 - noise) * (power / mean) + noise));

  const filter =
    (gains: Float64Array, scales: readonly number[]) =>
    (state: Tensor): Tensor => {
      const gain = tensor(gains).reshape([ny, nx]);
      const fields = scales.map((scale, k) => {
        const field = state.at([k * size, (k + 1) * size]).reshape([ny, nx]);
        const { re, im } = fft.fft2(field);
        const back = fft.ifft2({ re: re.mul(gain), im: im.mul(gain) });
        return back.re.mul(scale).reshape([size]);
      });
      return concatenate(fields);
    };
  return {
    color: filter(root, deviations),
    whiten: filter(
      root.map((gain) => 1 / gain),
      deviations.map((deviation) => 1 / deviation),
    ),
  };
}

/** Squared amplitudes of waves of a Gaussian correlation along one axis, with those that a grid cannot tell apart. */
function spectrum(n: number, spacing: number, length: number): number[] {
  return Array.from({ length: n }, (_, k) => {
    let power = 0;
    for (let alias = -aliases; alias <= aliases; alias++) {
      const wave = (2 * Math.PI * (k + alias * n)) / (n * spacing);
      power += Math.exp(-0.5 * (wave * length) ** 2);
    }
    return power;
  });
}

const aliases = 8;

function checkOptions({
  shape,
  spacing,
  length,
  deviations,
  noise,
}: Required<PeriodicCovarianceOptions>): void {
  const fail = (what: string): never => {
    throw new RangeError(`periodicCovariance: ${what}`);
  };
  if (shape.length < 1 || shape.length > 2 || !shape.every((n) => Number.isInteger(n) && n > 0)) {
    fail(`the shape is [${shape.join(', ')}]; give one or two numbers of points.`);
  }
  if (spacing.length !== shape.length || !spacing.every((d) => d > 0 && Number.isFinite(d))) {
    fail(`the spacing is [${spacing.join(', ')}]; give a distance above 0 for each axis.`);
  }
  if (!(length >= 0 && Number.isFinite(length))) {
    fail(`the length is ${length}; give a finite number, 0 or more.`);
  }
  if (deviations.length === 0 || !deviations.every((d) => d > 0 && Number.isFinite(d))) {
    fail(`the deviations are [${deviations.join(', ')}]; give a number above 0 for each field.`);
  }
  if (!(noise > 0 && noise <= 1)) fail(`the noise is ${noise}; give a share above 0, 1 at most.`);
}

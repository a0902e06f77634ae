import { ShapeError, type Tensor, type TensorLike, tensor } from '@grad/core';
import type { EnkfOptions } from './enkf.ts';

const variants = ['etkf', 'perturbed', 'letkf'];

export function checkFilter({
  variant = 'etkf',
  inflation = 1,
  localization,
  observe,
}: EnkfOptions): void {
  if (!variants.includes(variant)) {
    throw new RangeError(`enkf: variant is '${variant}'; it can be ${variants.join(' or ')}.`);
  }
  if (!(inflation > 0 && Number.isFinite(inflation))) {
    throw new RangeError(`enkf: inflation is ${inflation}; give a finite factor above 0.`);
  }
  if (variant === 'letkf' && localization === undefined) {
    throw new RangeError(
      'enkf: letkf needs a localization, { radius, distance }, which says what observations are near.',
    );
  }
  if (variant === 'etkf' && localization !== undefined) {
    throw new RangeError("enkf: etkf has no localization; take the variant 'letkf'.");
  }
  if (localization === undefined) return;
  if (!(localization.radius > 0)) {
    throw new RangeError(
      `enkf: the radius of localization is ${localization.radius}; give a number above 0.`,
    );
  }
  if (variant === 'perturbed' && observe !== undefined && !localization.observedDistance) {
    throw new RangeError(
      'enkf: to localize perturbed observations of something else than the state, give localization.observedDistance too.',
    );
  }
}

/** Members as rows. */
export function checkEnsemble(caller: string, given: TensorLike): Tensor {
  const ensemble = tensor(given, { dtype: 'float64' });
  const [members = 0, n = 0] = ensemble.shape;
  if (ensemble.ndim === 2 && members >= 2 && n >= 1) return ensemble;
  throw new ShapeError(
    `${caller}: the ensemble has shape [${ensemble.shape.join(', ')}]; give [members, components] with two members or more.`,
  );
}

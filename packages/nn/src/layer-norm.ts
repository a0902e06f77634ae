import { ones, rsqrt, ShapeError, type Tensor, zeros } from '@grad/core';
import { type Layer, stateless } from './layer.ts';
import { checkCount, type FloatDType, inDtypeOf, parameter, shapeOf } from './operands.ts';

/** What a normalization multiplies and adds afterwards, one number for each feature. */
export interface NormParams {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** How to normalize. */
export interface NormOptions {
  /** What is added to the variance; 1e-5 when left out. */
  readonly eps?: number;
  /** float32 when left out. */
  readonly dtype?: FloatDType;
}

/** Normalization of each example. */
export interface LayerNorm extends Layer<NormParams> {
  readonly kind: 'layerNorm';
}

/** Refuses an eps that is no number above 0. */
export function checkEps(name: string, eps: number): void {
  if (eps > 0 && Number.isFinite(eps)) return;
  throw new RangeError(`${name}: eps is ${eps}; it must be a number above 0.`);
}

/** Ones and zeros. */
export function initNorm(shape: readonly number[], dtype: FloatDType): NormParams {
  return { weight: ones(shape, { dtype }), bias: zeros(shape, { dtype }) };
}

/**
 * Makes the last axes of each example have mean 0 and variance 1, then multiplies by a weight and adds
 * a bias. The variance is that of the population, without Bessel's correction.
 *
 * @param shape extents of the axes to normalize over, or that of the last one
 * @throws RangeError when an extent or eps makes no sense.
 * @see Ba, Kiros and Hinton, Layer normalization, arXiv:1607.06450.
 */
export function layerNorm(
  shape: number | readonly number[],
  { eps = 1e-5, dtype = 'float32' }: NormOptions = {},
): LayerNorm {
  const name = 'layerNorm';
  const extents = typeof shape === 'number' ? [shape] : [...shape];
  checkCount(name, 'the number of axes', extents.length);
  for (const extent of extents) checkCount(name, 'an extent', extent);
  checkEps(name, eps);
  const axis = extents.map((_, i) => i - extents.length);
  return stateless<NormParams, Pick<LayerNorm, 'kind' | 'form'>>({
    kind: name,
    form: 'other',
    init: () => initNorm(extents, dtype),
    apply: (params, x) => {
      const weight = parameter(name, params, 'weight', extents);
      const bias = parameter(name, params, 'bias', extents);
      const made = inDtypeOf(weight, x);
      if (extents.some((extent, i) => made.shape.at(i - extents.length) !== extent)) {
        throw new ShapeError(
          `layerNorm: x has shape ${shapeOf(made)}; its last axes must be [${extents.join(', ')}].`,
        );
      }
      const centered = made.sub(made.mean({ axis, keepdims: true }));
      const variance = centered.square().mean({ axis, keepdims: true });
      return centered
        .mul(rsqrt(variance.add(eps)))
        .mul(weight)
        .add(bias);
    },
  });
}

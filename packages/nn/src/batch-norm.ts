import { isTensor, ones, rsqrt, ShapeError, stopGradient, type Tensor, zeros } from '@grad/core';
import type { Layer } from './layer.ts';
import { checkEps, initNorm, type NormOptions, type NormParams } from './layer-norm.ts';
import { checkCount, inDtypeOf, parameter, shapeOf } from './operands.ts';

/** Running statistics of each channel. */
export interface BatchNormState {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** How to normalize over a batch. */
export interface BatchNormOptions extends NormOptions {
  /** Share of the new batch in the running statistics, as in PyTorch; 0.1 when left out. */
  readonly momentum?: number;
}

/** Normalization over the batch. */
export interface BatchNorm extends Layer<NormParams, BatchNormState> {
  readonly kind: 'batchNorm';
}

/**
 * Makes each channel of x, `[batch, channels, ...]`, have mean 0 and variance 1, then multiplies by a
 * weight and adds a bias. In training, mean and variance are those of the batch (without Bessel's
 * correction), and
 *
 *     running = (1 - momentum) running + momentum batch
 *
 * with the corrected variance, as in PyTorch; frameworks that call 1 - momentum the momentum have 0.9
 * where this has 0.1. `apply` normalizes by the running statistics, through which no derivative goes.
 *
 * @throws RangeError when the number of channels, eps or momentum makes no sense.
 * @see Ioffe and Szegedy, Batch normalization, arXiv:1502.03167, algorithms 1 and 2.
 */
export function batchNorm(
  channels: number,
  { eps = 1e-5, momentum = 0.1, dtype = 'float32' }: BatchNormOptions = {},
): BatchNorm {
  const name = 'batchNorm';
  checkCount(name, 'the number of channels', channels);
  checkEps(name, eps);
  if (!(momentum >= 0 && momentum <= 1)) {
    throw new RangeError(`batchNorm: momentum is ${momentum}; it must be from 0 to 1.`);
  }

  const checked = (params: NormParams, x: Tensor): Tensor => {
    const made = inDtypeOf(parameter(name, params, 'weight', [channels]), x);
    if (made.ndim >= 2 && made.shape[1] === channels) return made;
    throw new ShapeError(
      `batchNorm: x has shape ${shapeOf(made)}; [batch, channels, ...] with ${channels} channels is needed.`,
    );
  };

  const normalized = (params: NormParams, x: Tensor, mean: Tensor, variance: Tensor): Tensor => {
    const across = x.shape.map((_, axis) => (axis === 1 ? channels : 1));
    const factor = parameter(name, params, 'weight', [channels]).mul(rsqrt(variance.add(eps)));
    const bias = parameter(name, params, 'bias', [channels]);
    return x.sub(mean.reshape(across)).mul(factor.reshape(across)).add(bias.reshape(across));
  };

  const running = (state: BatchNormState | undefined, x: Tensor): BatchNormState => {
    if (isTensor(state?.mean) && isTensor(state.variance)) {
      const [mean, variance] = [state.mean, state.variance];
      return { mean: mean.astype(x.dtype), variance: variance.astype(x.dtype) };
    }
    throw new TypeError(
      'batchNorm: the running statistics are missing. Make them by initState(), let train(params, x, { state }) return new ones, and evaluate by apply(params, x, { state }).',
    );
  };

  return {
    kind: name,
    form: 'affine',
    init: () => initNorm([channels], dtype),
    initState: () => ({
      mean: zeros([channels], { dtype }),
      variance: ones([channels], { dtype }),
    }),
    apply: (params, x, { state } = {}) => {
      const made = checked(params, inDtypeOf(parameter(name, params, 'weight', [channels]), x));
      const { mean, variance } = running(state, made);
      return normalized(params, made, stopGradient(mean), stopGradient(variance));
    },
    train: (params, x, { state } = {}) => {
      const made = checked(params, inDtypeOf(parameter(name, params, 'weight', [channels]), x));
      const before = running(state, made);
      const count = made.size / channels;
      if (count < 2) {
        throw new ShapeError(
          `batchNorm: x of shape ${shapeOf(made)} has ${count} value for each channel; a variance needs at least 2. Train with larger batches.`,
        );
      }
      const axis = made.shape.map((_, i) => i).filter((i) => i !== 1);
      const mean = made.mean({ axis });
      const across = made.shape.map((_, i) => (i === 1 ? channels : 1));
      const variance = made.sub(mean.reshape(across)).square().mean({ axis });
      const moved = (old: Tensor, now: Tensor): Tensor =>
        old.mul(1 - momentum).add(stopGradient(now).mul(momentum));
      return [
        normalized(params, made, mean, variance),
        {
          mean: moved(before.mean, mean),
          variance: moved(before.variance, variance.mul(count / (count - 1))),
        },
      ];
    },
  };
}

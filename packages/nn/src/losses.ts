import {
  argmax,
  DTypeError,
  gather,
  isTensor,
  logSoftmax,
  ShapeError,
  softplus,
  type Tensor,
  type TensorLike,
  tensor,
} from '@grad/core';
import { asInput, inDtypeOf, shapeOf } from './operands.ts';

/** What becomes of the losses of all examples. */
export interface LossOptions {
  /** `mean` when left out. */
  readonly reduction?: 'mean' | 'sum' | 'none';
}

/** How to compare classes. */
export interface CrossEntropyOptions extends LossOptions {
  /** Share of the target that is spread evenly over all classes, in [0, 1); 0 when left out. */
  readonly labelSmoothing?: number;
}

function reduced(name: string, losses: Tensor, { reduction = 'mean' }: LossOptions): Tensor {
  switch (reduction) {
    case 'mean':
      return losses.mean();
    case 'sum':
      return losses.sum();
    case 'none':
      return losses;
    default:
      throw new TypeError(
        `${name}: reduction is ${String(reduction)}; it must be 'mean', 'sum' or 'none'.`,
      );
  }
}

function labelsFor(name: string, logits: Tensor, labels: TensorLike): Tensor {
  const made =
    isTensor(labels) || ArrayBuffer.isView(labels)
      ? tensor(labels)
      : tensor(labels, { dtype: 'int32' });
  const lead = logits.shape.slice(0, -1);
  if (made.dtype !== 'int32') {
    throw new DTypeError(
      `${name}: labels are ${made.dtype}; they are numbers of classes, of dtype int32. Use labels.astype('int32').`,
    );
  }
  if (logits.ndim < 1 || made.ndim !== lead.length || made.shape.some((n, i) => n !== lead[i])) {
    throw new ShapeError(
      `${name}: logits of shape ${shapeOf(logits)} need one label for each row, of shape [${lead.join(', ')}]; the labels have shape ${shapeOf(made)}.`,
    );
  }
  return made;
}

/**
 * -log of the probability that softmax gives the right class.
 *
 * @param logits shape `[..., classes]`: classes are on the last axis
 * @param labels int32 of shape `[...]`, numbers of classes from 0 on
 * @throws ShapeError when there is not one label for each row of logits.
 * @throws RangeError when labelSmoothing is not in [0, 1), and when the call runs and a label is no
 *   class.
 */
export function crossEntropy(
  logits: TensorLike,
  labels: TensorLike,
  options: CrossEntropyOptions = {},
): Tensor {
  const { labelSmoothing = 0 } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new RangeError(
      `crossEntropy: labelSmoothing is ${labelSmoothing}; it must be at least 0 and less than 1.`,
    );
  }
  const made = asInput(logits);
  const right = labelsFor('crossEntropy', made, labels);
  const logs = logSoftmax(made, { axis: -1 });
  const hit = gather(logs, right.expandDims(-1)).squeeze(-1).neg();
  if (labelSmoothing === 0) return reduced('crossEntropy', hit, options);
  const even = logs.mean({ axis: -1 }).neg();
  const mixed = hit.mul(1 - labelSmoothing).add(even.mul(labelSmoothing));
  return reduced('crossEntropy', mixed, options);
}

/**
 * Binary cross entropy of sigmoid(logits), computed from the logits so that nothing overflows or
 * vanishes: softplus(z) - z t.
 *
 * @param targets probabilities, of the shape of the logits
 * @throws ShapeError when the shapes differ.
 */
export function binaryCrossEntropyWithLogits(
  logits: TensorLike,
  targets: TensorLike,
  options: LossOptions = {},
): Tensor {
  const [z, t] = alike('binaryCrossEntropyWithLogits', logits, targets);
  return reduced('binaryCrossEntropyWithLogits', softplus(z).sub(z.mul(t)), options);
}

/**
 * Squared differences.
 *
 * @param targets of the shape of the predictions
 * @throws ShapeError when the shapes differ: they are not broadcast.
 */
export function mse(
  predictions: TensorLike,
  targets: TensorLike,
  options: LossOptions = {},
): Tensor {
  const [y, t] = alike('mse', predictions, targets);
  return reduced('mse', y.sub(t).square(), options);
}

function alike(name: string, given: TensorLike, targets: TensorLike): [Tensor, Tensor] {
  const y = asInput(given);
  const t = inDtypeOf(y, targets);
  if (y.ndim === t.ndim && y.shape.every((extent, i) => extent === t.shape[i])) return [y, t];
  throw new ShapeError(
    `${name}: the shapes ${shapeOf(y)} and ${shapeOf(t)} differ; one target is needed for each number. Use reshape or squeeze.`,
  );
}

/**
 * Share of rows whose largest logit is that of the right class, as a scalar of the dtype of the
 * logits. The first of equal logits counts.
 *
 * @param logits shape `[..., classes]`
 * @param labels int32 of shape `[...]`
 * @throws ShapeError when there is not one label for each row of logits.
 */
export function accuracy(logits: TensorLike, labels: TensorLike): Tensor {
  const made = asInput(logits);
  const right = labelsFor('accuracy', made, labels);
  return argmax(made, { axis: -1 }).eq(right).astype(made.dtype).mean();
}

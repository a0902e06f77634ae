import {
  argmax,
  broadcastTo,
  DTypeError,
  gather,
  isTensor,
  ShapeError,
  type Tensor,
  type TensorLike,
  tensor,
} from '@grad/core';

/**
 * What is looked into or attacked: a function of a batch `[n, ...]` to scores `[n, classes]` (before
 * softmax), or to one score each, `[n]`. Rows must not depend on one another. Preprocessing, such as
 * subtracting a mean, belongs into it, so that attributions and bounds are those of the raw input.
 */
export type Model = (x: Tensor) => Tensor;

/** Whose score is meant. */
export interface TargetOptions {
  /** A class for all rows, or int32 `[n]`; for each row the class of its highest score when left out. */
  readonly target?: TensorLike | undefined;
}

/** x as a batch of floats. */
export function asBatch(name: string, x: TensorLike): Tensor {
  const made = isTensor(x) ? x : tensor(x);
  if (made.dtype !== 'float32' && made.dtype !== 'float64') {
    throw new DTypeError(`${name}: x is ${made.dtype}; it must be float32 or float64.`);
  }
  if (made.ndim > 0) return made;
  throw new ShapeError(
    `${name}: x is a scalar; it must be a batch, [n, ...]. Use x.reshape([1, ...]).`,
  );
}

/** The dtype of a batch of floats, as functions of random numbers take it. */
export function floatOf(x: Tensor): 'float32' | 'float64' {
  return x.dtype === 'float64' ? 'float64' : 'float32';
}

/** Number of rows. */
export function rowsOf(x: Tensor): number {
  return x.shape[0] ?? 0;
}

/** Sum of each row, `[n]`. */
export function rowSums(x: Tensor): Tensor {
  return x.reshape([rowsOf(x), x.size / Math.max(1, rowsOf(x))]).sum({ axis: 1 });
}

/** `[n]` numbers, so that they broadcast against x `[n, ...]`. */
export function perRow(values: Tensor, x: Tensor): Tensor {
  return values.reshape([rowsOf(x), ...x.shape.slice(1).map(() => 1)]);
}

/** Labels of rows, int32 `[n]`. */
export function labelsOf(name: string, what: string, given: TensorLike, rows: number): Tensor {
  const isList = !isTensor(given) && !ArrayBuffer.isView(given);
  const made = isList ? tensor(given, { dtype: 'int32' }) : tensor(given);
  if (made.dtype !== 'int32') {
    throw new DTypeError(
      `${name}: ${what} is ${made.dtype}; it is numbers of classes, int32. Use astype('int32').`,
    );
  }
  if (made.ndim === 0) return broadcastTo(made, [rows]);
  if (made.ndim === 1 && made.shape[0] === rows) return made;
  throw new ShapeError(
    `${name}: ${what} has shape [${made.shape.join(', ')}]; it must be one class, or one for each of the ${rows} rows.`,
  );
}

/** The score of each row that is meant, `[n]`, as a function of x; which one is settled here. */
export function scoreOf(
  name: string,
  model: Model,
  x: Tensor,
  { target }: TargetOptions,
): (x: Tensor) => Tensor {
  return pickScore(name, model(x), x, target).of(model);
}

interface Pick {
  /** The scores that are meant, of the result of a model. */
  pick(y: Tensor): Tensor;
  of(model: Model): (x: Tensor) => Tensor;
}

/** Settles by a result y which scores are meant. */
export function pickScore(name: string, y: Tensor, x: Tensor, target?: TensorLike): Pick {
  const rows = rowsOf(x);
  const isOne = y.ndim === 1;
  if (y.shape[0] !== rows || y.ndim < 1 || y.ndim > 2) {
    throw new ShapeError(
      `${name}: the model makes [${y.shape.join(', ')}] of [${x.shape.join(', ')}]; it must give scores [${rows}, classes] or [${rows}].`,
    );
  }
  if (isOne && target !== undefined) {
    throw new TypeError(`${name}: the model has one score for each row; leave target out.`);
  }
  const index = isOne
    ? undefined
    : target === undefined
      ? argmax(y, { axis: 1 })
      : labelsOf(name, 'target', target, rows);
  const pick = (scores: Tensor): Tensor =>
    index === undefined ? scores : gather(scores, index.expandDims(1)).squeeze(1);
  return { pick, of: (model) => (z) => pick(model(z)) };
}

/** A baseline of the shape of x. */
export function baselineOf(name: string, x: Tensor, baseline: TensorLike): Tensor {
  const made = (isTensor(baseline) ? baseline : tensor(baseline)).astype(x.dtype);
  const offset = x.ndim - made.ndim;
  if (
    offset >= 0 &&
    made.shape.every((extent, i) => extent === 1 || extent === x.shape[i + offset])
  ) {
    return broadcastTo(made, x.shape);
  }
  throw new ShapeError(
    `${name}: the baseline has shape [${made.shape.join(', ')}], which does not broadcast to that of x, [${x.shape.join(', ')}].`,
  );
}

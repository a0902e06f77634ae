import { random, ShapeError, type Tensor, type Traced, tensor, tree } from '@grad/core';

/** How to divide data into batches. */
export interface MinibatchOptions {
  /** Rows of a batch. */
  readonly size: number;
  /** Shuffles the rows anew in each epoch. Without one they come in their own order. */
  readonly key?: Tensor;
  /** Leaves out the last batch of an epoch when it is smaller; false unless said otherwise. */
  readonly dropLast?: boolean;
}

/** The batches of any epoch. */
export interface Minibatches<B> {
  /** The batches of one epoch, counted from 0: the same each time that it is asked. */
  (epoch: number): Iterable<B>;
  /** Batches in one epoch. */
  readonly perEpoch: number;
}

/**
 * Divides data into batches: a tensor, or a tree of tensors whose first axes have one length, such
 * as `{images, labels}`. The order depends on the key and the number of the epoch alone, so that
 * training that is taken up again sees what it would have seen.
 *
 * @throws ShapeError when the first axes differ, or there are no rows.
 * @throws RangeError when the size is no whole number >= 1, or larger than the data while the last
 * batch is to be left out.
 */
export function minibatches<const X>(data: X, options: MinibatchOptions): Minibatches<Traced<X>> {
  const { size, key, dropLast = false } = options;
  const [leaves, structure] = tree.flatten(data);
  const rows = rowCount('minibatches', leaves);
  if (!Number.isInteger(size) || size < 1) {
    throw new RangeError(`minibatches: size must be a whole number >= 1; it is ${size}.`);
  }
  const perEpoch = dropLast ? Math.floor(rows / size) : Math.ceil(rows / size);
  if (perEpoch === 0) {
    throw new RangeError(
      `minibatches: ${rows} rows make no batch of ${size}. Take smaller batches, or keep the last.`,
    );
  }
  function* batches(epoch: number): Generator<Traced<X>> {
    const order = key && random.permutation(random.foldIn(key, epoch), rows).dataSync();
    for (let batch = 0; batch < perEpoch; batch++) {
      const start = batch * size;
      const length = Math.min(size, rows - start);
      const chosen = Int32Array.from({ length }, (_, i) => order?.[start + i] ?? start + i);
      yield tree.unflatten<Traced<X>>(
        structure,
        leaves.map((leaf) => takeRows(leaf, chosen)),
      );
    }
  }
  return Object.assign(batches, { perEpoch });
}

/**
 * The common length of first axes.
 *
 * @throws ShapeError when there is none.
 */
export function rowCount(name: string, leaves: readonly Tensor[]): number {
  const lengths = leaves.map(({ shape }) => shape[0]);
  const [rows] = lengths;
  if (rows === undefined || rows === 0 || lengths.some((length) => length !== rows)) {
    const shapes = leaves.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
    throw new ShapeError(
      `${name}: the tensors need first axes of one length, at least 1; their shapes are ${shapes || 'none'}.`,
    );
  }
  return rows;
}

/** Some rows of a tensor, copied out of a view of it: no copy of the whole is made. */
export function takeRows(from: Tensor, chosen: Int32Array): Tensor {
  const [, ...rest] = from.shape;
  const width = rest.reduce((product, extent) => product * extent, 1);
  const rows = from.read((data) => {
    const copy = data.slice(0, chosen.length * width);
    chosen.forEach((row, i) => {
      copy.set(data.subarray(row * width, (row + 1) * width), i * width);
    });
    return copy;
  });
  return tensor(rows, { dtype: from.dtype }).reshape([chosen.length, ...rest]);
}

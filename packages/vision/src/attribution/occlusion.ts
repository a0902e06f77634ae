import { scan, type Tensor, type TensorLike, tensor, where, zeros } from '@grad/core';
import { checkCount } from '../check.ts';
import { asBatch, baselineOf, type Model, perRow, scoreOf, type TargetOptions } from '../model.ts';

/** Options of `occlusion`. */
export interface OcclusionOptions extends TargetOptions {
  /** Size of the window along each axis but the batch's, or along the last ones; 1 elsewhere and when left out. */
  readonly window?: readonly number[];
  /** How far it moves each time; as the window, when left out. */
  readonly stride?: readonly number[];
  /** What it is filled with; broadcast to x; 0 when left out. */
  readonly baseline?: TensorLike;
}

/**
 * How much the score falls when a window of x is replaced by the baseline; the mean of the windows over each
 * element, and 0 where there is none.
 *
 * @throws what `saliency` throws; RangeError when a size is no whole number of 1 or more, or there are more
 *   than axes.
 * @see M. Zeiler and R. Fergus, Visualizing and understanding convolutional networks, arXiv:1311.2901.
 */
export function occlusion(model: Model, x: TensorLike, options: OcclusionOptions = {}): Tensor {
  const made = asBatch('occlusion', x);
  const { window = [], stride = window, baseline = 0 } = options;
  const extents = made.shape.slice(1);
  const sizes = completed('window', window, extents.length);
  const moves = completed('stride', stride, extents.length);
  const fill = baselineOf('occlusion', made, baseline);
  const score = scoreOf('occlusion', model, made, options);
  const whole = score(made);
  const { masks, count } = windows(extents, sizes, moves);
  const [sum] = scan(
    (total: Tensor, mask: Tensor) => {
      const fall = whole.sub(score(where(mask, fill, made)));
      return [total.add(perRow(fall, made).mul(mask.astype(made.dtype))), null];
    },
    zeros(made.shape, { dtype: made.dtype }),
    masks,
  );
  return sum.div(count.astype(made.dtype));
}

function completed(what: string, sizes: readonly number[], axes: number): number[] {
  if (sizes.length > axes) {
    throw new RangeError(
      `occlusion: ${what} has ${sizes.length} sizes; x has ${axes} axes beside that of the batch.`,
    );
  }
  for (const size of sizes) checkCount('occlusion', `a size of ${what}`, size);
  return [...Array<number>(axes - sizes.length).fill(1), ...sizes];
}

/** Every window as a mask, `[windows, ...extents]`, and how many of them lie over each element, at least 1. */
function windows(
  extents: number[],
  sizes: number[],
  moves: number[],
): { masks: Tensor; count: Tensor } {
  const corners = extents.map((extent, axis) => {
    const last = Math.max(0, extent - (sizes[axis] ?? 1));
    const regular = Math.floor(last / (moves[axis] ?? 1)) + 1;
    return Array.from({ length: regular }, (_, i) => i * (moves[axis] ?? 1));
  });
  const starts = corners.reduce<number[][]>(
    (made, axis) => made.flatMap((start) => axis.map((corner) => [...start, corner])),
    [[]],
  );
  const size = extents.reduce((n, extent) => n * extent, 1);
  const masks = new Int32Array(starts.length * size);
  const count = new Float64Array(size);
  for (const [k, start] of starts.entries()) {
    for (let i = 0; i < size; i++) {
      let rest = i;
      let isInside = true;
      for (let axis = extents.length - 1; axis >= 0; axis--) {
        const extent = extents[axis] ?? 1;
        const from = start[axis] ?? 0;
        const at = rest % extent;
        isInside &&= at >= from && at < from + (sizes[axis] ?? 1);
        rest = (rest - at) / extent;
      }
      if (!isInside) continue;
      masks[k * size + i] = 1;
      count[i] = (count[i] ?? 0) + 1;
    }
  }
  return {
    masks: tensor(masks)
      .reshape([starts.length, ...extents])
      .ne(0),
    count: tensor(count.map((n) => Math.max(n, 1))).reshape(extents),
  };
}

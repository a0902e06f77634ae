import {
  maximum,
  random,
  ShapeError,
  scan,
  sqrt,
  type Tensor,
  type TensorLike,
  zeros,
} from '@grad/core';
import { checkCount, checkSize } from '../check.ts';
import { asBatch, floatOf, rowSums, rowsOf } from '../model.ts';

/** Options of `sensitivityMax`. */
export interface SensitivityMaxOptions {
  /** Source of the neighbours; of seed 0 when left out. */
  readonly key?: Tensor;
  /** Neighbours that are tried; 10 when left out. */
  readonly samples?: number;
  /** Largest difference of an element of a neighbour, in units of x; 0.02 when left out. */
  readonly radius?: number;
  /** Whether it is divided by the length of the attribution at x; it is not when left out. */
  readonly relative?: boolean;
}

/**
 * How far an attribution moves when x hardly does: the largest Euclidean distance of the attributions of x and of
 * neighbours, which are drawn evenly from the cube of that radius; a lower bound of the largest there is.
 *
 * @param attribute an attribution as a function of a batch, with its target settled:
 *   `(z) => saliency(model, z, { target })`
 * @param x batch `[n, ...]`
 * @returns `[n]`
 * @throws DTypeError or ShapeError when x is no batch of floats, or the attribution has other rows; RangeError when
 *   samples or radius makes no sense.
 * @see C.-K. Yeh et al., On the (in)fidelity and sensitivity of explanations, arXiv:1901.09392, equation (3).
 */
export function sensitivityMax(
  attribute: (x: Tensor) => Tensor,
  x: TensorLike,
  options: SensitivityMaxOptions = {},
): Tensor {
  const { key = random.key(0), samples = 10, radius = 0.02, relative = false } = options;
  checkCount('sensitivityMax', 'samples', samples);
  checkSize('sensitivityMax', 'radius', radius);
  const made = asBatch('sensitivityMax', x);
  const dtype = floatOf(made);
  const rows = rowsOf(made);
  const here = attribute(made);
  if (here.shape[0] !== rows) {
    throw new ShapeError(
      `sensitivityMax: the attribution has shape [${here.shape.join(', ')}]; it must have a row for each of the ${rows} of x.`,
    );
  }
  const [most] = scan(
    (largest: Tensor, each: Tensor) => {
      const shift = random.uniform(each, made.shape, { low: -radius, high: radius, dtype });
      const way = rowSums(attribute(made.add(shift)).sub(here).square());
      return [maximum(largest, way), null];
    },
    zeros([rows], { dtype: floatOf(here) }),
    random.keys(key, samples),
  );
  return relative ? sqrt(most.div(rowSums(here.square()))) : sqrt(most);
}

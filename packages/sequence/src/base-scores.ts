import { ShapeError, type Tensor } from '@grad/core';

/**
 * A function of sequences `[n, length, 4]` to one score each, `[n]`, such as a logit or a difference of
 * two. Sequences must not depend on one another.
 */
export type SequenceScore = (x: Tensor) => Tensor;

/** The score, which is checked to be one for each sequence of x. */
export function scoreOf(name: string, score: SequenceScore, x: Tensor): SequenceScore {
  if (x.ndim !== 3 || x.shape[2] !== 4) {
    throw new ShapeError(
      `${name}: x has shape [${x.shape.join(', ')}]; it must be [sequences, length, 4]. A single sequence is x.reshape([1, -1, 4]).`,
    );
  }
  return (z) => {
    const y = score(z);
    if (y.ndim === 1 && y.shape[0] === z.shape[0]) return y;
    throw new ShapeError(
      `${name}: the score has shape [${y.shape.join(', ')}]; it must be one number for each of the ${z.shape[0]} sequences, such as logits.at(null, 0).`,
    );
  };
}

import { arange, broadcastTo, eye, scan, type Tensor, where } from '@grad/core';
import { type SequenceScore, scoreOf } from './base-scores.ts';

/**
 * What each mutation of one base does to the score: `[n, length, 4]`, the score with A, C, G or T at a
 * place less the score as it is; 0 for the base that is there. All 4 length mutants are run, in a loop
 * over places with 4 n sequences at a time.
 *
 * @param x `[n, length, 4]`, as `oneHotBatch` makes it
 * @throws ShapeError when x or the score has another shape.
 * @see Alipanahi, Delong, Weirauch and Frey, Predicting the sequence specificities of DNA- and
 * RNA-binding proteins by deep learning, Nature Biotechnology 33 (2015), where these are mutation maps.
 */
export function inSilicoMutagenesis(score: SequenceScore, x: Tensor): Tensor {
  const [n = 0, length = 0] = x.shape;
  const scored = scoreOf('inSilicoMutagenesis', score, x);
  const places = arange(length);
  const bases = eye(4).astype(x.dtype).reshape([4, 1, 1, 4]);
  const [, scores] = scan(
    (carry: null, place: Tensor) => {
      const here = places.eq(place).reshape([1, 1, length, 1]);
      const mutants = where(here, bases, broadcastTo(x.expandDims(0), [4, n, length, 4]));
      return [carry, scored(mutants.reshape([4 * n, length, 4])).reshape([4, n])];
    },
    null,
    places,
  );
  const same = broadcastTo(scored(x).reshape([n, 1, 1]), [n, length, 4]);
  return scores.transpose([2, 0, 1]).sub(same);
}

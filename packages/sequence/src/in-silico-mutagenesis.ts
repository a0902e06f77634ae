import { arange, eye, scan, type Tensor, where } from '@grad/core';
import { type SequenceScore, scoreOf } from './base-scores.ts';

/** Sequences that are run at a time, if there are so many: enough to keep the processor busy. */
const ENOUGH = 64;

/**
 * What each mutation of one base does to the score: `[n, length, 4]`, the score with A, C, G or T at a
 * place less the score as it is; 0 for the base that is there. All 4 length mutants are run, in a loop
 * over places with 64 sequences or more at a time.
 *
 * @param x `[n, length, 4]`, as `oneHotBatch` makes it
 * @throws ShapeError when x or the score has another shape.
 * @see Alipanahi, Delong, Weirauch and Frey, Predicting the sequence specificities of DNA- and
 * RNA-binding proteins by deep learning, Nature Biotechnology 33 (2015), where these are mutation maps.
 */
export function inSilicoMutagenesis(score: SequenceScore, x: Tensor): Tensor {
  const [n = 0, length = 0] = x.shape;
  const scored = scoreOf('inSilicoMutagenesis', score, x);
  const together = Math.max(1, Math.min(length, Math.floor(ENOUGH / (4 * Math.max(1, n)))));
  const turns = Math.ceil(length / together);
  const bases = eye(4).astype(x.dtype).reshape([1, 4, 1, 1, 4]);
  const [, scores] = scan(
    (carry: null, places: Tensor) => {
      // The last turn may have places past the end, where nothing changes.
      const here = arange(length).eq(places.expandDims(1)).reshape([together, 1, 1, length, 1]);
      const mutants = where(here, bases, x).reshape([4 * together * n, length, 4]);
      return [carry, scored(mutants).reshape([together, 4, n])];
    },
    null,
    arange(turns * together).reshape([turns, together]),
  );
  const all = scores.reshape([turns * together, 4, n]).at([0, length]);
  return all.transpose([2, 0, 1]).sub(scored(x).reshape([n, 1, 1]));
}

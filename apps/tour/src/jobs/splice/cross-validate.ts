import { argmax, jit, softmax, type Tensor } from '@grad/core';
import type { SpliceModel, SpliceParams } from '@grad/sequence';
import type { JobContext } from '../../job.ts';
import { learn, softmaxRegression } from './learn.ts';
import { divide, type Share, type Windows } from './windows.ts';

/** What became of the windows that were tested. */
export interface Tested {
  /** Their places, part after part. */
  readonly places: readonly number[];
  /** Probabilities of donor, acceptor and neither, for each. */
  readonly probabilities: readonly (readonly number[])[];
  /** Share of them whose class is right. */
  readonly accuracy: number;
  /** That of softmax regression on the same parts. */
  readonly regression: number;
  readonly seconds: number;
  /** The first model, with what it was not trained on. */
  readonly params: SpliceParams;
  readonly held: Share;
}

/** Learns without a part, tests on that part, and so on with other parts. */
export async function crossValidate(
  model: SpliceModel,
  windows: Windows,
  {
    folds,
    epochs,
    seed,
  }: { readonly folds: number; readonly epochs: number; readonly seed: number },
  context: JobContext,
): Promise<Tested> {
  const probabilitiesOf = jit((params: SpliceParams, x: Tensor) =>
    softmax(model.apply(params, x), { axis: 1 }),
  );
  const places: number[] = [];
  const probabilities: number[][] = [];
  let [right, rightByRegression, seconds] = [0, 0, 0];
  let first: { params: SpliceParams; held: Share } | undefined;
  for (let fold = 0; fold < folds; fold++) {
    const stage = folds === 1 ? 'learning' : `learning without part ${fold + 1} of ${folds}`;
    const { train, test } = divide(windows, fold);
    const began = performance.now();
    const params = await learn(model, train, {
      epochs,
      seed: seed + fold,
      signal: context.signal,
      onEpoch: (fraction) => context.enter(stage, 0.05 + (0.75 * (fold + fraction)) / folds),
    });
    seconds += (performance.now() - began) / 1000;
    const found = probabilitiesOf(params, test.x);
    probabilities.push(...rowsOf(found));
    places.push(...test.places);
    right += hits(found, test.labels);
    rightByRegression += hits(await softmaxRegression(train, test, context.signal), test.labels);
    first ??= { params, held: test };
  }
  if (first === undefined) throw new RangeError('There is no part to test on.');
  const all = places.length;
  return {
    ...first,
    places,
    probabilities,
    accuracy: right / all,
    regression: rightByRegression / all,
    seconds,
  };
}

function hits(scores: Tensor, labels: Tensor): number {
  return argmax(scores, { axis: 1 }).eq(labels).astype('int32').sum().item();
}

/** A matrix as lists of numbers. */
export function rowsOf(matrix: Tensor): number[][] {
  const [, columns = 0] = matrix.shape;
  const values = Array.from(matrix.dataSync(), Number);
  return Array.from({ length: matrix.shape[0] ?? 0 }, (_, i) =>
    values.slice(i * columns, (i + 1) * columns),
  );
}

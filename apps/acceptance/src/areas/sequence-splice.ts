import { argmax, jit, type Tensor, take, tensor } from '@grad/core';
import {
  groupFolds,
  oneHotBatch,
  readSpliceWindows,
  SPLICE_SITES,
  type SpliceBatch,
  type SpliceParams,
  spliceModel,
} from '@grad/sequence';
import { learnSplice, type Row, spliceRegression } from '@grad/tour';
import type { LineContext } from '../line.ts';
import { atLeastRow, plainRow } from '../rows.ts';

const [folds, epochs] = [10, 20];

/** Ten-fold cross-validation in which equal sequences stay together. */
export async function spliceRows({ data, show, part }: LineContext): Promise<Row[]> {
  const windows = readSpliceWindows(data.text('uci-splice/splice.data'));
  const sequences = windows.map(({ sequence }) => sequence);
  const labels = windows.map(({ site }) => SPLICE_SITES.indexOf(site));
  const { x } = oneHotBatch(sequences);
  const foldOf = groupFolds(sequences, { folds });
  const share = (fold: number, test: boolean): SpliceBatch => {
    const places = labels.flatMap((_, i) => ((foldOf[i] === fold) === test ? [i] : []));
    return {
      x: take(x, tensor(Int32Array.from(places)), { axis: 0 }),
      labels: tensor(Int32Array.from(places, (i) => labels[i] ?? 0)),
    };
  };
  const model = spliceModel();
  const scores = jit((params: SpliceParams, rows: Tensor) => model.apply(params, rows));
  const { signal } = new AbortController();
  let [right, byRegression] = [0, 0];
  for (let fold = 0; fold < folds; fold++) {
    const counts = await part(`fold-${fold}`, async () => {
      const [train, test] = [share(fold, false), share(fold, true)];
      const params = await learnSplice(model, train, {
        epochs,
        seed: fold,
        signal,
        onEpoch: async (fraction) => show(`fold ${fold + 1}`, (fold + fraction) / folds),
      });
      const hits = (logits: Tensor): number =>
        argmax(logits, { axis: 1 }).eq(test.labels).astype('int32').sum().item();
      return [hits(scores(params, test.x)), hits(await spliceRegression(train, test, signal))];
    });
    right += counts[0] ?? Number.NaN;
    byRegression += counts[1] ?? Number.NaN;
  }
  return [
    atLeastRow(
      `share right of ${labels.length}, bidirectional GRU of 24 units`,
      right / labels.length,
      0.958,
    ),
    plainRow('softmax regression on the same parts', byRegression / labels.length),
  ];
}

import { logsumexp, type Tensor, tensor } from '@grad/core';
import { gru, lstm, oneHotDna, type RecurrentParams, rnn } from '@grad/sequence';
import { published } from '../../published.ts';
import type { Row } from '../../row.ts';

/** The first donor of UCI's data. */
const sequence = 'CCAGCTGCATCACAGGAGGCCAGCGAGCAGGTCTGTTCCAAGGGCCTTCGAGCCAGTCTG';

const cases = [
  { name: 'an Elman network', layer: rnn(4, 5), gates: 1, loss: '.9273236596530716' },
  { name: 'a GRU', layer: gru(4, 5), gates: 3, loss: '.8136818556847182' },
  { name: 'an LSTM', layer: lstm(4, 5), gates: 4, loss: '.9195317891917698' },
];

/** Weights without chance: 0.3 sin(1 + 0.7 i + 1.3 j + 2.1 k). */
function weights(shape: readonly number[], k: number): Tensor {
  const [rows = 1, columns] = shape;
  const value = (i: number, j: number) => 0.3 * Math.sin(1 + 0.7 * i + 1.3 * j + 2.1 * k);
  return columns === undefined
    ? tensor(Array.from({ length: rows }, (_, i) => value(i, 0)))
    : tensor(
        Array.from({ length: rows }, (_, i) =>
          Array.from({ length: columns }, (_, j) => value(i, j)),
        ),
      );
}

/** Losses of three recurrent layers with fixed weights on a real donor, to all digits. */
export function lossRows(): Row[] {
  const x = oneHotDna(sequence, { dtype: 'float64' });
  return cases.map(({ name, layer, gates, loss }) => {
    const params: RecurrentParams = {
      inputWeight: weights([4, 5 * gates], 0),
      hiddenWeight: weights([5, 5 * gates], 1),
      bias: weights([5 * gates], 2),
      ...(layer.kind === 'gru' ? { hiddenBias: weights([5 * gates], 5) } : {}),
    };
    const logits = layer
      .apply(params, x)
      .final.matmul(weights([5, 3], 3))
      .add(weights([3], 4));
    return {
      what: `loss of ${name} with known weights on a donor`,
      result: logsumexp(logits).sub(logits.at(0)).item(),
      reference: published(loss),
      source: 'computed from the equations by complex steps, outside of @grad',
    };
  });
}

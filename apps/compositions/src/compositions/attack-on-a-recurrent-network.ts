import { random, type Tensor, tensor } from '@grad/core';
import { crossEntropy, dense } from '@grad/nn';
import { gru, oneHotDna } from '@grad/sequence';
import { fgsm } from '@grad/vision';
import type { Composition } from '../composition.ts';

const float64 = { dtype: 'float64' } as const;
const sites = ['CAGGTAAGTCAG', 'TTTCAGGTTACG', 'ACGTTGCAAGCT', 'AAGGTGAGTACC'];
const labels = tensor([0, 1, 2, 0], { dtype: 'int32' });
const layer = gru(4, 5, float64);
const head = dense(5, 3, float64);
const params = layer.init(random.key(0));
const headParams = head.init(random.key(1));

/** Windows of bases, `[windows, steps, 4]`. */
const windows = tensor(sites.map((site) => oneHotDna(site, float64).toArray()));

/** Scores of donor, acceptor and neither, for weights between hidden states. */
const classifier =
  (hiddenWeight: Tensor) =>
  (x: Tensor): Tensor => {
    const { final } = layer.apply({ ...params, hiddenWeight }, x.transpose([1, 0, 2]));
    return head.apply(headParams, final);
  };

/**
 * The loss of a splice-site classifier on what FGSM makes of its input: the attack is computed anew for
 * every weight, so this is what adversarial training makes small.
 */
export const attackOnARecurrentNetwork: Composition = {
  name: 'attack-on-a-recurrent-network',
  title: 'An attack (FGSM) on a recurrent network of splice sites',
  packages: ['sequence', 'vision', 'nn'],
  variable: 'weights between hidden states',
  f: (weights) => {
    const model = classifier(weights);
    return crossEntropy(model(fgsm(model, windows, labels, { eps: 0.1 })), labels);
  },
  x: params.hiddenWeight,
  step: 1e-4,
};

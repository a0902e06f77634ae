import { argmax, random, type Tensor } from '@grad/core';
import { minibatches } from '@grad/data';
import { accuracy } from '@grad/nn';
import { adam, fit } from '@grad/optim';
import {
  baseSaliency,
  bptt,
  drawSpliceSites,
  gradientNorms,
  gru,
  lstm,
  oneHotBatch,
  oneHotDna,
  rnn,
  spliceModel,
} from '@grad/sequence';

// How much of the gradient at the last base arrives at the first one: the power of ten of the ratio.
const site = 'CCAGCTGCATCACAGGAGGCCAGCGAGCAGGTAAGTTCCAAGGGCCTTCGAGCCAGTCTG';
for (const layer of [rnn(4, 16), gru(4, 16), lstm(4, 16)]) {
  const { norms } = gradientNorms(layer, layer.init(random.key(0)), oneHotDna(site), ({ final }) =>
    final.square().sum(),
  );
  console.log(layer.kind, Math.round(Math.log10(norms.at(0).div(norms.at(-1)).item())));
}
// → rnn -14
// → gru -12
// → lstm -12

// Truncated, it goes back through 20 bases at most: not beyond base 40 of 60.
const short = bptt({ truncate: 20 })(lstm(4, 16));
const { norms } = gradientNorms(short, short.init(random.key(0)), oneHotDna(site), ({ final }) =>
  final.square().sum(),
);
console.log(norms.at(39).item(), norms.at(40).item() > 0); // → 0 true

// A bidirectional GRU learns what splice sites look like.
const windows = (seed: number, n: number) => {
  const { sequences, labels } = drawSpliceSites(random.key(seed), n);
  return { x: oneHotBatch(sequences).x, labels };
};
const [train, test] = [windows(1, 1000), windows(2, 500)];
const model = spliceModel({ units: 8 });
const { params } = await fit(
  (p: ReturnType<typeof model.init>, batch: typeof train, { key }) => model.loss(p, batch, { key }),
  model.init(random.key(3)),
  {
    optimizer: adam({ learningRate: 0.01 }),
    batches: minibatches(train, { size: 50, key: random.key(4) }),
    epochs: 8,
  },
);
console.log(accuracy(model.apply(params, test.x), test.labels).item() > 0.85); // → true

// What each base adds to the evidence for a donor: most, the G that the intron begins with.
const donor = (x: Tensor): Tensor => {
  const logits = model.apply(params, x);
  return logits.at(null, 0).sub(logits.at(null, 2));
};
const { perBase, delta } = baseSaliency(donor, oneHotBatch([site]).x);
console.log(site.charAt(argmax(perBase.at(0)).item()), argmax(perBase.at(0)).item()); // → G 30
console.log(delta.abs().item() < 1e-3); // → true

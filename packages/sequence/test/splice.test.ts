import { existsSync, readFileSync } from 'node:fs';
import { concatenate, grad, hvp, jit, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { minibatches } from '@grad/data';
import { accuracy, crossEntropy } from '@grad/nn';
import { adam, fit } from '@grad/optim';
import { describe, expect, it } from 'vitest';
import {
  consensusPosterior,
  drawSpliceSites,
  groupFolds,
  oneHotBatch,
  oneHotDna,
  readSpliceWindows,
  reverseComplement,
  SPLICE_CONSENSUS,
  SPLICE_SITES,
  spliceCandidates,
  spliceModel,
} from '../src/index.ts';

const file = `${process.env['GRAD_DATA'] ?? ''}/uci-splice/splice.data`;
const close = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item();

describe('spliceModel', () => {
  const model = spliceModel({ units: 3, dtype: 'float64' });
  const params = model.init(random.key(0));
  const drawn = drawSpliceSites(random.key(1), 4);
  const batch = { x: oneHotBatch(drawn.sequences, { dtype: 'float64' }).x, labels: drawn.labels };

  it('has right derivatives of both orders, compiled and in batches', () => {
    const loss = (w: Tensor, x: Tensor): Tensor =>
      model.loss(
        {
          ...params,
          encoder: { ...params.encoder, backward: { ...params.encoder.backward, inputWeight: w } },
        },
        { x, labels: batch.labels },
      );
    const w = params.encoder.backward.inputWeight;
    checkGrads(loss, [w, batch.x], { order: 2 });
    const plain = grad(loss)(w, batch.x);
    expect(close(jit(grad(loss))(w, batch.x), plain)).toBeLessThan(1e-14);
    const one = (x: Tensor, label: Tensor): Tensor =>
      model.loss(params, { x: x.expandDims(0), labels: label.expandDims(0) });
    const each = vmap(grad(one))(batch.x, batch.labels);
    const all = grad((x: Tensor) => model.loss(params, { ...batch, x }))(batch.x);
    expect(close(each.div(4), all)).toBeLessThan(1e-14);
    const v = random.normal(random.key(2), w.shape);
    const h = 1e-5;
    const difference = grad(loss)(w.add(v.mul(h)), batch.x)
      .sub(grad(loss)(w.sub(v.mul(h)), batch.x))
      .div(2 * h);
    expect(
      close(
        hvp((u: Tensor) => loss(u, batch.x), w, v),
        difference,
      ),
    ).toBeLessThan(1e-8);
  });

  it('sees every base, and one that is unknown as the mean of those it may be', () => {
    const g = grad((x: Tensor) => model.apply(params, x).at(0, 0))(batch.x.at([0, 1]));
    expect(g.abs().sum({ axis: 2 }).min().item()).toBeGreaterThan(0);
    const logits = model.apply(params, batch.x);
    const states = model.encoder.apply(params.encoder, batch.x.transpose([1, 0, 2]));
    expect(close(model.classify(params, states), logits)).toBe(0);
    // The states on both sides of the middle, and the last ones.
    const { outputs, final } = states;
    const [left, right] = [outputs.at(29, null, [0, 3]), outputs.at(30, null, [3, 6])];
    const features = concatenate([left, right, final], { axis: 1 });
    const { weight, bias } = params.head;
    const linear = features.matmul(weight);
    expect(close(bias === undefined ? linear : linear.add(bias), logits)).toBe(0);
    expect(oneHotDna('S', { dtype: 'float64' }).toArray()).toEqual([[0, 0.5, 0.5, 0]]);
  });

  it('leaves features out in training alone', () => {
    const { x, labels } = batch;
    const plain = model.loss(params, batch).item();
    expect(plain).toBeCloseTo(crossEntropy(model.apply(params, x), labels).item(), 14);
    const [a, b] = [1, 2].map((seed) =>
      model.loss(params, batch, { key: random.key(seed) }).item(),
    );
    expect(a).not.toBe(b);
    const all = spliceModel({ units: 3, dropout: 0, dtype: 'float64' });
    expect(all.loss(params, batch, { key: random.key(1) }).item()).toBe(plain);
  });

  it('learns drawn sites nearly as well as their own probabilities tell them apart', async () => {
    const small = spliceModel({ units: 8, truncate: 15 });
    const of = (seed: number, n: number) => {
      const { sequences, labels } = drawSpliceSites(random.key(seed), n);
      return { sequences, labels, x: oneHotBatch(sequences).x };
    };
    const [train, test] = [of(1, 1500), of(2, 500)];
    const trained = await fit(
      (p: ReturnType<typeof small.init>, rows: { x: Tensor; labels: Tensor }, { key }) =>
        small.loss(p, rows, { key }),
      small.init(random.key(3)),
      {
        optimizer: adam({ learningRate: 0.01 }),
        batches: minibatches(
          { x: train.x, labels: train.labels },
          { size: 50, key: random.key(4) },
        ),
        epochs: 10,
      },
    );
    const best = tensor(test.sequences.map((s) => consensusPosterior(s)));
    const known = accuracy(best, test.labels).item();
    const learned = accuracy(small.apply(trained.params, test.x), test.labels).item();
    expect(known).toBeGreaterThan(0.9);
    expect(learned).toBeGreaterThan(known - 0.05);
    expect(learned).toBeLessThanOrEqual(known + 0.01);
  });

  it('says which shape is wrong', () => {
    expect(() => model.apply(params, batch.x.at(0))).toThrow('it must be [windows, length, 4]');
    expect(() => model.apply(params, batch.x.at(null, [0, 59]))).toThrow('even length');
    expect(() => spliceModel({ units: 0 })).toThrow('the number of hidden units is 0');
    expect(() => spliceModel({ dropout: 1 })).toThrow('the rate is 1');
    expect(() => spliceModel({ truncate: 1.5 })).toThrow('truncate is 1.5');
  });
});

describe('readSpliceWindows', () => {
  it.skipIf(!existsSync(file))('reads the junctions of UCI, ambiguous bases too', () => {
    const windows = readSpliceWindows(readFileSync(file, 'utf8'));
    const count = (of: string) => windows.filter(({ site }) => site === of).length;
    expect(SPLICE_SITES.map(count)).toEqual([767, 768, 1655]);
    const { x } = oneHotBatch(
      windows.map(({ sequence }) => sequence),
      { dtype: 'float64' },
    );
    expect(x.shape).toEqual([3190, 60, 4]);
    expect(close(x.sum({ axis: 2 }), tensor(1))).toBeLessThan(1e-15);
    const shared = windows.flatMap(({ sequence }) => sequence.match(/[NDSR]/g) ?? []);
    expect(shared.length).toBe(60);
    const folds = groupFolds(windows.map(({ sequence }) => sequence));
    const foldOf = new Map(windows.map(({ sequence }, i) => [sequence, folds[i]]));
    expect(windows.every(({ sequence }, i) => foldOf.get(sequence) === folds[i])).toBe(true);
    const sizes = Array.from(
      { length: 10 },
      (_, k) => [...foldOf.values()].filter((f) => f === k).length,
    );
    expect(sizes.toSorted()).toEqual([300, 300, 300, 300, 300, 301, 301, 301, 301, 301]);
  });

  it.skipIf(!existsSync(file))('is where the consensus comes from', () => {
    const windows = readSpliceWindows(readFileSync(file, 'utf8'));
    for (const site of ['donor', 'acceptor'] as const) {
      const { from, rows } = SPLICE_CONSENSUS[site];
      const those = windows.filter((w) => w.site === site);
      for (const [k, row] of rows.entries()) {
        const here = those.map(({ sequence }) => sequence.charAt(30 + from + k));
        const counts = [...'ACGT'].map((base) => here.filter((b) => b === base).length);
        const sum = counts.reduce((a, b) => a + b, 0);
        for (const [b, count] of counts.entries()) {
          expect(Math.abs((100 * count) / sum - (row[b] ?? 0))).toBeLessThanOrEqual(0.5);
        }
      }
    }
  });

  it('names the line of what it cannot read', () => {
    expect(readSpliceWindows('EI, a, acgt\r\n\r\nN,b,  ACGN\n')).toEqual([
      { site: 'donor', name: 'a', sequence: 'ACGT' },
      { site: 'none', name: 'b', sequence: 'ACGN' },
    ]);
    expect(() => readSpliceWindows('EI,a,ACGT\nEX,b,ACGT', 's.data')).toThrow(
      's.data, line 2: expected a class (EI, IE or N)',
    );
    expect(() => readSpliceWindows('EI,a')).toThrow('line 1: expected a class');
    expect(() => readSpliceWindows('EI,a,AC!T')).toThrow('line 1: base 3 is "!"');
    expect(() => readSpliceWindows('EI,a,ACGT\nIE,b,AC')).toThrow('there are 2 bases');
    expect(() => readSpliceWindows('EI,a,ACG')).toThrow('one even length');
  });
});

describe('drawSpliceSites', () => {
  const { sequences, labels } = drawSpliceSites(random.key(7), 4000);
  const posterior = tensor(sequences.map((s) => consensusPosterior(s)));

  it('draws classes and bases as often as it says', () => {
    const shares = [0, 1, 2].map((k) => labels.eq(k).astype('float64').mean().item());
    // Four standard errors.
    for (const [k, p] of [0.25, 0.25, 0.5].entries()) {
      expect(Math.abs((shares[k] ?? 0) - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 4000));
    }
    const donors = sequences.filter((_, i) => labels.at(i).item() === 0);
    expect(donors.every((s) => s.charAt(30) === 'G')).toBe(true);
    const share = donors.filter((s) => s.charAt(29) === 'G').length / donors.length;
    expect(Math.abs(share - 0.82)).toBeLessThan(4 * Math.sqrt((0.82 * 0.18) / donors.length));
  });

  it('has probabilities that are right as often as they say', () => {
    const right = accuracy(posterior, labels).item();
    const expected = posterior.max({ axis: 1 }).mean().item();
    expect(right).toBeGreaterThan(0.9);
    expect(Math.abs(right - expected)).toBeLessThan(4 * Math.sqrt((right * (1 - right)) / 4000));
    const sum = posterior.sum({ axis: 1 });
    expect(close(sum, tensor(1))).toBeLessThan(1e-14);
    // Of each class there are as many as its probabilities sum to.
    for (const k of [0, 1, 2]) {
      const p = posterior.at(null, k);
      const deviation = Math.sqrt(p.mul(p.neg().add(1)).sum().item());
      const count = labels.eq(k).astype('float64').sum().item();
      expect(deviation).toBeGreaterThan(5);
      expect(Math.abs(p.sum().item() - count)).toBeLessThan(4 * deviation);
    }
  });

  it('refuses what it cannot draw', () => {
    expect(() => drawSpliceSites(random.key(0), 0)).toThrow('n is 0');
    expect(() => drawSpliceSites(random.key(0), 1, { length: 42 })).toThrow('the length is 42');
    expect(() => consensusPosterior('ACG')).toThrow('the length is 3');
  });
});

describe('groupFolds', () => {
  it('keeps equal entries together and parts of one size', () => {
    const groups = Array.from({ length: 40 }, (_, i) => String(i % 20));
    const folds = groupFolds(groups, { folds: 4, key: random.key(3) });
    for (let i = 0; i < 20; i++) expect(folds[i]).toBe(folds[i + 20]);
    expect([0, 1, 2, 3].map((k) => folds.filter((f) => f === k).length)).toEqual([10, 10, 10, 10]);
    expect(groupFolds(groups, { folds: 4, key: random.key(4) })).not.toEqual(folds);
    expect(() => groupFolds(['a', 'a'], { folds: 2 })).toThrow('from 2 to 1');
  });
});

describe('spliceCandidates', () => {
  it('finds GT and AG on both strands, with their surroundings', () => {
    const sequence = 'CCGTAAAAGC';
    expect(spliceCandidates(sequence, { length: 6 })).toEqual([
      // The other strand reads GCTTTTACGG.
      { site: 'donor', strand: '+', position: 3, window: 'NCCGTA' },
      { site: 'acceptor', strand: '+', position: 9, window: 'AAGCNN' },
    ]);
    const turned = spliceCandidates(reverseComplement(sequence), { length: 6 });
    expect(turned).toEqual([
      { site: 'acceptor', strand: '-', position: 2, window: 'AAGCNN' },
      { site: 'donor', strand: '-', position: 8, window: 'NCCGTA' },
    ]);
    expect(spliceCandidates('guag', { length: 4, strands: '+' })).toEqual([
      { site: 'donor', strand: '+', position: 1, window: 'NNGT' },
      { site: 'acceptor', strand: '+', position: 4, window: 'AGNN' },
    ]);
    expect(spliceCandidates('guag', { strands: '-' })).toEqual([]);
    expect(() => spliceCandidates('ACGT', { length: 5 })).toThrow('length is 5');
    expect(() => spliceCandidates('AC-T')).toThrow('character 3 is "-"');
  });
});

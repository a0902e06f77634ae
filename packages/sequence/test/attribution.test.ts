import { grad, jit, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, it } from 'vitest';
import { baseSaliency, inSilicoMutagenesis, oneHotBatch, spliceModel } from '../src/index.ts';

const close = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item();
const weights = random.normal(random.key(5), [6, 4]);
const linear = (x: Tensor): Tensor => x.mul(weights).sum({ axis: [1, 2] });
const { x } = oneHotBatch(['ACGTTA', 'GGNCTA'], { dtype: 'float64' });

const model = spliceModel({ units: 3, dtype: 'float64' });
const params = model.init(random.key(1));
const donor = (z: Tensor): Tensor => {
  const logits = model.apply(params, z);
  return logits.at(null, 0).sub(logits.at(null, 2)).mul(3).tanh();
};

describe('inSilicoMutagenesis', () => {
  it('of a linear score is the difference of two weights', () => {
    const effects = inSilicoMutagenesis(linear, x);
    expect(effects.shape).toEqual([2, 6, 4]);
    const there = x.mul(weights).sum({ axis: 2, keepdims: true });
    expect(close(effects, weights.sub(there))).toBeLessThan(1e-14);
    // The first sequence begins with A.
    expect(effects.at(0, 0, 0).item()).toBe(0);
    expect(effects.at(0, 0, 1).item()).toBeCloseTo(
      weights.at(0, 1).sub(weights.at(0, 0)).item(),
      13,
    );
  });

  it('knows every place of a length that its turns do not divide', () => {
    const many = oneHotBatch(['ACGTTACCA', 'GGNCTAGAT', 'TTTTTTTTT'], { dtype: 'float64' }).x;
    const w = random.normal(random.key(6), [9, 4]);
    const effects = inSilicoMutagenesis((z) => z.mul(w).sum({ axis: [1, 2] }), many);
    const there = many.mul(w).sum({ axis: 2, keepdims: true });
    expect(effects.shape).toEqual([3, 9, 4]);
    expect(close(effects, w.sub(there))).toBeLessThan(1e-14);
  });

  it('is what the model makes of each mutant', () => {
    const effects = jit((z: Tensor) => inSilicoMutagenesis(donor, z))(x);
    const whole = donor(x);
    for (const [base, letter] of [...'ACGT'].entries()) {
      const mutants = oneHotBatch([`ACG${letter}TA`, `GGN${letter}TA`], { dtype: 'float64' }).x;
      expect(close(effects.at(null, 3, base), donor(mutants).sub(whole))).toBeLessThan(1e-14);
    }
    expect(effects.abs().max().item()).toBeGreaterThan(0.01);
    const batches = vmap((z: Tensor) => inSilicoMutagenesis(donor, z))(x.reshape([2, 1, 6, 4]));
    expect(close(batches.at(null, 0), effects)).toBeLessThan(1e-14);
  });

  it('is differentiable in the parameters of the model', () => {
    checkGrads(
      (w: Tensor) =>
        inSilicoMutagenesis(
          (z) =>
            model
              .apply({ ...params, head: { ...params.head, weight: w } }, z)
              .at(null, 1)
              .tanh(),
          x,
        )
          .square()
          .sum(),
      [params.head.weight],
      { order: 2 },
    );
  });
});

describe('baseSaliency', () => {
  it('of a linear score is each weight less the mean of its row', () => {
    for (const method of ['gradTimesInput', 'integratedGradients'] as const) {
      const { perBase, attribution, delta } = baseSaliency(linear, x, { method });
      expect(close(attribution, x.sub(0.25).mul(weights))).toBeLessThan(1e-14);
      expect(close(perBase, attribution.sum({ axis: 2 }))).toBe(0);
      expect(delta.abs().max().item()).toBeLessThan(1e-13);
      const plain = baseSaliency(linear, x, { method, baseline: 0 });
      expect(close(plain.attribution, x.mul(weights))).toBeLessThan(1e-14);
    }
  });

  it('adds up to the difference of scores, to the sixth order in the number of steps', () => {
    const missed = (steps: number) => baseSaliency(donor, x, { steps }).delta.abs().max().item();
    const gap = donor(x)
      .sub(donor(x.mul(0).add(0.25)))
      .abs()
      .max()
      .item();
    expect(gap).toBeGreaterThan(0.05);
    expect(missed(1)).toBeGreaterThan(1e-9);
    expect(missed(4)).toBeLessThan(missed(2) / 40);
    expect(missed(16)).toBeLessThan(missed(4) / 1000);
    const simple = baseSaliency(donor, x, { method: 'gradTimesInput' });
    expect(close(simple.attribution, x.sub(0.25).mul(grad((z: Tensor) => donor(z).sum())(x)))).toBe(
      0,
    );
    expect(simple.delta.abs().max().item()).toBeGreaterThan(1e-4);
  });

  it('runs compiled and in batches, and is differentiable', () => {
    const plain = baseSaliency(donor, x).perBase;
    const compiled = jit((z: Tensor) => baseSaliency(donor, z).perBase)(x);
    expect(close(compiled, plain)).toBeLessThan(1e-14);
    const mapped = vmap((z: Tensor) => baseSaliency(donor, z.expandDims(0)).perBase.at(0))(x);
    expect(close(mapped, plain)).toBeLessThan(1e-14);
    checkGrads((z: Tensor) => baseSaliency(donor, z, { steps: 2 }).perBase.square().sum(), [x], {
      order: 1,
    });
  });

  it('says what does not fit', () => {
    expect(() => baseSaliency(donor, x.at(0))).toThrow('x has shape [6, 4]');
    expect(() => inSilicoMutagenesis((z) => model.apply(params, z), x)).toThrow(
      'one number for each of the 48 sequences',
    );
    expect(() => baseSaliency(donor, x, { steps: 0 })).toThrow('steps is 0');
    expect(() => baseSaliency(donor, x, { baseline: tensor([1, 2, 3]) })).toThrow(
      'baseline has shape [3]',
    );
    // @ts-expect-error There are two methods.
    expect(() => baseSaliency(donor, x, { method: 'lrp' })).toThrow('method is lrp');
  });
});

import {
  gammainc,
  grad,
  jit,
  jvp,
  linspace,
  random,
  stack,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { allclose, checkGrads } from '@grad/core/testing';
import {
  bernoulli,
  beta,
  categorical,
  type Distribution,
  dirichlet,
  gamma,
  gumbelSoftmax,
  hasKl,
  independent,
  klDivergence,
  normal,
} from '@grad/vae';
import { describe, expect, test } from 'vitest';

const key = random.key(7);
const draws = 40_000;

/** A mean over draws and its standard error, over the first axis. */
function estimate(values: Tensor): { mean: number[]; error: number[] } {
  const mean = values.mean({ axis: 0 });
  const error = values
    .sub(mean)
    .square()
    .mean({ axis: 0 })
    .div(values.shape[0] ?? 1)
    .sqrt();
  return { mean: Array.from(mean.dataSync()), error: Array.from(error.dataSync()) };
}

function expectMean(values: Tensor, expected: Tensor): void {
  const { mean, error } = estimate(values.astype('float64'));
  expect(mean).toHaveLength(expected.size);
  const numbers = expected.dataSync();
  mean.forEach((value, i) => {
    const off = Math.abs(value - Number(numbers[i]));
    expect(off).toBeLessThanOrEqual(4.5 * (error[i] ?? 0) + 1e-12);
  });
}

const all: Record<string, [Distribution, Distribution]> = {
  normal: [normal([0.3, -1], [0.5, 2]), normal([0, 1], 1.5)],
  bernoulli: [bernoulli({ probs: [0.2, 0.7] }), bernoulli({ logits: [0.5, -1] })],
  gamma: [gamma([0.7, 3], [2, 0.5]), gamma([1, 2.5], [1, 1])],
  beta: [beta([1.5, 3], [2, 1.2]), beta([1, 2], [1.3, 4])],
  dirichlet: [
    dirichlet([
      [1.2, 2, 3],
      [2, 1, 0.8],
    ]),
    dirichlet([1, 1.5, 2]),
  ],
  categorical: [categorical({ probs: [0.2, 0.3, 0.5] }), categorical({ logits: [0, 1, -1] })],
  'independent normal': [
    independent(
      normal(
        [
          [0, 1],
          [2, 3],
        ],
        0.5,
      ),
      1,
    ),
    independent(
      normal(
        [
          [1, 1],
          [2, 2],
        ],
        1,
      ),
      1,
    ),
  ],
};

describe.each(Object.entries(all))('%s', (_, [p, q]) => {
  test('has the mean, the variance and the entropy of its draws', () => {
    const x = p.sample(key, [draws]);
    expect(x.shape).toEqual([draws, ...p.batchShape, ...p.eventShape]);
    expectMean(x, p.mean());
    expectMean(x.sub(p.mean()).square(), p.variance());
    expectMean(p.logProb(x).neg(), p.entropy());
  });

  test('has the divergence in closed form that its draws have', () => {
    expect(hasKl(p, q)).toBe(true);
    const x = p.sample(key, [draws]);
    expectMean(p.logProb(x).sub(q.logProb(x)), klDivergence(p, q));
    const same = klDivergence(p, p).dataSync();
    same.forEach((value) => {
      expect(Math.abs(Number(value))).toBeLessThan(1e-13);
    });
  });

  test('has the same values when detached', () => {
    const x = p.sample(key);
    expect(p.detach().logProb(x).toArray()).toEqual(p.logProb(x).toArray());
  });
});

describe('derivatives', () => {
  test.each<[string, (s: Tensor) => Distribution, readonly number[]]>([
    ['normal', (s) => normal(s, s), [0.2, 0.3, 0.5]],
    ['gamma', (s) => gamma(s, s), [0.2, 0.3, 0.5]],
    ['beta', (s) => beta(s, s), [0.2, 0.3, 0.5]],
    ['dirichlet', (s) => dirichlet(s), [0.2, 0.3, 0.5]],
    ['bernoulli', (s) => bernoulli({ logits: s }), [0, 1, 1]],
    ['independent', (s) => independent(normal(s, s), 1), [0.2, 0.3, 0.5]],
  ])('do not pass a detached %s', (_, make, x) => {
    const at = tensor([0.6, 1.4, 3]);
    expect(
      grad((s: Tensor) => make(s).logProb(x).sum())(at)
        .abs()
        .max()
        .item(),
    ).toBeGreaterThan(0.1);
    expect(grad((s: Tensor) => make(s).detach().logProb(x).sum())(at).toArray()).toEqual([0, 0, 0]);
  });

  test('of the log density, entropy and divergence agree with differences', () => {
    const a = tensor([0.6, 1.4, 3]);
    const b = tensor([2, 0.9, 1.7]);
    const x = tensor([0.2, 0.5, 0.9]);
    const pairs: ((a: Tensor, b: Tensor) => Distribution)[] = [normal, gamma, beta];
    for (const make of pairs) {
      checkGrads((s: Tensor, t: Tensor, at: Tensor) => make(s, t).logProb(at), [a, b, x]);
      checkGrads((s: Tensor, t: Tensor) => make(s, t).entropy(), [a, b]);
      checkGrads(
        (s: Tensor, t: Tensor) => klDivergence(make(s, t), make(tensor(1.5), tensor(0.8))),
        [a, b],
      );
    }
    checkGrads((s: Tensor) => dirichlet(s).logProb([0.2, 0.3, 0.5]), [a]);
    checkGrads((s: Tensor) => klDivergence(dirichlet(s), dirichlet(b)), [a]);
    checkGrads(
      (s: Tensor) => klDivergence(categorical({ logits: s }), categorical({ logits: b })),
      [a],
    );
    checkGrads(
      (s: Tensor) => klDivergence(bernoulli({ logits: s }), bernoulli({ logits: b })),
      [a],
    );
    checkGrads((s: Tensor) => bernoulli({ logits: s }).logProb([0, 1, 0.3]), [a]);
    checkGrads(
      (s: Tensor, t: Tensor) =>
        gumbelSoftmax({ logits: s }, { temperature: t }).logProb([0.2, 0.3, 0.5]),
      [a, tensor(0.7)],
    );
  });

  test('of draws agree with differences', () => {
    const a = tensor([0.6, 1.4, 3]);
    const b = tensor([2, 0.9, 1.7]);
    checkGrads((s: Tensor, t: Tensor) => normal(s, t).rsample(key, [2]), [a, b]);
    checkGrads((s: Tensor) => gumbelSoftmax({ logits: s }).rsample(key), [a]);
  });

  test('of a gamma draw at the median are the published ones', () => {
    // dz/da = -(dF/da) / (dF/dz): the draw whose distribution function is 1/2.
    const published = [
      [0.5, 0.85836744],
      [1, 0.96804483],
      [2, 0.99329489],
      [5, 0.99909303],
    ];
    for (const [alpha = 0, expected = 0] of published) {
      expect(slopeAtMedian(alpha)).toBeCloseTo(expected, 7);
    }
  });

  test('compile and batch', () => {
    const f = (a: Tensor): Tensor => gamma(a, 2).rsample(key).add(gamma(a, 2).logProb(0.4));
    const a = tensor([0.5, 1.5, 4]);
    const slopes = jit(vmap(grad(f)))(a);
    [0, 1, 2].forEach((i) => {
      expect(slopes.at(i).item()).toBeCloseTo(grad(f)(a.at(i)).item(), 12);
    });
  });
});

/** dz/da of the gamma draw whose distribution function is 1/2, between the two draws about it. */
function slopeAtMedian(alpha: number): number {
  const draw = (a: Tensor) => gamma(a, 1).rsample(key, [draws]);
  const [z, slope] = jvp(draw, [tensor(alpha)], [tensor(1)]);
  const below = gammainc(alpha, z).sub(0.5).dataSync();
  const slopes = slope.dataSync();
  const order = Array.from(below.keys()).sort((i, j) => Number(below[i]) - Number(below[j]));
  const after = order.findIndex((i) => Number(below[i]) >= 0);
  const [i = 0, j = 0] = [order[after - 1], order[after]];
  const [low, high] = [Number(below[i]), Number(below[j])];
  return (Number(slopes[i]) * high - Number(slopes[j]) * low) / (high - low);
}

describe('gumbelSoftmax', () => {
  const logits = tensor([1, 0, -1]);

  test('draws one-hot vectors with the derivatives of relaxed ones', () => {
    const relaxed = gumbelSoftmax({ logits }, { temperature: 0.5 });
    const hard = gumbelSoftmax({ logits }, { temperature: 0.5, straightThrough: true });
    const x = hard.rsample(key, [draws]);
    expect(x.sum({ axis: 1 }).sub(1).abs().max().item()).toBeLessThan(1e-12);
    expectMean(x, hard.mean());
    expectMean(x.sub(hard.mean()).square(), hard.variance());
    expectMean(hard.logProb(x).neg(), hard.entropy());
    expect(relaxed.rsample(key).max().item()).toBeLessThan(1);
    const slope = (straightThrough: boolean) =>
      grad((l: Tensor) =>
        gumbelSoftmax({ logits: l }, { temperature: 0.5, straightThrough }).rsample(key).at(0),
      )(logits);
    expect(slope(true).toArray()).toEqual(slope(false).toArray());
  });

  test('has a density of integral 1 on two classes', () => {
    const count = 20_000;
    const first = linspace(0.5 / count, 1 - 0.5 / count, count);
    const points = stack([first, first.neg().add(1)], { axis: 1 });
    const density = gumbelSoftmax({ logits: [0.4, -0.3] }, { temperature: 1.3 })
      .logProb(points)
      .exp();
    expect(density.mean().item()).toBeCloseTo(1, 3);
  });

  test('says that relaxed draws have no closed forms', () => {
    expect(() => gumbelSoftmax({ logits }).entropy()).toThrow(
      /gumbelSoftmax.entropy: there is no closed form/,
    );
  });
});

describe('what does not fit', () => {
  test('is named', () => {
    expect(() => normal(0, [1, -1])).toThrow(
      /normal: scale must be positive and finite; it is -1 at element 1 of shape \[2\]/,
    );
    expect(() => gamma(0, 1)).toThrow(/gamma: concentration must be positive/);
    expect(() => bernoulli({ probs: 1.5 })).toThrow(
      /bernoulli: probs must be in \[0, 1\]; it is 1.5/,
    );
    expect(() => normal([1, 2], [1, 2, 3])).toThrow(
      /normal: parameters of shapes \[2\] and \[3\] do not broadcast/,
    );
    expect(() => dirichlet(1)).toThrow(/dirichlet: the concentration is a scalar/);
    expect(() => categorical({ logits: 1 })).toThrow(/categorical: a scalar has no classes/);
    expect(() => categorical({ logits: [1, 2] }).rsample(key)).toThrow(/Use gumbelSoftmax/);
    expect(() => bernoulli({ logits: 1 }).rsample(key)).toThrow(/bernoulli.rsample/);
    expect(() => independent(normal(0, 1), 1)).toThrow(/independent: 1 axes of a normal/);
    expect(() => klDivergence(normal(0, 1), gamma(1, 1))).toThrow(
      /no closed form for \(normal, gamma\); there are \(normal, normal\), .*\(dirichlet, dirichlet\)/,
    );
    const [one, two] = [independent(normal([[0]], 1), 1), independent(normal([[0]], 1), 2)];
    expect(() => klDivergence(one, two)).toThrow(/independent over 1 axes and over 2/);
  });

  test('keeps float32', () => {
    const p = normal(Float32Array.of(0, 1), 2);
    expect(p.rsample(key).dtype).toBe('float32');
    expect(p.logProb([0, 1]).dtype).toBe('float32');
    expect(bernoulli({ logits: Float32Array.of(1) }).logProb([1]).dtype).toBe('float32');
  });

  test('log probabilities of zeros and ones are those of the definition, with slopes at even odds', () => {
    const logits = [-30, -2, -0.1, 0, 0.1, 2, 30];
    for (const x of [0, 0.3, 1]) {
      const expected = logits.map(
        (l) => -x * Math.log1p(Math.exp(-l)) - (1 - x) * Math.log1p(Math.exp(l)),
      );
      expect(allclose(bernoulli({ logits }).logProb(x), expected, { rtol: 1e-14, atol: 0 })).toBe(
        true,
      );
      const log = (l: Tensor): Tensor => bernoulli({ logits: l }).logProb(x);
      // The mean of x less p, and minus the variance.
      expect(grad(log)(0).item()).toBeCloseTo(x - 0.5, 15);
      expect(grad(grad(log))(0).item()).toBeCloseTo(-0.25, 15);
    }
  });

  test('certain outcomes have finite log probabilities', () => {
    expect(
      bernoulli({ probs: [0, 1] })
        .logProb([0, 1])
        .abs()
        .max()
        .item(),
    ).toBe(0);
    expect(
      bernoulli({ probs: [0, 1] })
        .entropy()
        .abs()
        .max()
        .item(),
    ).toBe(0);
    expect(gamma(1, 2).logProb(0).item()).toBeCloseTo(Math.log(2), 14);
  });
});

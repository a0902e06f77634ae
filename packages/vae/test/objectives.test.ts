import { exp, grad, jit, random, type Tensor, tensor, vmap } from '@grad/core';
import { dreg, type ElboOptions, elbo, iwae, normal } from '@grad/vae';
import { describe, expect, test } from 'vitest';

// z ~ N(0, 1), x ~ N(z, 1): log p(x) and the posterior N(x / 2, 1/2) are known.
const x = tensor([-0.5, 2]);
const evidence = [-1.3280121, -2.2655121];
const key = random.key(3);

function model(loc: Tensor, scale: Tensor) {
  return {
    posterior: normal(loc, scale),
    prior: normal(0, 1),
    logLikelihood: (z: Tensor) => normal(z, 1).logProb(x),
  };
}
const posterior = (): [Tensor, Tensor] => [x.div(2), tensor(Math.SQRT1_2)];
const loss = (options: ElboOptions) => (loc: Tensor, scale: Tensor) =>
  elbo(model(loc, scale), options).elbo.sum().neg();

describe('elbo', () => {
  test('has the exact gradients at N(0, 1) in the mean over many draws', () => {
    const start: [Tensor, Tensor] = [tensor([0, 0]), tensor(1)];
    for (const gradient of ['total', 'pathDerivative'] as const) {
      const [loc, scale] = grad(loss({ key, draws: 400_000, gradient }), { argnums: [0, 1] })(
        ...start,
      );
      expect(Math.abs(loc.at(0).item() - 0.5)).toBeLessThan(0.01);
      expect(Math.abs(loc.at(1).item() + 2)).toBeLessThan(0.01);
      expect(Math.abs(scale.item() - 2)).toBeLessThan(0.03);
    }
  });

  test('is the evidence at the posterior, for any draw, and below it elsewhere', () => {
    const at = elbo(model(...posterior()), { key, kl: 'monteCarlo' });
    evidence.forEach((value, i) => {
      expect(at.elbo.at(i).item()).toBeCloseTo(value, 7);
    });
    const off = elbo(model(tensor([0, 0]), tensor(1)), { key, draws: 10_000 });
    evidence.forEach((value, i) => {
      expect(off.elbo.at(i).item()).toBeLessThan(value - 0.1);
    });
  });

  test('has a path derivative of exactly 0 at the posterior for each draw', () => {
    const slopes = (gradient: 'total' | 'pathDerivative', seed: number) =>
      grad(loss({ key: random.key(seed), gradient, kl: 'monteCarlo' }), { argnums: [0, 1] })(
        ...posterior(),
      );
    for (const seed of [0, 1, 2]) {
      const [loc, scale] = slopes('pathDerivative', seed);
      expect(loc.abs().max().item()).toBeLessThan(1e-14);
      expect(scale.abs().item()).toBeLessThan(1e-14);
      expect(slopes('total', seed)[0].abs().max().item()).toBeGreaterThan(0.01);
    }
  });

  test('weighs the divergence by beta', () => {
    const given = model(tensor([0, 1]), tensor(0.7));
    const one = elbo(given, { key });
    const four = elbo(given, { key, beta: 4 });
    expect(one.elbo.sub(four.elbo).sub(one.kl.mul(3)).abs().max().item()).toBeLessThan(1e-14);
  });

  test('compiles and batches', () => {
    const f = loss({ key, draws: 3 });
    const locs = tensor([
      [0, 1],
      [2, -1],
    ]);
    const all = jit(vmap(grad(f), { inAxes: [0, null] }))(locs, tensor(0.8));
    [0, 1].forEach((i) => {
      expect(
        all
          .at(i)
          .sub(grad(f)(locs.at(i), tensor(0.8)))
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-13);
    });
  });

  test('says what does not fit', () => {
    const given = model(tensor([0, 1]), tensor(0.7));
    expect(() => elbo(given, { key, draws: 0 })).toThrow(/draws is 0/);
    expect(() => elbo(given, { key, kl: 'analytic', gradient: 'pathDerivative' })).toThrow(
      /needs \{ kl: 'monteCarlo' \}/,
    );
    expect(() => elbo({ ...given, logLikelihood: (z) => z.sum() }, { key })).toThrow(
      /logLikelihood has shape \[\] for z of shape \[1, 2\]; it must be \[1, 2\]/,
    );
    // @ts-expect-error there is no such gradient
    expect(() => elbo(given, { key, gradient: 'score' })).toThrow(/gradient is 'score'/);
  });
});

describe('iwae', () => {
  test('is the evidence bound with one draw, and rises to the evidence', () => {
    const given = model(tensor([0, 0.5]), tensor(1.2));
    const one = elbo(given, { key, kl: 'monteCarlo' }).elbo;
    expect(iwae(given, { key, draws: 1 }).sub(one).abs().max().item()).toBeLessThan(1e-14);
    const many = iwae(given, { key, draws: 200_000 });
    evidence.forEach((value, i) => {
      expect(Math.abs(many.at(i).item() - value)).toBeLessThan(0.02);
    });
  });

  test('has doubly reparameterized gradients of the same value and mean', () => {
    const bound = (f: typeof iwae | typeof dreg, k: Tensor) => (loc: Tensor) =>
      f(model(loc, exp(tensor([0.1, 0.1]))), { key: k, draws: 4 }).sum();
    const at = tensor([0.3, 0.4]);
    expect(bound(dreg, key)(at).item()).toBeCloseTo(bound(iwae, key)(at).item(), 12);
    const keys = random.keys(key, 20_000);
    const slopes = (f: typeof iwae | typeof dreg) =>
      vmap((k: Tensor) => grad(bound(f, k))(at))(keys);
    const [usual, double] = [slopes(iwae), slopes(dreg)];
    const variance = (g: Tensor) =>
      g
        .sub(g.mean({ axis: 0 }))
        .square()
        .mean({ axis: 0 });
    const gap = usual
      .mean({ axis: 0 })
      .sub(double.mean({ axis: 0 }))
      .abs();
    const error = variance(usual).add(variance(double)).div(20_000).sqrt();
    expect(gap.div(error).max().item()).toBeLessThan(4.5);
    expect(variance(double).div(variance(usual)).max().item()).toBeLessThan(1);
  });
});

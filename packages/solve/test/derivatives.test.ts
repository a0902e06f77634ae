import {
  cos,
  exp,
  grad,
  hvp,
  jit,
  matmul,
  sin,
  stack,
  type Tensor,
  tanh,
  tensor,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { type OdeAdjoint, odeint } from '@grad/solve';
import { describe, expect, test } from 'vitest';
import { lotkaVolterra, rates } from './lotka-volterra.ts';

const adjoints: readonly OdeAdjoint[] = [
  'discrete',
  'checkpointed',
  'backsolve',
  'interpolating',
  'forward',
];
const loss = (
  y0: readonly [Tensor, Tensor],
  p: readonly [Tensor, Tensor, Tensor, Tensor],
  adjoint: OdeAdjoint,
): Tensor => {
  const options = { args: p, rtol: 1e-11, atol: 1e-11, maxSteps: 3000, adjoint } as const;
  const { ys } = odeint(lotkaVolterra, y0, [0, 10], options);
  const [u, v] = ys;
  return u.at(-1).sub(1).square().add(v.at(-1).sub(1).square()).mul(0.5);
};

describe.each(adjoints)('the adjoint %s', (adjoint) => {
  test('gives the published derivatives of predators and prey', () => {
    const gradient = grad(
      (y0: readonly [Tensor, Tensor], p: readonly [Tensor, Tensor, Tensor, Tensor]) =>
        loss(y0, p, adjoint),
      { argnums: [0, 1] },
    );
    const [inStart, inRates] = jit(gradient)([1, 1], rates);
    const found = [...inStart, ...inRates].map((x) => x.item());
    const known = [
      0.299599508304, -0.014151816345, 0.621961585551, 0.068001404151, 0.169176463996,
      0.27256069395,
    ];
    for (const [i, value] of known.entries()) {
      expect(Math.abs((found[i] ?? 0) - value)).toBeLessThan(1e-9);
    }
  });

  test('gives derivatives in times, and in what f closes over', () => {
    const ts = tensor([0.3, 1, 1.7, 2.5]);
    const f = (times: Tensor, factor: Tensor): Tensor => {
      const options = { rtol: 1e-10, atol: 1e-12, adjoint, maxSteps: 300 };
      const solved = odeint((y: Tensor, t: Tensor) => y.mul(cos(t)).mul(factor), 1, times, options);
      return solved.ys.square().sum();
    };
    const exact = (times: Tensor, factor: Tensor): Tensor =>
      exp(
        sin(times)
          .sub(sin(times.at(0)))
          .mul(factor)
          .mul(2),
      ).sum();
    const [inTimes, inFactor] = grad(f, { argnums: [0, 1] })(ts, 0.8);
    const [wantTimes, wantFactor] = grad(exact, { argnums: [0, 1] })(ts, 0.8);
    expect(inTimes.sub(wantTimes).abs().max().item()).toBeLessThan(1e-7);
    expect(Math.abs(inFactor.item() - wantFactor.item())).toBeLessThan(1e-8);
  });

  test('goes on under vmap and hvp', () => {
    const f = (a: Tensor): Tensor =>
      odeint((y: Tensor, t: Tensor) => y.mul(cos(t)).mul(a), a, [0, 2], {
        rtol: 1e-10,
        atol: 1e-12,
        adjoint,
        maxSteps: 300,
      }).ys.at(-1);
    const exact = (a: Tensor): Tensor => exp(a.mul(Math.sin(2))).mul(a);
    const as = tensor([0.5, 1, 2]);
    const apart = (x: Tensor, y: Tensor): number => x.sub(y).abs().max().item();
    expect(apart(vmap(grad(f))(as), vmap(grad(exact))(as))).toBeLessThan(1e-7);
    expect(apart(hvp(f, 1.2, 1), hvp(exact, 1.2, 1))).toBeLessThan(1e-7);
  });
});

test('each entry of a batch has its own steps', () => {
  const f = (w: Tensor) => odeint((y: Tensor, t: Tensor) => cos(t.mul(w)).mul(y), 1, [0, 3]);
  const { steps } = vmap((w: Tensor) => ({ steps: f(w).stats.steps }))(tensor([1, 20]));
  expect([...steps.dataSync()]).toEqual([1, 20].map((w) => f(tensor(w)).stats.steps.item()));
  expect(steps.at(1).item()).toBeGreaterThan(2 * steps.at(0).item());
});

test.each(['tsit5', 'dopri8', 'rodas5p', 'rk4'] as const)(
  'derivatives of a small network under %s agree with differences',
  (method) => {
    const weights = tensor([
      [0.4, -1.2, 0.3],
      [0.8, 0.1, -0.5],
      [-0.3, 0.9, 0.2],
    ]);
    const f = (w: Tensor, y0: Tensor): Tensor => {
      const adaptive = method === 'rk4' ? { stepSize: 0.1 } : { rtol: 1e-10, atol: 1e-10 };
      const options = { method, args: w, ...adaptive };
      return odeint((y: Tensor, t, w) => tanh(matmul(w, y).add(t)), y0, [0, 0.4, 1], options)
        .ys.square()
        .sum();
    };
    checkGrads(f, [weights, tensor([1, -1, 0.5])], { order: method === 'rk4' ? 2 : 1 });
  },
);

test('a linear flow changes its log-density by -tr(A) T', () => {
  const A = tensor([
    [0.3, 1],
    [-2, 0.5],
  ]);
  const { ys } = odeint(
    ({ z }) => {
      const slope = (x: Tensor): Tensor => matmul(A, x);
      const trace = [0, 1].map((i) => {
        const unit = tensor([Number(i === 0), Number(i === 1)]);
        return slope(unit).at(i);
      });
      return { z: slope(z), logDensity: stack(trace).sum().neg() };
    },
    { z: tensor([1, 2]), logDensity: 0 },
    [0, 1.7],
  );
  expect(ys.logDensity.at(-1).item()).toBeCloseTo(-0.8 * 1.7, 14);
});

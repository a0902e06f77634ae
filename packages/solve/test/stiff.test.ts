import type { Tensor } from '@grad/core';
import { odeint } from '@grad/solve';
import { describe, expect, test } from 'vitest';

type Three = readonly [Tensor, Tensor, Tensor];
const robertson = ([a, b, c]: Three): [Tensor, Tensor, Tensor] => {
  const [slow, fast] = [a.mul(-0.04).add(b.mul(c).mul(1e4)), b.square().mul(3e7)];
  return [slow, slow.add(fast).neg(), fast];
};
const vanDerPol = ([y, v]: readonly [Tensor, Tensor]): [Tensor, Tensor] => [
  v,
  y.square().neg().add(1).mul(v).sub(y).mul(1e6),
];

describe('rodas5p', () => {
  test("follows Robertson's reaction to 1e11, to the digits of Hairer and Wanner", () => {
    const { ys, status, stats } = odeint(robertson, [1, 0, 0], [0, 1e11], {
      method: 'rodas5p',
      rtol: 1e-8,
      atol: 1e-16,
    });
    const [a, b, c] = ys.map((y) => y.at(-1).item());
    expect(status).toBe('success');
    expect(Math.abs((a ?? 0) / 0.2083340149701255e-7 - 1)).toBeLessThan(1e-6);
    expect(Math.abs((b ?? 0) / 0.8333360770334713e-13 - 1)).toBeLessThan(1e-6);
    expect(c).toBeCloseTo(0.999999979166505, 11);
    expect(stats.steps.item()).toBeLessThan(1500);
  });

  test("follows van der Pol's oscillator round its corners", () => {
    const { ys } = odeint(vanDerPol, [2, 0], [0, 2], { method: 'rodas5p', rtol: 1e-9, atol: 1e-9 });
    const [y, v] = ys.map((x) => x.at(-1).item());
    expect(Math.abs((y ?? 0) - 1.70616773)).toBeLessThan(2e-8);
    expect(Math.abs((v ?? 0) + 0.8928097)).toBeLessThan(2e-7);
  });
});

test.each(['tsit5', 'dopri5', 'dopri8'] as const)('%s says that a problem is stiff', (method) => {
  const options = { method, maxSteps: 5000 };
  const { status, message, ys } = odeint(vanDerPol, [2, 0], [0, 2], options);
  expect(status).toBe('stiff');
  expect(message).toMatch(new RegExp(`After 5000 steps, ${method} stands .*Use method: 'rodas5p'`));
  expect(ys[0].at(1).item()).toBeNaN();
  expect(odeint(robertson, [1, 0, 0], [0, 1e11], options).status).toBe('stiff');
});

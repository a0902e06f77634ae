import { exp, random, type Tensor, tensor, vmap } from '@grad/core';
import { odeint } from '@grad/solve';
import { elbo, independent, normal } from '@grad/vae';
import type { Composition } from '../composition.ts';

const times = [0, 0.5, 1, 2];
const seen = tensor([1, 0.72, 0.55, 0.28]);

/** Concentrations for the logarithms of two rates: y' = -a y / (1 + b y). */
const react = (logRates: Tensor): Tensor => {
  const [a, b] = [exp(logRates.at(0)), exp(logRates.at(1))];
  return odeint((y: Tensor) => y.mul(a).neg().div(y.mul(b).add(1)), 1, times, {
    rtol: 1e-10,
    atol: 1e-10,
  }).ys;
};

/** Of one draw of the logarithms of rates: measurements have errors of 0.05. */
const logLikelihood = (logRates: Tensor): Tensor =>
  normal(react(logRates), 0.05).logProb(seen).sum();

/** Bayesian inference of reaction rates: a normal posterior of two rates, three draws of it. */
export const boundOverADifferentialEquation: Composition = {
  name: 'bound-over-a-differential-equation',
  title: "An evidence bound over a differential equation's rates",
  packages: ['vae', 'solve'],
  variable: 'means and logarithms of scales of the posterior',
  f: (at) => {
    const posterior = independent(normal(at.at([0, 2]), exp(at.at([2, 4]))), 1);
    const prior = independent(normal([0, 0], 1), 1);
    const model = { posterior, prior, logLikelihood: vmap(logLikelihood) };
    return elbo(model, { key: random.key(9), draws: 3 }).elbo.neg();
  },
  x: tensor([-0.2, 0.1, -1.5, -1.2]),
};

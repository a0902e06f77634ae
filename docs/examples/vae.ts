import { grad, random, type Tensor, tensor } from '@grad/core';
import { elbo, gamma, klDivergence, normal } from '@grad/vae';

// A draw is a function of the parameters: its derivative in the mean of a normal is 1.
const key = random.key(0);
console.log(grad((loc: Tensor) => normal(loc, 2).rsample(key))(tensor(0.5)).item()); // → 1

// How far from the prior, in closed form.
console.log(klDivergence(gamma(2, 1), gamma(3, 2)).item().toFixed(6)); // → 0.190921

// z ~ N(0, 1) and x ~ N(z, 1), seen at 2. At the posterior, N(1, 1/2), the bound is log p(x).
const model = (loc: Tensor) => ({
  posterior: normal(loc, Math.SQRT1_2),
  prior: normal(0, 1),
  logLikelihood: (z: Tensor) => normal(z, 1).logProb(2),
});
const bound = (loc: Tensor): Tensor => elbo(model(loc), { key, gradient: 'pathDerivative' }).elbo;
console.log(bound(tensor(1)).item().toFixed(6)); // → -2.265512
console.log(Math.abs(grad(bound)(tensor(1)).item()) < 1e-14); // → true

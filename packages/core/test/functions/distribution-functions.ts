// Distribution functions and statistics in plain JavaScript, for the tests of random numbers.

import type { Tensor } from '@grad/core';

/** log gamma(x) for x > 0. Lanczos, SIAM Journal on Numerical Analysis 1 (1964) 86-96. */
function logGamma(x: number): number {
  const c = [76.18009172947146, -86.5053203294168, 24.01409824083091, -1.231739572450155];
  const more = [0.001208650973866179, -0.5395239384953e-5];
  const series = [...c, ...more].reduce((sum, t, i) => sum + t / (x + i + 1), 1.000000000190015);
  const t = x + 5.5;
  return (x + 0.5) * Math.log(t) - t + Math.log((2.506628274631 * series) / x);
}

export function normalCdf(x: number): number {
  // Marsaglia, Evaluating the normal distribution, Journal of Statistical Software 11 (2004).
  if (Math.abs(x) > 7) return x > 0 ? 1 : 0;
  let sum = x;
  let term = x;
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x - 0.9189385332046728);
}

export function gammaCdf(a: number, x: number): number {
  if (x > a + 40 * Math.sqrt(a) + 40) return 1;
  let sum = 1;
  let term = 1;
  for (let i = 1; term > 1e-17 * sum; i++) {
    term *= x / (a + i);
    sum += term;
  }
  return sum * Math.exp(a * Math.log(x) - x - logGamma(a + 1));
}

export function betaCdf(a: number, b: number, x: number): number {
  if (x > 0.5) return 1 - betaCdf(b, a, 1 - x);
  if (x === 0) return 0;
  let sum = 1;
  let term = 1;
  for (let i = 0; term > 1e-17 * sum; i++) {
    term *= (x * (a + b + i)) / (a + 1 + i);
    sum += term;
  }
  const logarithm = logGamma(a + b) - logGamma(a + 1) - logGamma(b);
  return sum * Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logarithm);
}

/** Kolmogorov-Smirnov distance times the root of the size: above 1.95 once in 1000. */
export function distance(sample: Tensor, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(sample.dataSync()).sort();
  let worst = 0;
  sorted.forEach((x, i) => {
    const f = cdf(x);
    worst = Math.max(worst, Math.abs(f - i / sorted.length), Math.abs(f - (i + 1) / sorted.length));
  });
  return worst * Math.sqrt(sorted.length);
}

/** How many standard errors the mean of f(x) is from its expectation, given that of its square. */
export function offBy(sample: Tensor, mean: number, variance: number): number {
  const x = sample.astype('float64');
  return Math.abs(x.mean().item() - mean) / Math.sqrt(variance / x.size);
}

/** Pearson's statistic of counts. */
export function chiSquared(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, k, i) => sum + (k - (expected[i] ?? 0)) ** 2 / (expected[i] ?? 1), 0);
}

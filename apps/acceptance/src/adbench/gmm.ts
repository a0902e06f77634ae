import {
  concatenate,
  einsum,
  exp,
  jit,
  lgamma,
  logsumexp,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '@grad/core';
import type { DataFolder } from '../data-folder.ts';
import { numbersOf } from './numbers.ts';

/** ADBench's own value of pi. */
const PI = Math.PI;

export interface Mixture {
  readonly d: number;
  readonly k: number;
  readonly n: number;
  readonly alphas: number[];
  readonly means: number[][];
  /** Logarithms of the diagonal, then the strict lower part by columns. */
  readonly icf: number[][];
  readonly x: number[][];
  readonly gamma: number;
  readonly m: number;
}

/** Reads a file; `test.txt` and the large ones have a point for each of n lines. */
export function readMixture(data: DataFolder, name: string): Mixture {
  const file = numbersOf(data, `gmm/${name}.txt`);
  const [d, k, n] = [file.next(), file.next(), file.next()];
  return {
    d,
    k,
    n,
    alphas: file.take(k),
    means: file.rows(k, d),
    icf: file.rows(k, (d * (d + 1)) / 2),
    x: file.rows(n, d),
    gamma: file.next(),
    m: file.next(),
  };
}

/** Place of element (i, j), i > j, in the strict lower part by columns. */
const lower = (d: number, i: number, j: number): number =>
  j * (d - 1) - (j * (j - 1)) / 2 + i - j - 1;

type Parameters = readonly [alphas: Tensor, means: Tensor, icf: Tensor];

/** The objective, and its gradient over (alphas, means, icf), by @grad. */
export function mixtureGradient(mixture: Mixture): { value: number; gradient: number[] } {
  const { d, k, n, x, gamma, m } = mixture;
  const places = Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => (i < j ? 0 : i === j ? 1 + i : 1 + d + lower(d, i, j))),
  );
  const at = tensor(places, { dtype: 'int32' });
  const points = tensor(x);
  const freedom = d + m + 1;
  const shifts = tensor(Array.from({ length: d }, (_, j) => freedom / 2 - j / 2));
  const objective = ([alphas, means, icf]: Parameters): Tensor => {
    const q = icf.at(null, [0, d]);
    const l = icf.at(null, [d, icf.shape[1] ?? 0]);
    const Q = concatenate([zeros([k, 1]), exp(q), l], { axis: 1 }).take(at, { axis: 1 });
    const scaled = einsum('kij,nj->nki', Q, points).sub(einsum('kij,kj->ki', Q, means));
    const sums = q.sum({ axis: 1 });
    const main = alphas.add(sums).sub(scaled.square().sum({ axis: 2 }).mul(0.5));
    const likelihood = logsumexp(main, { axis: 1 }).sum().sub(logsumexp(alphas).mul(n));
    const squares = exp(q).square().sum().add(l.square().sum());
    const logMultiGamma = lgamma(shifts)
      .sum()
      .add((d * (d - 1) * Math.log(PI)) / 4);
    const constant = logMultiGamma
      .neg()
      .add(freedom * d * (Math.log(gamma) - Math.log(2) / 2))
      .mul(k);
    return likelihood
      .sub((n * d * Math.log(2 * PI)) / 2)
      .add(squares.mul((gamma * gamma) / 2))
      .sub(sums.sum().mul(m))
      .sub(constant);
  };
  const parameters: Parameters = [
    tensor(mixture.alphas),
    tensor(mixture.means),
    tensor(mixture.icf),
  ];
  const [value, slopes] = jit(valueAndGrad(objective))(parameters);
  return {
    value: value.item(),
    gradient: slopes.flatMap((slope) => Array.from(slope.dataSync(), Number)),
  };
}

/** The gradient derived by hand, in plain numbers. */
export function mixtureGradientByHand(mixture: Mixture): number[] {
  const { d, k, n, alphas, means, icf, x, gamma, m } = mixture;
  const byAlpha = new Float64Array(k);
  const byMean = means.map(() => new Float64Array(d));
  const byIcf = icf.map((row) => new Float64Array(row.length));
  const element = (row: readonly number[], i: number, j: number): number =>
    i === j ? Math.exp(row[i] ?? 0) : (row[d + lower(d, i, j)] ?? 0);
  const Q = icf.map((row) =>
    Array.from({ length: d }, (_, i) =>
      Array.from({ length: i + 1 }, (_, j) => element(row, i, j)),
    ),
  );
  const sums = icf.map((row) => row.slice(0, d).reduce((a, b) => a + b, 0));
  for (const point of x) {
    const offsets = means.map((mean) => mean.map((mu, j) => (point[j] ?? 0) - mu));
    const scaled = Q.map((rows, c) =>
      rows.map((row) => row.reduce((s, q, j) => s + q * (offsets[c]?.[j] ?? 0), 0)),
    );
    const main = scaled.map(
      (y, c) => (alphas[c] ?? 0) + (sums[c] ?? 0) - 0.5 * y.reduce((s, v) => s + v * v, 0),
    );
    const top = Math.max(...main);
    const total = main.reduce((s, v) => s + Math.exp(v - top), 0);
    main.forEach((v, c) => {
      const weight = Math.exp(v - top) / total;
      byAlpha[c] = (byAlpha[c] ?? 0) + weight;
      const [mean, factor, rows] = [byMean[c], byIcf[c], Q[c] ?? []];
      if (!mean || !factor) return;
      for (let i = 0; i < d; i++) {
        const y = scaled[c]?.[i] ?? 0;
        factor[i] = (factor[i] ?? 0) + weight;
        for (let j = 0; j <= i; j++) {
          const q = rows[i]?.[j] ?? 0;
          mean[j] = (mean[j] ?? 0) + weight * y * q;
          const place = i === j ? i : d + lower(d, i, j);
          const inner = i === j ? q : 1;
          factor[place] = (factor[place] ?? 0) - weight * y * (offsets[c]?.[j] ?? 0) * inner;
        }
      }
    });
  }
  const top = Math.max(...alphas);
  const total = alphas.reduce((s, v) => s + Math.exp(v - top), 0);
  alphas.forEach((alpha, c) => {
    byAlpha[c] = (byAlpha[c] ?? 0) - (n * Math.exp(alpha - top)) / total;
    icf[c]?.forEach((value, place) => {
      const slope = place < d ? gamma * gamma * Math.exp(2 * value) - m : gamma * gamma * value;
      const row = byIcf[c];
      if (row) row[place] = (row[place] ?? 0) + slope;
    });
  });
  return [...byAlpha, ...byMean.flatMap((row) => [...row]), ...byIcf.flatMap((row) => [...row])];
}

import { gammainc, grad, jvp, random, type Tensor, tensor } from '@grad/core';
import { lbfgs } from '@grad/optim';
import type { Row } from '@grad/tour';
import {
  bernoulli,
  beta,
  categorical,
  type Distribution,
  dirichlet,
  elbo,
  gamma,
  independent,
  klDivergence,
  type LinearVaeParams,
  linearVaeElbo,
  normal,
  ppca,
} from '@grad/vae';
import type { DataFolder } from '../data-folder.ts';
import { digits } from '../digits.ts';
import type { Area } from '../line.ts';
import { atMostRow, nearRow, printedRow } from '../rows.ts';
import { mnistRows } from './vae-mnist.ts';

const key = random.key(3);
const x = tensor([-0.5, 2]);
const model = (loc: Tensor, scale: Tensor) => ({
  posterior: normal(loc, scale),
  prior: normal(0, 1),
  logLikelihood: (z: Tensor) => normal(z, 1).logProb(x),
});

export const vae: Area = {
  name: 'vae',
  lines: [
    {
      name: 'elbo-gradients',
      asks: '-ELBO gradients for z ~ N(0,1), x ~ N(z,1), x = (-.5, 2), q = N(0,1): loc (.5, -2), scale 2; log p(x) = (-1.3280121, -2.2655121), and ELBO = log p at the posterior.',
      run: elboRows,
    },
    {
      name: 'kl',
      asks: 'KL(p||q) analytic = Monte Carlo for every registered pair (within five standard errors of 200,000 draws).',
      run: () => Object.entries(pairs()).map(([name, [p, q]]) => klRow(name, p, q)),
    },
    {
      name: 'sticking-the-landing',
      asks: 'The path-derivative gradient is exactly 0 per sample at q = p.',
      run: () =>
        [0, 1, 2].map((seed) => {
          const loss = (loc: Tensor, scale: Tensor): Tensor =>
            elbo(model(loc, scale), {
              key: random.key(seed),
              gradient: 'pathDerivative',
              kl: 'monteCarlo',
            }).elbo.sum();
          const slopes = grad(loss, { argnums: [0, 1] })(x.div(2), tensor(Math.SQRT1_2));
          return atMostRow(
            `draw ${seed}: largest derivative`,
            Math.max(...slopes.map((slope) => slope.abs().max().item())),
            1e-14,
          );
        }),
    },
    {
      name: 'implicit-gamma',
      asks: 'Implicit Gamma dz/dalpha at the median: alpha .5 .85836744, 1 .96804483, 2 .99329489, 5 .99909303.',
      run: () =>
        [
          ['.5', '.85836744'],
          ['1', '.96804483'],
          ['2', '.99329489'],
          ['5', '.99909303'],
        ].map(([alpha, digits = '']) =>
          printedRow(`alpha = ${alpha}`, slopeAtMedian(Number(alpha)), digits),
        ),
    },
    {
      name: 'linear-vae',
      asks: 'A linear VAE on digits reaches the probabilistic-PCA optimum (nats per row, train/test): q = 2 -.13527/-.65229.',
      needsData: true,
      run: ({ data }) => linearRows(data),
    },
    {
      name: 'mnist',
      asks: 'MNIST, dynamic binarisation, one stochastic layer of 50: the NLL heads for 86.76; what a 10-minute run reaches and images per second.',
      needsData: true,
      run: mnistRows,
    },
  ],
};

function elboRows(): Row[] {
  const loss = (loc: Tensor, scale: Tensor): Tensor =>
    elbo(model(loc, scale), { key, draws: 1_000_000 }).elbo.sum().neg();
  const [loc, scale] = grad(loss, { argnums: [0, 1] })(tensor([0, 0]), tensor(1));
  const at = elbo(model(x.div(2), tensor(Math.SQRT1_2)), { key, kl: 'monteCarlo' }).elbo;
  // The gradients are means over draws: their standard errors are about .001 and .003.
  return [
    nearRow('-ELBO in loc, first (10^6 draws)', loc.at(0).item(), 0.5, 0.005),
    nearRow('-ELBO in loc, second', loc.at(1).item(), -2, 0.005),
    nearRow('-ELBO in scale', scale.item(), 2, 0.02),
    printedRow('ELBO at the posterior, x = -.5', at.at(0).item(), '-1.3280121'),
    printedRow('ELBO at the posterior, x = 2', at.at(1).item(), '-2.2655121'),
  ];
}

function pairs(): Readonly<Record<string, readonly [Distribution, Distribution]>> {
  return {
    normal: [normal(0.3, 1.2), normal(-0.5, 0.8)],
    bernoulli: [bernoulli({ probs: 0.3 }), bernoulli({ probs: 0.6 })],
    gamma: [gamma(2, 1.5), gamma(1.2, 0.7)],
    beta: [beta(2, 3), beta(1.5, 1.2)],
    dirichlet: [dirichlet([1.2, 2, 3]), dirichlet([1, 1.5, 2])],
    categorical: [categorical({ probs: [0.2, 0.3, 0.5] }), categorical({ logits: [0, 1, -1] })],
    'independent normal': [independent(normal([0, 1], 0.5), 1), independent(normal([1, 1], 1), 1)],
  };
}

function klRow(name: string, p: Distribution, q: Distribution): Row {
  const draws = p.sample(random.key(1), [200_000]);
  const gaps = p.logProb(draws).sub(q.logProb(draws));
  const mean = gaps.mean();
  const error = gaps.sub(mean).square().mean().div(200_000).sqrt().item();
  return nearRow(name, klDivergence(p, q).item(), mean.item(), 5 * error);
}

/** dz/dalpha of the gamma draw whose distribution function is 1/2, between the two draws about it. */
function slopeAtMedian(alpha: number): number {
  const draw = (a: Tensor): Tensor => gamma(a, 1).rsample(key, [200_000]);
  const [z, slope] = jvp(draw, [tensor(alpha)], [tensor(1)]);
  const off = Array.from(gammainc(alpha, z).sub(0.5).dataSync(), Number);
  const slopes = Array.from(slope.dataSync(), Number);
  const nearest = (sign: number): number =>
    off.reduce(
      (best, value, i) =>
        Math.sign(value) === sign && Math.abs(value) < Math.abs(off[best] ?? 1) ? i : best,
      -1,
    );
  const [a, b] = [nearest(-1), nearest(1)];
  const [u = 0, v = 0] = [off[a], off[b]];
  return ((slopes[a] ?? Number.NaN) * v - (slopes[b] ?? Number.NaN) * u) / (v - u);
}

async function linearRows(data: DataFolder): Promise<Row[]> {
  const [train, held] = [(await digits(data, 'tra')).x, (await digits(data, 'tes')).x];
  const [first, second] = random.split(random.key(0));
  const start: LinearVaeParams = {
    weight: random.normal(first, [64, 2]).mul(0.1),
    encoder: random.normal(second, [64, 2]).mul(0.1),
    mean: tensor(new Float64Array(64)),
    logScale: tensor(-1),
    encoderLogScale: tensor([0, 0]),
  };
  const { x: found, value } = await lbfgs(
    (p: LinearVaeParams) => linearVaeElbo(p, train).mean().neg(),
    start,
    { gradientTolerance: 1e-7, maxIterations: 5000 },
  );
  const best = ppca(train, 2);
  return [
    printedRow('linear VAE, train', -value, '-.13527'),
    printedRow('linear VAE, test', linearVaeElbo(found, held).mean().item(), '-.65229'),
    printedRow('probabilistic PCA, train', best.logProb(train).mean().item(), '-.13527'),
    printedRow('probabilistic PCA, test', best.logProb(held).mean().item(), '-.65229'),
  ];
}

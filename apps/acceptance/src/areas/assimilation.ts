import {
  adjointTest,
  fourDVar,
  lorenz63,
  lorenz96,
  tangentLinearTest,
  trajectory,
} from '@grad/assimilation';
import { linalg, matmul, type Tensor, tensor } from '@grad/core';
import type { Row } from '@grad/tour';
import type { Area } from '../line.ts';
import { atMostRow, holdsRow, nearRow, plainRow, printedRow } from '../rows.ts';
import { longWindowRows, twinRows } from './assimilation-large.ts';

export const assimilation: Area = {
  name: 'assimilation',
  lines: [
    {
      name: 'lorenz63',
      asks: 'Lorenz-63 4D-Var: the truth after 10 steps, J(xb) = 73.932939578145 with its gradient, minimum 6.882955684150.',
      run: lorenzRows,
    },
    {
      name: 'adjoint',
      asks: 'Adjoint dot test to 1e-13; tangent-linear test to 1e-7.',
      run() {
        const runs = {
          'Lorenz-63, 100 steps': [
            (x: Tensor) => trajectory(lorenz63(), x, 100),
            [1.509, -1.531, 25.46],
          ],
          'Lorenz-96, 20 steps': [
            (x: Tensor) => trajectory(lorenz96(), x, 20),
            Array.from({ length: 40 }, (_, i) => 8 + 3 * Math.sin(i)),
          ],
        } as const;
        return Object.entries(runs).flatMap(([name, [run, state]]) => {
          const worst = (f: (seed: number) => number): number =>
            Math.max(...[0, 1, 2, 3, 4].map(f));
          return [
            atMostRow(
              `${name}: adjoint, worst of 5 directions`,
              worst((seed) => adjointTest(run, state, { seed }).error),
              1e-13,
            ),
            atMostRow(
              `${name}: tangent linear, worst of 5 directions`,
              worst((seed) => tangentLinearTest(run, state, { seed }).error),
              1e-7,
            ),
          ];
        });
      },
    },
    {
      name: 'linear-model',
      asks: 'The analysis of a linear model equals the Kalman smoother.',
      run: linearRows,
    },
    {
      name: 'linear-gauss-newton',
      asks: 'A linear model takes one Gauss-Newton step.',
      run: gaussNewtonRows,
    },
    {
      name: 'twin-lorenz96',
      asks: 'Twin experiments on Lorenz-96, analysis RMSE: climatology 3.6 (+-.1), OI .95, 3D-Var .41, ETKF N=24 with inflation 1.013 .18 (+-.02).',
      run: twinRows,
    },
    {
      name: 'long-window',
      asks: 'A window of 10^5 steps on 10^4 variables in bounded memory (checkpointed), with progress shown.',
      run: longWindowRows,
    },
  ],
};

async function lorenzRows(): Promise<Row[]> {
  const model = lorenz63({ sigma: 10, rho: 28, beta: 8 / 3, dt: 0.01 });
  const truth = trajectory(model, [1.509, -1.531, 25.46], 100);
  const observations = Array.from({ length: 10 }, (_, k) => {
    const m = k + 1;
    const errors = [0, 1, 2].map((i) => Math.SQRT2 * Math.sin(12.9898 * (3 * m + i + 1)));
    return { step: 10 * m, value: truth.at(10 * m).add(errors) };
  });
  const background = [2.509, -2.531, 25.96];
  const problem = fourDVar({ model, background, B: 1, R: 2, observations });
  const rows = (what: string, values: Tensor, known: readonly string[]): Row[] =>
    known.map((digits, i) => printedRow(`${what}, ${'xyz'[i]}`, values.at(i).item(), digits));
  const { cost, status, iterations } = await problem.minimize();
  return [
    ...rows('truth after 10 steps', truth.at(10), [
      '-.26446683949',
      '-1.228215545076',
      '19.448737841005',
    ]),
    printedRow('J(xb)', problem.cost(background).item(), '73.932939578145'),
    ...rows('gradient at xb', problem.gradient(background), [
      '-74.032867537327',
      '-188.105852150267',
      '-3.101943245485',
    ]),
    printedRow('minimum', cost, '6.882955684150'),
    holdsRow('converged', status === 'converged'),
    plainRow('iterations', iterations),
  ];
}

/** A damped rotation of which two mixtures of three components are seen at three times. */
function linearProblem() {
  const M = tensor([
    [0.9, 0.3, 0],
    [-0.3, 0.9, 0.1],
    [0, -0.2, 0.95],
  ]);
  const H = tensor([
    [1, 0.5, 0],
    [0, 1, -1],
  ]);
  const B = [
    [2, 0.5, 0.1],
    [0.5, 1, 0.3],
    [0.1, 0.3, 1.5],
  ];
  const R = [
    [0.4, 0.1],
    [0.1, 0.3],
  ];
  const background = [1, -2, 0.5];
  const observations = [
    { step: 0, value: [0.3, -2.2] },
    { step: 3, value: [-1.1, 0.4] },
    { step: 4, value: [0.2, 0.9] },
  ];
  const problem = fourDVar({
    model: (x) => matmul(M, x),
    observe: (x) => matmul(H, x),
    background,
    B,
    R,
    observations,
  });
  const smoothed = kalmanSmoother({ M, H, B: tensor(B), R: tensor(R), background, observations });
  return { problem, smoothed };
}

async function linearRows(): Promise<Row[]> {
  const { problem, smoothed } = linearProblem();
  const { analysis } = await problem.minimize({ gradientTolerance: 1e-12 });
  const off = analysis.sub(smoothed).abs().max().item();
  return [atMostRow('analysis against the Kalman smoother', off, 1e-11)];
}

async function gaussNewtonRows(): Promise<Row[]> {
  const { problem, smoothed } = linearProblem();
  const { analysis, iterations, status } = await problem.minimize({ method: 'gaussNewton' });
  return [
    holdsRow('converged', status === 'converged'),
    nearRow('steps', iterations, 1, 0),
    atMostRow(
      'analysis against the Kalman smoother',
      analysis.sub(smoothed).abs().max().item(),
      1e-11,
    ),
  ];
}

/** The state at step 0 by a filter forwards and the smoother of Rauch, Tung and Striebel backwards. */
function kalmanSmoother({
  M,
  H,
  B,
  R,
  background,
  observations,
}: {
  M: Tensor;
  H: Tensor;
  B: Tensor;
  R: Tensor;
  background: readonly number[];
  observations: readonly { step: number; value: readonly number[] }[];
}): Tensor {
  let [x, P] = [tensor(background), B];
  const filtered: { x: Tensor; P: Tensor }[] = [];
  const last = observations.at(-1)?.step ?? 0;
  for (let step = 0; step <= last; step++) {
    const seen = observations.find((observation) => observation.step === step);
    if (seen) {
      const S = matmul(matmul(H, P), H.transpose()).add(R);
      const K = linalg.solve(S, matmul(H, P)).transpose();
      x = x.add(matmul(K, tensor(seen.value).sub(matmul(H, x))));
      P = P.sub(matmul(matmul(K, H), P));
    }
    filtered.push({ x, P });
    [x, P] = [matmul(M, x), matmul(matmul(M, P), M.transpose())];
  }
  let smooth = filtered.at(-1)?.x ?? x;
  for (const { x: at, P: covariance } of filtered.slice(0, -1).reverse()) {
    const predicted = matmul(matmul(M, covariance), M.transpose());
    const gain = linalg.solve(predicted, matmul(M, covariance)).transpose();
    smooth = at.add(matmul(gain, smooth.sub(matmul(M, at))));
  }
  return smooth;
}

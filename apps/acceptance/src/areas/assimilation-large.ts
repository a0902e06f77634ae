import {
  enkf,
  fourDVar,
  lorenz96,
  optimalInterpolation,
  trajectory,
  twinExperiment,
} from '@grad/assimilation';
import { grad, jit, matmul, random, scan, type Tensor, tensor } from '@grad/core';
import type { Row } from '@grad/tour';
import type { LineContext } from '../line.ts';
import { atMostRow, holdsRow, nearRow, plainRow } from '../rows.ts';

/**
 * The twin experiment of P. Sakov and P. Oke, Tellus 60A (2008) 361: everything is observed at each step with errors
 * of variance 1; errors of analyses are root mean squares, averaged over 1000 cycles after 400.
 */
export async function twinRows(): Promise<Row[]> {
  const n = 40;
  const [burnIn, cycles] = [400, 1000];
  const model = lorenz96({ forcing: 8, dt: 0.05 });
  const start = Array.from({ length: n }, (_, i) => (i === 0 ? 8.01 : 8));
  const free = trajectory(model, start, 20_500).at([501, 20_501]);
  const climate = free.mean({ axis: 0 });
  const deviations = free.sub(climate);
  const C = matmul(deviations.transpose(), deviations).div(19_999);
  const steps = Array.from({ length: burnIn + cycles }, (_, i) => i + 1);
  const twin = twinExperiment({ model, truth: free.at(-1), B: 0.001, R: 1, steps });
  const { background, observations } = twin;
  const truth = twin.trajectory.at([1, steps.length + 1]);
  const values = tensor(observations.map(({ value }) => tensor(value).toArray()));
  const rmse = (analyses: Tensor): number => {
    const squares = analyses
      .sub(truth)
      .at([burnIn, burnIn + cycles])
      .square();
    return squares.mean({ axis: 1 }).sqrt().mean().item();
  };
  const fromClimate = optimalInterpolation({ B: C, R: 1 });
  const each = jit(
    (ys: Tensor) => scan((c: Tensor, y: Tensor) => [c, fromClimate.analyze(climate, y)], 0, ys)[1],
  );
  const { analyze } = optimalInterpolation({ B: C.mul(0.02), R: 1 });
  const cycled = jit(
    (ys: Tensor) =>
      scan(
        (state: Tensor, y: Tensor) => {
          const analysis = analyze(model(state), y);
          return [analysis, analysis];
        },
        background,
        ys,
      )[1],
  );
  const noise = random.normal(random.key(1), [24, n]).mul(Math.sqrt(0.001));
  const run = await enkf({ model, R: 1, inflation: 1.013, rotate: true }).run({
    ensemble: background.add(noise),
    observations,
  });
  return [
    nearRow('climatology', rmse(climate.add(truth.mul(0))), 3.6, 0.1),
    nearRow('optimal interpolation', rmse(each(values)), 0.95, 0.02),
    nearRow('3D-Var', rmse(cycled(values)), 0.41, 0.02),
    holdsRow('the ensemble filter came to its end', run.status === 'completed'),
    nearRow('ETKF, 24 members', rmse(run.analyses), 0.18, 0.02),
  ];
}

/** Stored, 10^5 states of 10^4 float64 would be 8 GB, and what their derivatives need some 80 GB. */
export async function longWindowRows({ show }: LineContext): Promise<Row[]> {
  const [n, length] = [10_000, 100_000];
  // In chaos derivatives grow without end; a forcing of 0.5 keeps the model near a steady state.
  const model = lorenz96({ forcing: 0.5, dt: 0.01 });
  const wave = (k: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => 0.5 + 0.1 * Math.sin(k * i));
  const problem = fourDVar({
    model,
    background: wave(0.37),
    B: 1,
    R: 1,
    observations: [0, length].map((step) => ({ step, value: wave(1.1 + step) })),
    checkpoint: 30,
  });
  const before = process.memoryUsage().rss;
  const began = performance.now();
  const state = tensor(wave(0.2));
  let peak = 0;
  const onProgress = ({ steps }: { steps: number }): void => {
    peak = Math.max(peak, process.memoryUsage().rss - before);
    show('gradient', Math.min(1, steps / (5 * length)));
  };
  const gradient = await jit(grad((x: Tensor) => problem.cost(x))).async([state], { onProgress });
  const direction = random.normal(random.key(1), [n]);
  const cost = jit((x: Tensor) => problem.cost(x));
  const shifted = async (h: number): Promise<number> =>
    (
      await cost.async([state.add(direction.mul(h))], {
        onProgress: () => show('differences', 0.95),
      })
    ).item();
  const h = 1e-3;
  const difference = ((await shifted(h)) - (await shifted(-h))) / (2 * h);
  const slope = gradient.mul(direction).sum().item();
  return [
    atMostRow('memory beyond what there was before, MiB', peak / 2 ** 20, 1024),
    atMostRow(
      'gradient along a direction against a difference',
      Math.abs(slope / difference - 1),
      1e-5,
    ),
    plainRow('seconds', (performance.now() - began) / 1000),
  ];
}

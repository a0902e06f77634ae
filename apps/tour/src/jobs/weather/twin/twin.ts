import {
  enkf,
  lorenz96,
  optimalInterpolation,
  trajectory,
  twinExperiment,
} from '@grad/assimilation';
import { jit, matmul, random, scan, type Tensor, tensor } from '@grad/core';
import type { JobContext } from '../../../job.ts';
import type { Span } from '../span.ts';

/** Errors of analyses by one method, cycle by cycle. */
export interface MethodErrors {
  readonly method: string;
  /** Root mean square over the variables, after each observation. */
  readonly errors: readonly number[];
  /** Mean over the cycles that count. */
  readonly mean: number;
  readonly seconds: number;
}

const n = 40;
const members = 24;
/** Cycles that are left out of means, while a filter finds its feet. */
export const burnIn = 400;
/** Cycles that count. */
export const cycles = 1000;
const climateSteps = 20_000;

/**
 * The twin experiment of Sakov and Oke (2008) on Lorenz-96: all 40 variables are observed after each step of 0.05 with errors of
 * variance 1.
 */
export async function twinErrors(context: JobContext, [from, to]: Span): Promise<MethodErrors[]> {
  const enter = (stage: string, share: number) =>
    context.enter(`Lorenz-96: ${stage}`, from + share * (to - from));
  const model = lorenz96({ forcing: 8, dt: 0.05 });
  await enter('running the climate', 0);
  const start = Array.from({ length: n }, (_, i) => (i === 0 ? 8.01 : 8));
  const free = trajectory(model, start, climateSteps + 500).at([501, climateSteps + 501]);
  const climate = free.mean({ axis: 0 });
  const deviations = free.sub(climate);
  const covariance = matmul(deviations.transpose(), deviations).div(climateSteps - 1);

  await enter('making observations', 0.2);
  const steps = Array.from({ length: burnIn + cycles }, (_, i) => i + 1);
  const twin = twinExperiment({ model, truth: free.at(-1), B: 0.001, R: 1, steps });
  const truth = twin.trajectory.at([1, steps.length + 1]);
  const values = tensor(twin.observations.map(({ value }) => tensor(value).toArray()));
  const judge = (method: string, analyses: Tensor, since: number): MethodErrors => {
    const errors = Array.from(analyses.sub(truth).square().mean({ axis: 1 }).sqrt().dataSync());
    const seconds = (performance.now() - since) / 1000;
    const mean = errors.slice(burnIn).reduce((sum, error) => sum + error, 0) / cycles;
    return { method, errors, mean, seconds };
  };
  const climatology = judge('climatology', climate.add(truth.mul(0)), performance.now());

  await enter('optimal interpolation', 0.4);
  let since = performance.now();
  const once = optimalInterpolation({ B: covariance, R: 1 });
  const each = jit((ys: Tensor) => scan((c: Tensor, y) => [c, once.analyze(climate, y)], 0, ys)[1]);
  const interpolated = judge('optimal interpolation', each(values), since);

  await enter('3D-Var', 0.5);
  since = performance.now();
  const cycled = optimalInterpolation({ B: covariance.mul(0.02), R: 1 });
  const follow = jit(
    (ys: Tensor) =>
      scan(
        (state: Tensor, y) => {
          const analysis = cycled.analyze(model(state), y);
          return [analysis, analysis];
        },
        twin.background,
        ys,
      )[1],
  );
  const variational = judge('3D-Var', follow(values), since);

  await enter('ensemble filter', 0.6);
  since = performance.now();
  const noise = random.normal(random.key(1), [members, n]).mul(Math.sqrt(0.001));
  const filter = enkf({ model, R: 1, variant: 'etkf', inflation: 1.013, rotate: true });
  const run = await filter.run({
    ensemble: twin.background.add(noise),
    observations: twin.observations,
    signal: context.signal,
    onCycle: ({ cycle }) => {
      const share = 0.6 + (0.4 * cycle) / steps.length;
      context.progress.show('Lorenz-96: ensemble filter', from + share * (to - from));
    },
  });
  context.signal.throwIfAborted();
  if (run.status !== 'completed') throw new Error(run.message);
  return [climatology, interpolated, variational, judge('ETKF', run.analyses, since)];
}

import { jit, random, type Tensor, type TensorLike, tensor, vmap } from '@grad/core';
import type { Observation } from '../observations.ts';
import type { Model } from '../rk4.ts';
import { advance } from '../trajectory.ts';

/** Where a run stands after an observation. */
export interface EnsembleCycle {
  /** Number of the observation, from 0. */
  readonly cycle: number;
  readonly step: number;
  /** Means before and after the observation: shape [n]. */
  readonly forecast: Tensor;
  readonly analysis: Tensor;
  /** Roots of the mean variances of the ensemble, before and after. */
  readonly forecastSpread: number;
  readonly analysisSpread: number;
}

/** What a filter goes through. */
export interface RunOptions {
  /** The members at step 0, [N, n]. */
  readonly ensemble: TensorLike;
  /** In the order of their steps. */
  readonly observations: readonly Observation[];
  /** What random numbers come from; `random.key(0)` when left out. */
  readonly key?: Tensor;
  /** Ends the run with the status `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each observation. */
  readonly onCycle?: ((cycle: EnsembleCycle) => void) | undefined;
}

/** The end of a run: K observations, or as many as were come to. */
export interface EnsembleRun {
  /** Means before each observation: shape [K, n]. */
  readonly forecasts: Tensor;
  /** Means after each observation: shape [K, n]. */
  readonly analyses: Tensor;
  /** Roots of the mean variances of the ensemble, before and after: [K] each. */
  readonly forecastSpread: Tensor;
  readonly analysisSpread: Tensor;
  /** The members after the last observation, [N, n]. */
  readonly ensemble: Tensor;
  /** `diverged` where members are no longer finite; the last good ensemble is kept. */
  readonly status: 'completed' | 'diverged' | 'aborted';
  /** The status in words. */
  readonly message: string;
}

type Analysis = (ensemble: Tensor, row: TensorLike, key: Tensor) => Tensor;

/** Forecasts and analyses by turns, each turn one compiled call. */
export async function runFilter(
  model: Model,
  analyze: Analysis,
  {
    ensemble,
    observations,
    key = random.key(0),
    signal,
    onCycle,
  }: RunOptions & { readonly ensemble: Tensor },
): Promise<EnsembleRun> {
  const summary = (members: Tensor) => {
    const mean = members.mean({ axis: 0 });
    const [count = 1] = members.shape;
    const variance = members
      .sub(mean)
      .square()
      .sum({ axis: 0 })
      .div(count - 1);
    return { mean, spread: variance.mean().sqrt() };
  };
  const turn = jit((members: Tensor, gap: Tensor, row: Tensor, draw: Tensor) => {
    const before = advance(vmap(model), members, gap);
    const after = analyze(before, row, random.foldIn(draw, row));
    return { after, forecast: summary(before), analysis: summary(after) };
  });
  const int = (value: number): Tensor => tensor(value, { dtype: 'int32' });

  let [members, now] = [ensemble, 0];
  const cycles: EnsembleCycle[] = [];
  const end = (status: EnsembleRun['status'], message: string): EnsembleRun => {
    const means = (of: (cycle: EnsembleCycle) => Tensor): Tensor => rows(cycles.map(of), members);
    return {
      forecasts: means(({ forecast }) => forecast),
      analyses: means(({ analysis }) => analysis),
      forecastSpread: tensor(Float64Array.from(cycles, (cycle) => cycle.forecastSpread)),
      analysisSpread: tensor(Float64Array.from(cycles, (cycle) => cycle.analysisSpread)),
      ensemble: members,
      status,
      message,
    };
  };
  try {
    for (const [cycle, { step }] of observations.entries()) {
      signal?.throwIfAborted();
      const call = [members, int(step - now), int(cycle), key] as const;
      const { after, forecast, analysis } = await turn.async(call, signal ? { signal } : {});
      const spreads = {
        forecastSpread: forecast.spread.item(),
        analysisSpread: analysis.spread.item(),
      };
      if (!Number.isFinite(spreads.analysisSpread)) {
        return end(
          'diverged',
          `After observation ${cycle} (step ${step}) members are not finite. More inflation, members or localization, or a shorter step of the model, may help.`,
        );
      }
      [members, now] = [after, step];
      const done = { cycle, step, forecast: forecast.mean, analysis: analysis.mean, ...spreads };
      cycles.push(done);
      onCycle?.(done);
    }
  } catch (error) {
    if (signal?.aborted) return end('aborted', 'The signal was aborted.');
    throw error;
  }
  return end('completed', `All ${observations.length} observations are taken in.`);
}

/** Vectors as rows of a matrix, which may have none. */
function rows(vectors: readonly Tensor[], like: Tensor): Tensor {
  const [, n = 0] = like.shape;
  const values = new Float64Array(vectors.length * n);
  for (const [i, vector] of vectors.entries()) values.set(vector.dataSync(), i * n);
  return tensor(values).reshape([vectors.length, n]);
}

import { avgPool, concatenate, type Tensor } from '@grad/core';
import { levenbergMarquardt } from '@grad/optim';
import { picture, type Setting, type Unknowns } from './scene.ts';

/** What was found, and how. */
export interface Recovered {
  readonly found: Unknowns;
  readonly steps: number;
  /** Root mean square difference of pixels from the target after each step. */
  readonly history: readonly { readonly step: number; readonly error: number }[];
  readonly status: string;
}

/** How to search. */
export interface RecoverOptions {
  readonly maxSteps: number;
  readonly signal: AbortSignal;
  readonly onStep: (step: number) => void;
}

/**
 * Finds what a picture shows: nonlinear least squares over the differences of pixels, first at a quarter of the
 * size, where the basin of the minimum is wide, then at half, then at full size.
 */
export async function recover(
  setting: Setting,
  target: Tensor,
  start: Unknowns,
  { maxSteps, signal, onStep }: RecoverOptions,
): Promise<Recovered> {
  let found = start;
  let steps = 0;
  let status = '';
  const history: { step: number; error: number }[] = [];
  for (const [factor, share] of [
    [4, 0.3],
    [2, 0.3],
    [1, 0.4],
  ] as const) {
    const size = setting.size / factor;
    const goal = reduced(target, factor);
    const residuals = (unknowns: Unknowns): Tensor => {
      const difference = picture(setting, unknowns, size).image.sub(goal);
      // Half and quarter pictures beside the full one see farther than one pixel.
      const scales = [1, 2, 4].map((k) =>
        reduced(difference, k)
          .mul(k / size)
          .reshape([-1]),
      );
      return concatenate(scales);
    };
    const before = steps;
    const result = await levenbergMarquardt(residuals, found, {
      maxIterations: Math.floor(maxSteps * share),
      stepTolerance: factor === 1 ? 1e-7 : 3e-3,
      signal,
      onIteration: ({ iteration, value }) => {
        steps = before + iteration;
        history.push({ step: steps, error: Math.sqrt((2 * value) / 9) });
        onStep(steps);
      },
    });
    found = result.x;
    status = result.status;
    signal.throwIfAborted();
  }
  return { found, steps, history, status };
}

/** A picture with each square of pixels replaced by its mean. */
export function reduced(image: Tensor, factor: number): Tensor {
  if (factor === 1) return image;
  const pooled = avgPool(image.transpose([2, 0, 1]).expandDims(0), { size: factor });
  return pooled.squeeze(0).transpose([1, 2, 0]);
}

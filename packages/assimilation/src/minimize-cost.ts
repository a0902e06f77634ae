import type { Tensor } from '@grad/core';
import { type LbfgsIteration, lbfgs } from '@grad/optim';
import type { Analysis, MinimizeOptions } from './analysis.ts';
import { outerLoop } from './outer-loop.ts';

/** A cost of a control variable, which stands for an initial state. */
export interface ControlProblem {
  /** The control variable of the background. */
  readonly start: Tensor;
  cost(control: Tensor): Tensor;
  /** A vector, half the square of which is the cost. */
  residuals(control: Tensor): Tensor;
  toState(control: Tensor): Tensor;
  trajectory(control: Tensor): Tensor;
}

/** Minimizes a cost from the background; the control variable of least cost comes with the analysis. */
export async function minimizeCost(
  caller: string,
  problems: (transform: 'none' | 'cvt') => ControlProblem,
  options: MinimizeOptions,
): Promise<{ readonly control: Tensor; readonly end: Analysis }> {
  const { method = 'lbfgs', transform = 'cvt', onIteration, ...rest } = options;
  oneOf(`${caller}: method`, method, ['lbfgs', 'gaussNewton', 'incremental']);
  oneOf(`${caller}: transform`, transform, ['none', 'cvt']);
  const problem = problems(transform);
  let backgroundCost = Number.NaN;
  const follow = (at: LbfgsIteration<Tensor> & { readonly innerIterations?: number }): void => {
    if (at.iteration === 0) backgroundCost = at.value;
    onIteration?.({
      iteration: at.iteration,
      cost: at.value,
      gradientNorm: at.gradientNorm,
      evaluations: at.evaluations,
      innerIterations: at.innerIterations ?? 0,
      get state() {
        return problem.toState(at.x);
      },
    });
  };
  const found =
    method === 'lbfgs'
      ? await lbfgs<Tensor>(problem.cost, problem.start, { ...rest, onIteration: follow })
      : await outerLoop(caller, problem, { ...rest, method, onIteration: follow });
  const { x, value, ...end } = { innerIterations: 0, ...found };
  let trajectory: Tensor | undefined;
  return {
    control: x,
    end: {
      ...end,
      analysis: problem.toState(x),
      cost: value,
      backgroundCost,
      get trajectory() {
        trajectory ??= problem.trajectory(x);
        return trajectory;
      },
    },
  };
}

function oneOf(name: string, given: string, known: readonly string[]): void {
  if (known.includes(given)) return;
  throw new RangeError(`${name} is '${given}'; it can be ${known.join(' or ')}.`);
}

import { adjointTest, tangentLinearTest, trajectory } from '@grad/assimilation';
import { type Tensor, tensor } from '@grad/core';
import type { Reference, Row } from '../../../row.ts';
import { timed } from '../../../timed.ts';
import type { Case } from './case.ts';
import type { TaylorPoint } from './figures/taylor-figure.ts';
import { runModel, type Weather } from './model.ts';
import type { Problem, Solution } from './problem.ts';
import { references, trueState } from './reference-case.ts';
import { differenceError, fallRate, norm } from './taylor.ts';

const seeds = [0, 1, 2, 3, 4];

/**
 * The derivatives of the model and of the cost, against each other and against differences. How
 * near they come depends on how chaotic the case is, so `judged` says whether differences are held
 * against limits, and the adjoint against the sharp one; a wrong adjoint would fail in every case.
 */
export function derivativeRows(
  { background, window }: Case,
  { model }: Weather,
  problem: Problem,
  { taylor, judged }: { taylor: readonly TaylorPoint[]; judged: boolean },
): Row[] {
  const run = (state: Tensor) => trajectory(model, state, window);
  const start = tensor([...background]);
  const adjoint = timed(() =>
    Math.max(...seeds.map((seed) => adjointTest(run, start, { seed }).error)),
  );
  const tangent = timed(() => tangentLinearTest(run, start));
  const differences = timed(() => differenceError(problem, background, 1e-5));
  const atMost = (limit: number): Reference => ({ kind: 'atMost', limit });
  return [
    {
      what: 'adjoint against tangent linear model: relative difference of the dot products',
      result: adjoint.value,
      reference: atMost(judged ? 1e-13 : 1e-9),
      source: `⟨M′d, M′d⟩ = ⟨d, M*M′d⟩ over ${window} steps, worst of ${seeds.length} directions d`,
      seconds: adjoint.seconds,
    },
    {
      what: 'tangent linear model against finite perturbations: least relative error',
      result: tangent.value.error,
      ...(judged ? { reference: atMost(1e-7) } : {}),
      seconds: tangent.seconds,
    },
    {
      what: 'gradient of the cost against central differences: relative error',
      result: differences.value,
      ...(judged ? { reference: atMost(1e-7) } : {}),
      seconds: differences.seconds,
    },
    {
      what: 'power of h with which the Taylor remainder falls',
      result: fallRate(taylor),
      ...(judged ? { reference: { kind: 'exact', value: 2, tolerance: 0.05 } as const } : {}),
      source: 'a wrong gradient would give 1',
    },
  ];
}

/** The costs of a case that no reference is known for. */
export function costRows({ background }: Case, problem: Problem, { cost }: Solution): Row[] {
  return [
    { what: 'cost of the background, J(xb)', result: problem.cost(background) },
    { what: 'least cost, J(xa)', result: cost },
  ];
}

/** What came out, without anything to compare it with. */
export function resultRows(
  { background, truth }: Case,
  { value: { state, iterations }, seconds }: { value: Solution; seconds: number },
): Row[] {
  const distance = (from: readonly number[]) =>
    norm(from.map((value, index) => value - (truth?.[index] ?? 0)));
  return [
    { what: 'iterations of L-BFGS', result: iterations.length - 1, seconds },
    ...state.map((value, index) => ({ what: `analysis, ${'xyz'[index]}`, result: value })),
    ...(truth === undefined
      ? []
      : [
          { what: 'distance of the background from the truth', result: distance(background) },
          { what: 'distance of the analysis from the truth', result: distance(state) },
        ]),
  ];
}

/** The digits of the reference case. */
export function referenceRows(
  { background }: Case,
  weather: Weather,
  problem: Problem,
  solution: Solution,
): Row[] {
  const { source } = references;
  const truth = runModel(weather, trueState, 10).at(-1) ?? [];
  const gradient = timed(() => problem.gradient(background));
  return [
    ...references.stateAfterTenSteps.map((reference, index) => ({
      what: `truth after 10 steps, ${'xyz'[index]}`,
      result: truth[index] ?? Number.NaN,
      reference,
      source,
    })),
    {
      what: 'cost of the background, J(xb)',
      result: problem.cost(background),
      reference: references.costOfBackground,
      source,
    },
    ...references.gradientAtBackground.map((reference, index) => ({
      what: `dJ/d${'xyz'[index]} at the background`,
      result: gradient.value[index] ?? Number.NaN,
      reference,
      source,
      ...(index === 0 ? { seconds: gradient.seconds } : {}),
    })),
    {
      what: 'least cost, J(xa)',
      result: solution.cost,
      reference: references.leastCost,
      source,
    },
  ];
}

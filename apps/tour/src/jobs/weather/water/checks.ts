import { type Analysis, adjointTest, tangentLinearTest, trajectory } from '@grad/assimilation';
import type { Tensor } from '@grad/core';
import type { Row } from '../../../row.ts';
import { timed } from '../../../timed.ts';
import { basin } from './basin.ts';
import type { WaterCase } from './case.ts';

/** The model and its derivatives against the laws they obey. */
export function modelRows({ background, window }: WaterCase): Row[] {
  const run = (state: Tensor): Tensor => trajectory(basin, state, window).at(-1);
  const adjoint = timed(() => adjointTest(run, background).error);
  const tangent = timed(() => tangentLinearTest(run, background).error);
  const end = run(background);
  const change = basin.mass(end).sub(basin.mass(background)).div(basin.mass(background));
  return [
    {
      what: 'adjoint against tangent linear model: relative difference of the dot products',
      result: adjoint.value,
      reference: { kind: 'atMost', limit: 1e-13 },
      source: `⟨M′d, M′d⟩ = ⟨d, M*M′d⟩ over ${window} steps`,
      seconds: adjoint.seconds,
    },
    {
      what: 'tangent linear model against finite perturbations: least relative error',
      result: tangent.value,
      reference: { kind: 'atMost', limit: 1e-7 },
      seconds: tangent.seconds,
    },
    {
      what: 'relative change of the mass of the water',
      result: Math.abs(change.item()),
      reference: { kind: 'atMost', limit: 1e-13 },
      source: 'the scheme keeps it',
    },
  ];
}

/** What came out, and in a twin experiment how near it is to the truth. */
export function resultRows(
  { background, truth, count }: WaterCase,
  end: Analysis,
  seconds: number,
): Row[] {
  const costs: Row[] = [
    { what: 'cost of the background', result: end.backgroundCost },
    { what: 'least cost', result: end.cost, seconds },
    { what: 'outer loops', result: end.iterations },
    { what: 'iterations of conjugate gradients', result: end.innerIterations },
  ];
  if (truth === undefined) return costs;
  const error = (state: Tensor, of: 'h' | 'u' | 'v'): number =>
    basin.fields(state.sub(truth))[of].square().mean().sqrt().item();
  const fields = [
    ['h', 'depth, m'],
    ['u', 'eastward flow, m/s'],
  ] as const;
  return [
    ...costs,
    {
      what: 'twice the least cost for each observation',
      result: (2 * end.cost) / count,
      reference: { kind: 'exact', value: 1, tolerance: 3 * Math.sqrt(2 / count) },
      source: `twice the cost is a χ² number of ${count} degrees of freedom; three standard deviations`,
    },
    ...fields.flatMap(([field, called]): Row[] => [
      {
        what: `error of the background: ${called}`,
        result: error(background, field),
      },
      {
        what: `error of the analysis: ${called}`,
        result: error(end.analysis, field),
        reference: { kind: 'atMost', limit: error(background, field) / 2 },
        source: 'half of that of the background',
      },
    ]),
  ];
}

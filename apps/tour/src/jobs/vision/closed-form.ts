import { relu, type Tensor, tensor } from '@grad/core';
import { activation, dense, sequential } from '@grad/nn';
import {
  deepLift,
  gradTimesInput,
  integratedGradients,
  lrp,
  network,
  occlusion,
} from '@grad/vision';
import type { Row } from '../../row.ts';

const float64 = { dtype: 'float64' } as const;

/** relu(relu(x1 - 1) - relu(x2)). */
const model = network(
  sequential({
    first: dense(2, 2, float64),
    relu1: activation(relu),
    last: dense(2, 1, float64),
    relu2: activation(relu),
  }),
  {
    first: {
      weight: tensor([
        [1, 0],
        [0, 1],
      ]),
      bias: tensor([-1, 0]),
    },
    last: { weight: tensor([[1], [-1]]), bias: tensor([0]) },
  },
);

/** What the methods say of a small network at (3, 1), where each has a known answer. */
export function closedFormRows(): Row[] {
  const x = tensor([[3, 1]]);
  const rows = (name: string, found: Tensor, values: readonly number[], tolerance = 1e-8): Row[] =>
    values.map((value, i) => ({
      what: `relu(relu(x1 - 1) - relu(x2)) at (3, 1): ${name}, x${i + 1}`,
      result: found.at(0, i).item(),
      reference: { kind: 'exact', value, tolerance },
      source: 'worked out by hand',
    }));
  return [
    // The slope jumps on the way, so that 1000 midpoints err by the width of one.
    ...rows(
      'integrated gradients',
      integratedGradients(model, x, { steps: 1000, method: 'riemann' }).attribution,
      [1.5, -0.5],
      3e-3,
    ),
    ...rows('DeepLIFT', deepLift(model, x).attribution, [2, -1]),
    ...rows('LRP', lrp(model, x), [3, -1]),
    ...rows('gradient times input', gradTimesInput(model, x), [3, -1]),
    ...rows('occlusion', occlusion(model, x), [1, -1]),
  ];
}

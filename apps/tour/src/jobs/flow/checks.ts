import { matmul, type Tensor, tensor } from '@grad/core';
import { cnf } from '@grad/iterators';
import type { Row } from '../../row.ts';

/** For x' = x A the density changes by -tr(A) T, whatever the point. */
export function linearRow(): Row {
  const time = 1.5;
  const linear = cnf({
    dimension: 2,
    dynamics: (x, _, A: Tensor) => matmul(x, A),
    times: [0, time],
  });
  const A = tensor([
    [-0.3, 1.1],
    [-0.9, 0.2],
  ]);
  return {
    what: 'linear flow: change of ln(density)',
    result: linear
      .forward(A, [[0.3, -1]])
      .logDensityChange.at(0)
      .item(),
    reference: { kind: 'exact', value: 0.1 * time, tolerance: 1e-15 },
    source: '-tr(A) T',
  };
}

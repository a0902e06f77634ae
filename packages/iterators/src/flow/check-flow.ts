import { ShapeError, type Tensor, type TensorLike, tensor } from '@grad/core';

export function checkFlowInput(given: TensorLike, dimension: number): Tensor {
  const points = tensor(given);
  if (points.ndim === 2 && points.shape[1] === dimension) return points;
  throw new ShapeError(
    `cnf: points have shape [${points.shape.join(', ')}]; give [n, ${dimension}], a row for each point.`,
  );
}

export function checkKey(use: 'sample' | 'hutchinson', key: Tensor | undefined): Tensor {
  if (key) return key;
  throw new TypeError(
    use === 'sample'
      ? 'cnf: sample needs a key; make one with random.key.'
      : "cnf: the trace is 'hutchinson', which needs a key as the last argument; make one with random.key, another for each step of training.",
  );
}

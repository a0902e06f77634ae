import { argmin, grad, jit, jvp, ones, type Tensor } from '@grad/core';
import type { Input } from '../input.ts';
import { array, type Eval, evaluation, item } from '../task.ts';

/** Sum of squared distances of points [n, d] from the nearest of the centroids [k, d]. */
function cost(centroids: Tensor, points: Tensor): Tensor {
  const between = points.expandDims(1).sub(centroids).square().sum({ axis: 2 });
  const nearest = argmin(between, { axis: 1 });
  return points.sub(centroids.take(nearest)).square().sum();
}

/** Newton's direction. The Hessian is diagonal, so its product with ones is its diagonal. */
function direction(centroids: Tensor, points: Tensor): Tensor {
  const [gradient, diagonal] = jvp(
    (at: Tensor) => grad(cost)(at, points),
    [centroids],
    [ones(centroids.shape)],
  );
  return gradient.div(diagonal);
}

function read(input: Input): [centroids: Tensor, points: Tensor] {
  const points = input.at('points').tensor([null, null]);
  return [input.at('centroids').tensor([null, points.shape[1] ?? 0]), points];
}

/** k-means clustering. */
export const kmeans: Eval = {
  cost: evaluation(read, jit(cost), item),
  dir: evaluation(read, jit(direction), array),
};

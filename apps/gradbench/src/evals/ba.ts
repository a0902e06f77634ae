import { arange, concatenate, grad, jacrev, jit, mod, type Tensor, tile, vmap } from '@grad/core';
import type { Input } from '../input.ts';
import { array, type Eval, evaluation } from '../task.ts';
import { project } from './camera.ts';

/** What an observation depends on: a camera [11], a point [3] and a weight. */
type Unknowns = readonly [camera: Tensor, point: Tensor, weight: Tensor];

const reprojectionError = ([camera, point, weight]: Unknowns, feature: Tensor): Tensor =>
  project(camera, point).sub(feature).mul(weight);

const weightError = (weight: Tensor): Tensor => weight.square().neg().add(1);

/** n cameras, m points, p weights, and which camera and point each of p observations is of. */
interface Problem {
  readonly cameras: Tensor;
  readonly points: Tensor;
  readonly weights: Tensor;
  readonly features: Tensor;
  readonly camera: Tensor;
  readonly point: Tensor;
}

const unknowns = ({ cameras, points, weights, camera, point }: Problem): Unknowns => [
  cameras.take(camera),
  points.take(point),
  weights,
];

const objective = jit((problem: Problem): [Tensor, Tensor] => [
  vmap(reprojectionError)(unknowns(problem), problem.features),
  vmap(weightError)(problem.weights),
]);

/** The Jacobian [3 p, 11 n + 3 m + p] in compressed rows: 2 p rows of 15 elements, then p of one. */
const jacobian = jit((problem: Problem) => {
  const { cameras, points, weights, features, camera, point } = problem;
  const [n, m, p] = [cameras.shape[0] ?? 0, points.shape[0] ?? 0, weights.shape[0] ?? 0];
  const [byCamera, byPoint, byWeight] = vmap(jacrev(reprojectionError))(
    unknowns(problem),
    features,
  );
  const blocks = concatenate([byCamera, byPoint, byWeight.expandDims(2)], { axis: 2 });
  const own = arange(p).add(11 * n + 3 * m);
  const columns = concatenate(
    [
      camera.mul(11).expandDims(1).add(arange(11)),
      point
        .mul(3)
        .expandDims(1)
        .add(arange(3).add(11 * n)),
      own.expandDims(1),
    ],
    { axis: 1 },
  );
  return {
    rows: concatenate([arange(2 * p).mul(15), arange(p + 1).add(30 * p)]),
    cols: concatenate([tile(columns, [1, 2]).reshape([-1]), own]),
    vals: concatenate([blocks.reshape([-1]), vmap(grad(weightError))(weights)]),
  };
});

/** The eval sends one camera, point, weight and feature, and how often each is repeated. */
function read(input: Input): [Problem] {
  const [n, m, p] = [input.at('n').count(1), input.at('m').count(1), input.at('p').count(1)];
  const problem = {
    cameras: tile(input.at('cam').tensor([11]), [n, 1]),
    points: tile(input.at('x').tensor([3]), [m, 1]),
    weights: tile(input.at('w').tensor([]), [p]),
    features: tile(input.at('feat').tensor([2]), [p, 1]),
    camera: mod(arange(p), n),
    point: mod(arange(p), m),
  };
  return [problem];
}

/** The first 30 elements and the last one, which is how much of the Jacobian the eval looks at. */
const ends = (t: Tensor) => array(concatenate([t.at([0, 30]), t.at(-1).expandDims(0)]));

/** Bundle adjustment. */
export const ba: Eval = {
  objective: evaluation(read, objective, ([reprojection, weight]) => ({
    reproj_error: { elements: array(reprojection.at(0)), repeated: reprojection.shape[0] },
    w_err: { element: weight.at(0).item(), repeated: weight.size },
  })),
  jacobian: evaluation(read, jacobian, ({ rows, cols, vals }) => ({
    rows: ends(rows),
    cols: ends(cols),
    vals: ends(vals),
  })),
};

import {
  arange,
  concatenate,
  cos,
  grad,
  jacrev,
  jit,
  mod,
  sin,
  stack,
  type Tensor,
  tile,
  vmap,
  where,
} from '@grad/core';
import type { Input } from '../input.ts';
import { type Eval, task } from '../task.ts';

/** What an observation depends on: a camera [11], a point [3] and a weight. */
type Unknowns = readonly [camera: Tensor, point: Tensor, weight: Tensor];

function cross(a: Tensor, b: Tensor): Tensor {
  const [a0, a1, a2] = [a.at(0), a.at(1), a.at(2)];
  const [b0, b1, b2] = [b.at(0), b.at(1), b.at(2)];
  return stack([
    a1.mul(b2).sub(a2.mul(b1)),
    a2.mul(b0).sub(a0.mul(b2)),
    a0.mul(b1).sub(a1.mul(b0)),
  ]);
}

/** x rotated about an axis by the length of the axis, by Rodrigues' formula. */
function rotate(axis: Tensor, x: Tensor): Tensor {
  const squared = axis.dot(axis);
  const turns = squared.gt(0);
  const angle = where(turns, squared, 1).sqrt();
  const v = axis.div(angle);
  const along = v.mul(v.dot(x)).mul(cos(angle).neg().add(1));
  const rotated = x
    .mul(cos(angle))
    .add(cross(v, x).mul(sin(angle)))
    .add(along);
  return where(turns, rotated, x.add(cross(axis, x)));
}

/** The picture of a point in a camera: rotation, center, focal length, origin, distortion. */
function project(camera: Tensor, point: Tensor): Tensor {
  const seen = rotate(camera.at([0, 3]), point.sub(camera.at([3, 6])));
  const flat = seen.at([0, 2]).div(seen.at(2));
  const r2 = flat.dot(flat);
  const distortion = r2.mul(camera.at(10)).add(camera.at(9)).mul(r2).add(1);
  return flat
    .mul(distortion)
    .mul(camera.at(6))
    .add(camera.at([7, 9]));
}

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
        .add(11 * n)
        .expandDims(1)
        .add(arange(3)),
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
function read(input: Input): Problem {
  const [n, m, p] = [input.at('n').count(1), input.at('m').count(1), input.at('p').count(1)];
  return {
    cameras: tile(input.at('cam').tensor([11]), [n, 1]),
    points: tile(input.at('x').tensor([3]), [m, 1]),
    weights: tile(input.at('w').tensor([]), [p]),
    features: tile(input.at('feat').tensor([2]), [p, 1]),
    camera: mod(arange(p), n),
    point: mod(arange(p), m),
  };
}

/** The first 30 elements and the last one, which is how much of the Jacobian the eval looks at. */
const ends = (t: Tensor) => concatenate([t.at([0, 30]), t.at([-1, t.size])]).toArray();

/** Bundle adjustment. */
export const ba: Eval = {
  objective: (input) => {
    const problem = read(input);
    return task(
      () => objective(problem),
      ([reprojection, weight]) => ({
        reproj_error: { elements: reprojection.at(0).toArray(), repeated: reprojection.shape[0] },
        w_err: { element: weight.at(0).item(), repeated: weight.size },
      }),
    );
  },
  jacobian: (input) => {
    const problem = read(input);
    return task(
      () => jacobian(problem),
      ({ rows, cols, vals }) => ({ rows: ends(rows), cols: ends(cols), vals: ends(vals) }),
    );
  },
};

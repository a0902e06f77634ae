import {
  arange,
  concatenate,
  jit,
  mod,
  type SparseJacobian,
  SparsityPattern,
  sparseJacobian,
  stack,
  type Tensor,
  tensor,
  tile,
} from '@grad/core';
import type { Input } from '../input.ts';
import { array, type Eval, evaluation } from '../task.ts';
import { camerasOf, project, vectorsOf } from './camera.ts';

/** n cameras [n, 11], m points [m, 3] and p weights, in the order of the Jacobian's columns. */
export type Unknowns = readonly [cameras: Tensor, points: Tensor, weights: Tensor];

/** What is known of each of p observations: where it is in the picture, of which camera and point. */
export interface Observations {
  readonly features: Tensor;
  readonly camera: Tensor;
  readonly point: Tensor;
}

/** The reprojection errors [p, 2] and the errors of the weights [p]. */
export const residuals =
  ({ features, camera, point }: Observations) =>
  ([cameras, points, weights]: Unknowns): [Tensor, Tensor] => {
    const picture = project(camerasOf(cameras.take(camera)), vectorsOf(points.take(point)));
    const errors = picture.map((x, i) => x.sub(features.at(null, i)).mul(weights));
    return [stack(errors, { axis: 1 }), weights.square().neg().add(1)];
  };

/**
 * The entries that the eval asks for, zeros among them: rows of 15 for the two coordinates of each
 * observation, by its camera, its point and its weight, then one for each weight.
 */
export function pattern(
  [cameras, points]: Unknowns,
  { camera, point }: Observations,
): SparsityPattern {
  const [c, x, p] = [camera.dataSync(), point.dataSync(), camera.size];
  const [fromPoints, fromWeights] = [cameras.size, cameras.size + points.size];
  const indptr = new Int32Array(3 * p + 1);
  const indices = new Int32Array(31 * p);
  for (let row = 0; row <= 3 * p; row++) indptr[row] = row < 2 * p ? 15 * row : 28 * p + row;
  for (let row = 0; row < 2 * p; row++) {
    const observation = row >> 1;
    const [ofCamera, ofPoint] = [11 * (c[observation] ?? 0), 3 * (x[observation] ?? 0)];
    for (let k = 0; k < 11; k++) indices[15 * row + k] = ofCamera + k;
    for (let k = 0; k < 3; k++) indices[15 * row + 11 + k] = fromPoints + ofPoint + k;
    indices[15 * row + 14] = fromWeights + observation;
  }
  for (let weight = 0; weight < p; weight++) indices[30 * p + weight] = fromWeights + weight;
  return new SparsityPattern({ shape: [3 * p, fromWeights + p], indptr, indices });
}

/** The eval sends one camera, point, weight and feature, and how often each is repeated. */
function read(input: Input): [Unknowns, Observations] {
  const [n, m, p] = [input.at('n').count(1), input.at('m').count(1), input.at('p').count(1)];
  return [
    [
      tile(input.at('cam').tensor([11]), [n, 1]),
      tile(input.at('x').tensor([3]), [m, 1]),
      tile(input.at('w').tensor([]), [p]),
    ],
    {
      features: tile(input.at('feat').tensor([2]), [p, 1]),
      camera: mod(arange(p), n),
      point: mod(arange(p), m),
    },
  ];
}

const objective = jit((unknowns: Unknowns, observations: Observations) =>
  residuals(observations)(unknowns),
);

/** Reads the problem and says how its Jacobian is computed: the observations stay what they are. */
function readForJacobian(
  input: Input,
): [jacobian: (unknowns: Unknowns) => SparseJacobian, unknowns: Unknowns] {
  const [unknowns, observations] = read(input);
  const options = { pattern: pattern(unknowns, observations) };
  return [jit(sparseJacobian(residuals(observations), options)), unknowns];
}

/** The first 30 elements and the last one, which is how much of the Jacobian the eval looks at. */
const ends = (t: Tensor) => array(concatenate([t.at([0, 30]), t.at(-1).expandDims(0)]));

/** Bundle adjustment. */
export const ba: Eval = {
  objective: evaluation(read, objective, ([reprojection, weight]) => ({
    reproj_error: { elements: array(reprojection.at(0)), repeated: reprojection.shape[0] },
    w_err: { element: weight.at(0).item(), repeated: weight.size },
  })),
  jacobian: evaluation(
    readForJacobian,
    (jacobian, unknowns) => jacobian(unknowns),
    ({ data, pattern: { indptr, indices } }) => ({
      rows: ends(tensor(indptr)),
      cols: ends(tensor(indices)),
      vals: ends(data),
    }),
  ),
};

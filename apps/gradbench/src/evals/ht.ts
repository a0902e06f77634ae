import { concatenate, jacfwd, jit, type Tensor, zeros } from '@grad/core';
import type { Input } from '../input.ts';
import { array, type Eval, evaluation } from '../task.ts';
import { type HandModel, poseHand } from './hand.ts';

/**
 * Points [n, 3] and the vertices [n] that they belong to, or the corners [n, 3] of triangles and
 * places [n, 2] in them.
 */
interface Data {
  readonly model: HandModel;
  readonly points: Tensor;
  readonly corners: Tensor;
  readonly places: Tensor | null;
}

/** Distances [n, 3] of the points from the hand; `shift` [2] is added to every place. */
function residuals(theta: Tensor, shift: Tensor, { model, points, corners, places }: Data): Tensor {
  const vertices = poseHand(theta, model);
  if (places === null) return points.sub(vertices.take(corners));
  const corner = (i: number) => vertices.take(corners.at(null, i));
  const moved = places.add(shift);
  const [u, v] = [moved.at(null, [0, 1]), moved.at(null, [1, 2])];
  const w = u.add(v).neg().add(1);
  const surface = corner(0).mul(u).add(corner(1).mul(v)).add(corner(2).mul(w));
  return points.sub(surface);
}

const objective = jit((theta: Tensor, data: Data) => residuals(theta, zeros([2]), data));

/**
 * The Jacobian [n, 3, 26] in theta. Each residual depends on its own place alone: the derivatives in
 * all places are those in a common shift of them, two columns in front of the others.
 */
const jacobian = jit((theta: Tensor, data: Data) => {
  const inBoth = jacfwd(([shift, at]: readonly [Tensor, Tensor]) => residuals(at, shift, data));
  const [byShift, byTheta] = inBoth([zeros([2]), theta]);
  return data.places === null ? byTheta : concatenate([byShift, byTheta], { axis: 2 });
});

function read(input: Input): [theta: Tensor, data: Data] {
  const data = input.at('data');
  const hand = data.at('model');
  const parents = hand.at('parents').tensor([null], 'int32');
  const vertices = hand.at('base_positions').tensor([null, 4]);
  const points = data.at('points').tensor([null, 3]);
  const correspondences = data.at('correspondences').tensor([points.shape[0] ?? 0], 'int32');
  const us = input.at('us');
  const places = us.isEmpty() ? null : us.tensor([points.shape[0] ?? 0, 2]);
  const triangles = hand.at('triangles').tensor([null, 3], 'int32');
  const model: HandModel = {
    parents,
    vertices,
    relatives: hand.at('base_relatives').tensor([parents.size, 4, 4]),
    inverses: hand.at('inverse_base_absolutes').tensor([parents.size, 4, 4]),
    weights: hand.at('weights').tensor([vertices.shape[0] ?? 0, parents.size]),
    isMirrored: hand.at('is_mirrored').boolean(),
  };
  const corners = places ? triangles.take(correspondences) : correspondences;
  return [input.at('theta').tensor([26]), { model, points, corners, places }];
}

/** Hand tracking, from ADBench. */
export const ht: Eval = {
  objective: evaluation(read, objective, (errors) => array(errors.reshape([-1]))),
  jacobian: evaluation(read, jacobian, (J) => array(J.reshape([-1, J.shape[2] ?? 0]))),
};

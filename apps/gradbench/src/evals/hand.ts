import {
  arange,
  concatenate,
  cos,
  dynamicUpdateSlice,
  einsum,
  eye,
  matmul,
  scan,
  sin,
  stack,
  type Tensor,
  where,
  zeros,
} from '@grad/core';

/** Bones [b, 4, 4] with their parents, and the skin: vertices [v, 4] with weights of bones [v, b]. */
export interface HandModel {
  readonly parents: Tensor;
  readonly relatives: Tensor;
  readonly inverses: Tensor;
  readonly vertices: Tensor;
  readonly weights: Tensor;
  readonly isMirrored: boolean;
}

/** A matrix, or a batch of them, from its elements. */
const matrix = (rows: readonly (readonly Tensor[])[]): Tensor =>
  stack(
    rows.map((row) => stack(row, { axis: -1 })),
    { axis: -2 },
  );

/** The rotation about an axis by the length of the axis. */
function rotationAbout(axis: Tensor): Tensor {
  const angle = axis.square().sum().sqrt();
  const v = axis.div(angle);
  const [x, y, z] = [v.at(0), v.at(1), v.at(2)];
  const o = zeros([]);
  const outer = v.expandDims(1).mul(v);
  const cross = matrix([
    [o, z.neg(), y],
    [z, o, x.neg()],
    [y.neg(), x, o],
  ]);
  const rotation = outer.add(eye(3).sub(outer).mul(cos(angle))).add(cross.mul(sin(angle)));
  return where(angle.lt(1e-4), eye(3), rotation);
}

/** Rz Ry Rx for angles [b, 3] in the order x, z, y, as [b, 4, 4]. */
function jointRotations(angles: Tensor): Tensor {
  const [c, s] = [cos(angles), sin(angles)];
  const [cx, cz, cy] = [c.at(null, 0), c.at(null, 1), c.at(null, 2)];
  const [sx, sz, sy] = [s.at(null, 0), s.at(null, 1), s.at(null, 2)];
  const o = zeros(cx.shape);
  const l = o.add(1);
  const aboutX = matrix([
    [l, o, o, o],
    [o, cx, sx.neg(), o],
    [o, sx, cx, o],
    [o, o, o, l],
  ]);
  const aboutY = matrix([
    [cy, o, sy, o],
    [o, l, o, o],
    [sy.neg(), o, cy, o],
    [o, o, o, l],
  ]);
  const aboutZ = matrix([
    [cz, sz.neg(), o, o],
    [sz, cz, o, o],
    [o, o, l, o],
    [o, o, o, l],
  ]);
  return matmul(matmul(aboutZ, aboutY), aboutX);
}

/** Angles [b, 3] of the bones: after two fixed ones, five fingers whose four bones bend by 2, 1, 1, 0. */
function jointAngles(fingers: Tensor, bones: number): Tensor {
  const angle = (i: number) => fingers.at(null, i);
  const o = zeros([5]);
  const joints = matrix([
    [angle(0), angle(1), o],
    [angle(2), o, o],
    [angle(3), o, o],
    [o, o, o],
  ]);
  return concatenate([zeros([2, 3]), joints.reshape([20, 3]), zeros([bones - 22, 3])]);
}

/** Products of the transforms [b, 4, 4] of bones along the way from the root, whose parent is -1. */
function alongChain(transforms: Tensor, parents: Tensor): Tensor {
  const bones = parents.size;
  const step = (known: Tensor, bone: { i: Tensor; parent: Tensor; transform: Tensor }) => {
    const whole = matmul(known.take(bone.parent), bone.transform);
    return [dynamicUpdateSlice(known, whole.expandDims(0), [bone.i, 0, 0]), null] as const;
  };
  const root = eye(4).expandDims(0);
  const start = concatenate([root, zeros([bones, 4, 4])]);
  const each = { i: arange(1, bones + 1), parent: parents.add(1), transform: transforms };
  const [all] = scan(step, start, each);
  return all.at([1, bones + 1]);
}

/** The vertices [v, 3] of the hand in a pose: rotation [3], translation [3], and 20 finger angles. */
export function poseHand(theta: Tensor, model: HandModel): Tensor {
  const { parents, relatives, inverses, vertices, weights, isMirrored } = model;
  const angles = jointAngles(theta.at([6, 26]).reshape([5, 4]), parents.size);
  const absolutes = alongChain(matmul(relatives, jointRotations(angles)), parents);
  const transforms = matmul(absolutes, inverses).at(null, [0, 3]);
  const blended = einsum('vb,bij->vij', weights, transforms);
  const skin = einsum('vij,vj->vi', blended, vertices);
  const oriented = isMirrored ? skin.mul([-1, 1, 1]) : skin;
  return matmul(oriented, rotationAbout(theta.at([0, 3])).transpose()).add(theta.at([3, 6]));
}

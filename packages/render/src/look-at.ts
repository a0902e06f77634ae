import { stack, type Tensor, type TensorLike, tensor } from '@grad/core';
import type { Pose } from './camera.ts';
import { checkShape, knownValues } from './check.ts';
import { cross, normalized } from './vectors.ts';

/**
 * The pose of a camera at `eye` that looks at `target`, with `up` upwards in the picture.
 *
 * @param eye position `[3]`
 * @param target what is in the middle of the picture, `[3]`
 * @param up any vector `[3]` that is not along the line of sight; +y when left out
 * @throws RangeError when the eye is at the target, or `up` lies along the line of sight.
 * @throws ShapeError when one of them is not `[3]`.
 */
export function lookAt(eye: TensorLike, target: TensorLike, up: TensorLike = [0, 1, 0]): Pose {
  const [position, at, above] = [tensor(eye), tensor(target), tensor(up)];
  checkShape('lookAt', 'the eye', position, [3]);
  checkShape('lookAt', 'the target', at, [3]);
  checkShape('lookAt', 'up', above, [3]);
  const sight = at.sub(position);
  refuseZero(sight, 'the eye is at the target; move one of them');
  const forward = normalized(sight);
  const side = cross(forward, above);
  refuseZero(side, 'up is along the line of sight; give another direction');
  const right = normalized(side);
  return { rotation: stack([right, cross(forward, right), forward]), position };
}

function refuseZero(vector: Tensor, message: string): void {
  const values = knownValues(vector);
  if (values === undefined || Math.hypot(...values) > 1e-12) return;
  throw new RangeError(`lookAt: ${message}.`);
}

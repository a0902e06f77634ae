// A pinhole camera. Its frame has x to the right of the picture, y down and z forward; a point p of that frame is
// seen at the pixel coordinates focal * (x, y) / z + center. Pixel (row, column) covers the square from
// (column, row) to (column + 1, row + 1), so that its middle is at + 0.5.
import { broadcastTo, eye, stack, type Tensor, type TensorLike, tan, tensor } from '@grad/core';
import { checkCount, checkOptions, checkShape, checkValues } from './check.ts';
import { component, transformed } from './vectors.ts';

/** Where a camera stands and how it is turned. */
export interface Pose {
  /** From the world to the camera, `[3, 3]`: its rows are the camera's right, down and forward in the world. */
  readonly rotation: Tensor;
  /** The eye in the world, `[3]`. */
  readonly position: Tensor;
}

/** A pinhole camera. Its tensors may be variables; the size of the picture is fixed. */
export interface Camera extends Pose {
  /** Focal lengths along x and y, in pixels, `[2]`. */
  readonly focal: Tensor;
  /** Where the optical axis meets the picture, in pixels (x, y), `[2]`. */
  readonly center: Tensor;
  /** Columns of pixels. */
  readonly width: number;
  /** Rows of pixels. */
  readonly height: number;
  /** Depth (along z) before which nothing is seen. */
  readonly near: number;
}

/** What a camera is made from. */
export interface CameraOptions {
  /** Columns of pixels. */
  readonly width: number;
  /** Rows of pixels; as many as columns when left out. */
  readonly height?: number;
  /** Focal length in pixels, a number or one for each of x and y. Give it, `fovX` or `fovY`. */
  readonly focal?: TensorLike;
  /** Angle between the left and the right edge of the picture, in radians. */
  readonly fovX?: TensorLike;
  /** Angle between the top and the bottom of the picture, in radians. */
  readonly fovY?: TensorLike;
  /** Where the optical axis meets the picture, in pixels (x, y); its middle when left out. */
  readonly center?: TensorLike;
  /** Position and rotation, as from `lookAt`; at the origin, along z, with y down when left out. */
  readonly pose?: Pose;
  /** Depth before which nothing is seen; 0.01 when left out. */
  readonly near?: number;
}

const known = ['width', 'height', 'focal', 'fovX', 'fovY', 'center', 'pose', 'near'];

/**
 * A pinhole camera with square or rectangular pixels and no distortion.
 *
 * @throws TypeError when not exactly one of `focal`, `fovX` and `fovY` is given.
 * @throws RangeError when sizes, focal lengths or `near` are not above 0, or an angle is not below pi.
 * @throws ShapeError when a part has another shape.
 * @see Hartley and Zisserman, Multiple View Geometry, 2nd edition, section 6.1.
 */
export function camera(options: CameraOptions): Camera {
  checkOptions('camera', options, known);
  const { width, height = width, focal, fovX, fovY, near = 0.01, pose = restingPose() } = options;
  checkCount('camera', 'width', width);
  checkCount('camera', 'height', height);
  if (!(near > 0 && near < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`camera: near is ${near}; give a depth above 0.`);
  }
  checkShape('camera', 'the rotation of the pose', pose.rotation, [3, 3]);
  checkShape('camera', 'the position of the pose', pose.position, [3]);
  checkValues('camera', 'the position', pose.position, 'positions are finite');
  checkValues('camera', 'the rotation', pose.rotation, 'rotations are finite');
  const center = tensor(options.center ?? [width / 2, height / 2]);
  checkShape('camera', 'the center', center, [2]);
  const lengths = focalLengths({ width, height, focal, fovX, fovY });
  checkValues('camera', 'the focal length', lengths, 'give one above 0', (f) => f > 0);
  return { ...pose, focal: lengths, center, width, height, near };
}

function restingPose(): Pose {
  return { rotation: eye(3), position: tensor([0, 0, 0]) };
}

function focalLengths(given: {
  readonly width: number;
  readonly height: number;
  readonly focal: TensorLike | undefined;
  readonly fovX: TensorLike | undefined;
  readonly fovY: TensorLike | undefined;
}): Tensor {
  const { width, height, focal, fovX, fovY } = given;
  const count = [focal, fovX, fovY].filter((x) => x !== undefined).length;
  if (count !== 1) {
    throw new TypeError(`camera: ${count} of focal, fovX and fovY are given; give one of them.`);
  }
  if (focal !== undefined) {
    const lengths = tensor(focal);
    if (lengths.ndim === 0) return broadcastTo(lengths, [2]);
    checkShape('camera', 'focal', lengths, [2]);
    return lengths;
  }
  const angle = tensor(fovX ?? fovY ?? 0);
  checkShape('camera', fovX === undefined ? 'fovY' : 'fovX', angle, []);
  checkValues(
    'camera',
    'the angle of view',
    angle,
    'give radians between 0 and pi',
    (a) => a > 0 && a < Math.PI,
  );
  const extent = fovX === undefined ? height : width;
  return broadcastTo(tensor(extent / 2).div(tan(angle.div(2))), [2]);
}

/** Points `[..., 3]` of the world in the frame of a camera. */
export function toCamera(points: Tensor, { rotation, position }: Pose): Tensor {
  return transformed(rotation, points.sub(position));
}

/**
 * Where points are seen: pixel coordinates (x, y) `[..., 2]` and depths along z `[...]`. Those of points at or
 * behind the eye, with depths of 0 or less, mean nothing.
 *
 * @param points of shape `[..., 3]`
 */
export function project(points: TensorLike, camera: Camera): { pixels: Tensor; depth: Tensor } {
  const seen = toCamera(tensor(points), camera);
  const depth = component(seen, 2);
  const pixels = stack([component(seen, 0).div(depth), component(seen, 1).div(depth)], {
    axis: -1,
  });
  return { pixels: pixels.mul(camera.focal).add(camera.center), depth };
}

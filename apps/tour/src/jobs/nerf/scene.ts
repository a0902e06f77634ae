import { concatenate, jit, sin, stack, type Tensor, tensor } from '@grad/core';
import {
  boxSdf,
  type Camera,
  camera,
  cameraRays,
  lambert,
  lookAt,
  pointLight,
  type Sdf,
  type SurfacePoint,
  sphereSdf,
  torusSdf,
  traceSdf,
} from '@grad/render';

/** Photographs of a scene, and from where they were taken. */
export interface Views {
  /** `[views, size, size, 3]` */
  readonly images: Tensor;
  /** `[views, size, size, 3]` */
  readonly origins: Tensor;
  readonly directions: Tensor;
}

/** Where the scene is along rays. */
export const range = { near: 2.75, far: 5.25 } as const;

const bodies: readonly { readonly sdf: Sdf; readonly albedo: readonly number[] }[] = [
  { sdf: sphereSdf({ center: [0, 0.15, 0], radius: 0.6 }), albedo: [0.9, 0.4, 0.3] },
  { sdf: torusSdf({ center: [0, -0.2, 0], radius: 0.95, tube: 0.2 }), albedo: [0.3, 0.5, 0.9] },
  {
    sdf: boxSdf({ center: [0.35, 0.75, 0.3], halfSize: [0.3, 0.3, 0.3], rounding: 0.08 }),
    albedo: [0.4, 0.8, 0.4],
  },
];

const union: Sdf = (points) => bodies.map(({ sdf }) => sdf(points)).reduce((a, b) => a.minimum(b));

/** A ball with stripes, a ring and a cube, lit by two lamps. */
function shade(surface: SurfacePoint): Tensor {
  const distances = stack(bodies.map(({ sdf }) => sdf(surface.position)));
  const isNearest = distances.le(distances.min({ axis: 0, keepdims: true })).astype('float64');
  const plain = bodies
    .map(({ albedo }, k) => isNearest.at(k).expandDims(1).mul(tensor(albedo)))
    .reduce((a, b) => a.add(b));
  const stripes = sin(surface.position.at(null, [1, 2]).mul(14))
    .mul(0.2)
    .add(0.8);
  return lambert({
    surface,
    albedo: plain.mul(stripes),
    lights: [
      pointLight({ position: [4, 5, 3], intensity: 90 }),
      pointLight({ position: [-4, 2, -4], intensity: 40 }),
    ],
    ambient: 0.25,
  });
}

/** A camera on a sphere around the scene. */
function cameraAt(size: number, around: number, height: number): Camera {
  const eye = [
    4 * Math.cos(height) * Math.cos(around),
    4 * Math.sin(height),
    4 * Math.cos(height) * Math.sin(around),
  ];
  return camera({ width: size, fovX: 0.62, pose: lookAt(eye, [0, 0.15, 0]) });
}

/** Cameras all around, at heights that go up and down. */
export function ring(size: number, count: number): Camera[] {
  return Array.from({ length: count }, (_, k) =>
    cameraAt(size, (2 * Math.PI * k) / count, 0.45 + 0.35 * Math.sin(2.4 * k)),
  );
}

/** Takes photographs, white where nothing is. */
export function photographs(cameras: readonly Camera[]): Views {
  const [first] = cameras;
  if (!first) throw new RangeError('There are no cameras.');
  const look = jit(
    (rotation: Tensor, position: Tensor) =>
      traceSdf(union, { ...first, rotation, position }, { shade, background: 1 }).image,
  );
  const rays = cameras.map(cameraRays);
  const joined = (parts: readonly Tensor[]): Tensor =>
    concatenate(parts.map((part) => part.astype('float32').expandDims(0)));
  return {
    images: joined(cameras.map(({ rotation, position }) => look(rotation, position))),
    origins: joined(rays.map(({ origins }) => origins)),
    directions: joined(rays.map(({ directions }) => directions)),
  };
}

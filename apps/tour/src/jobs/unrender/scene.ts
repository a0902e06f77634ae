import { sin, type Tensor, tensor } from '@grad/core';
import {
  axisAngle,
  type Camera,
  camera,
  icosphere,
  type Mesh,
  phong,
  pointLight,
  rasterize,
} from '@grad/render';

/** What is looked for. */
export interface Unknowns {
  /** The turn of the thing, as axis and angle, `[3]`. */
  readonly turn: Tensor;
  /** Its middle in the frame of the camera, `[3]`. */
  readonly place: Tensor;
  /** Where the lamp is, `[3]`. */
  readonly lamp: Tensor;
  /** Share of red, green and blue light that it gives back, `[3]`. */
  readonly albedo: Tensor;
  /** Share that it mirrors, a number. */
  readonly specular: Tensor;
}

/** What is known. */
export interface Setting {
  readonly mesh: Mesh;
  /** Pixels along both sides of the target. */
  readonly size: number;
  /** Angle of view, in radians. */
  readonly fov: number;
  /** `[3]` */
  readonly background: Tensor;
}

const power = 60;
const shininess = 12;

/** A pebble without symmetries: a ball with bumps, of about unit radius. */
export function pebble(): Mesh {
  const ball = icosphere(3);
  const wave = (k: readonly number[], phase: number): Tensor =>
    sin(ball.vertices.mul(tensor(k)).sum({ axis: 1, keepdims: true }).add(phase));
  const radius = wave([2.1, 1.3, -0.7], 0.4)
    .mul(0.22)
    .add(wave([-1.1, 2.9, 1.7], 1.1).mul(0.16))
    .add(wave([3.1, -1.9, 2.3], 2.5).mul(0.1))
    .add(1);
  return { ...ball, vertices: ball.vertices.mul(radius).mul(tensor([1.15, 0.9, 0.75])) };
}

/** The picture of a thing, `[size, size, 3]`, and how much of each pixel it covers. */
export function picture(
  { mesh, fov, background }: Setting,
  { turn, place, lamp, albedo, specular }: Unknowns,
  size: number,
  samples = 1,
): { image: Tensor; opacity: Tensor } {
  const view: Camera = camera({ width: size, fovX: fov });
  const vertices = mesh.vertices.matmul(axisAngle(turn).transpose()).add(place);
  return rasterize({ ...mesh, vertices }, view, {
    background,
    samples,
    maxCrossings: 1024 * samples,
    shade: (surface) =>
      phong({
        surface,
        albedo,
        specular,
        shininess,
        eye: tensor([0, 0, 0]),
        lights: [pointLight({ position: lamp, intensity: power })],
        ambient: 0.15,
      }),
  });
}

import { grad, jit, type Tensor, tensor } from '@grad/core';
import { camera, lambert, pointLight, renderVolume, sphereSdf, traceSdf } from '@grad/render';
import { jobRows, type Row } from '@grad/tour';
import type { Area } from '../line.ts';
import { atMostRow, nearRow } from '../rows.ts';
import { splatRows } from './render-splats.ts';

export const render: Area = {
  name: 'render',
  lines: [
    {
      name: 'sphere-silhouette',
      asks: 'Sphere silhouette (f=1, r=1, d=3): area .392699081699, dA/dr .883572933822, dA/dd -.294524311274, by sphere tracing, against differences of a supersampled image.',
      run: silhouetteRows,
    },
    {
      name: 'constant-density',
      asks: 'Constant density: C = c(1-exp(-sigma L)) for any sample count, dC/dsigma = c L exp(-sigma L).',
      run: () => [1, 2, 7, 64].flatMap(fogRows),
    },
    {
      name: 'lambert',
      asks: 'Lambert with a point light: exact gradients in albedo, intensity, position.',
      run: lambertRows,
    },
    {
      name: 'splats',
      asks: '3-D Gaussian splats: tiny_case.safetensors to 1e-5; backward against finite differences.',
      needsData: true,
      run: splatRows,
    },
    {
      name: 'recover',
      asks: 'The sphere silhouette by rasterized meshes as well; pose (from 20 degrees and 10 % off, 64x64, at most 200 steps, final error < .5 degree), light and material from one image.',
      run: ({ show }) => jobRows(['unrender'], show),
    },
    {
      name: 'nerf',
      asks: 'NeRF on an analytic scene at 48x48, 24 views, 4 held out: at least 28 dB in minutes on two cores.',
      run: ({ show }) => jobRows(['nerf', '--full'], show),
    },
  ],
};

/** Share of the picture plane at depth 1 that a ball on the axis covers, from a picture of n by n pixels. */
const area =
  (n: number) =>
  (radius: Tensor, distance: Tensor): Tensor => {
    const ball = sphereSdf({ center: tensor([0, 0, 1]).mul(distance), radius });
    return traceSdf(ball, camera({ width: n, focal: n }))
      .opacity.sum()
      .div(n * n);
  };

/** The same by counting rays that hit: |p|^2 (d^2 - r^2) < r^2 for p in the plane at depth 1. */
function counted(r: number, d: number): number {
  const [n, half] = [3000, 0.4];
  const limit = (r * r) / (d * d - r * r);
  let inside = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [x, y] = [((2 * i + 1) / n - 1) * half, ((2 * j + 1) / n - 1) * half];
      if (x * x + y * y < limit) inside++;
    }
  }
  return (inside / (n * n)) * 4 * half * half;
}

function silhouetteRows(): Row[] {
  const n = 128;
  const [value, slopes] = [jit(area(n)), jit(grad(area(n), { argnums: [0, 1] }))];
  const [inRadius, inDistance] = slopes(1, 3);
  const h = 0.05;
  const byRadius = (counted(1 + h, 3) - counted(1 - h, 3)) / (2 * h);
  const byDistance = (counted(1, 3 + h) - counted(1, 3 - h)) / (2 * h);
  return [
    nearRow('area, 128 x 128 pixels', value(1, 3).item(), 0.392699081699, 4e-5),
    nearRow('dA/dr', inRadius.item(), 0.883572933822, 2.5e-3),
    nearRow('dA/dd', inDistance.item(), -0.294524311274, 1e-3),
    atMostRow(
      'dA/dr against a supersampled picture, relative',
      Math.abs(inRadius.item() / byRadius - 1),
      5e-3,
    ),
    atMostRow(
      'dA/dd against a supersampled picture, relative',
      Math.abs(inDistance.item() / byDistance - 1),
      5e-3,
    ),
  ];
}

function fogRows(samples: number): Row[] {
  const [c, sigma, L] = [0.4, 0.7, 2.5];
  const ray = { origins: tensor([[0, 0, 0]]), directions: tensor([[0, 0, 1]]) };
  const seen = (density: Tensor): Tensor => {
    const fog = (points: Tensor) => {
      const nothing = points.at(null, null, 0).mul(0);
      return { density: nothing.add(density), color: nothing.expandDims(-1).add(c) };
    };
    return renderVolume(fog, ray, { near: 0, far: L, samples }).color.reshape([]);
  };
  const light = Math.exp(-sigma * L);
  return [
    nearRow(`${samples} samples: C`, seen(tensor(sigma)).item(), c * (1 - light), 1e-14),
    nearRow(`${samples} samples: dC/dsigma`, grad(seen)(sigma).item(), c * L * light, 1e-14),
  ];
}

function lambertRows(): Row[] {
  const surface = { position: [0, 0, 0], normal: [0, 1, 0] };
  const [x, y, z] = [0.6, 1.1, -0.4];
  const [albedo, intensity] = [0.35, 7];
  const seen = (a: Tensor, power: Tensor, position: Tensor): Tensor =>
    lambert({ surface, albedo: a, lights: [pointLight({ position, intensity: power })] }).reshape(
      [],
    );
  const r2 = x * x + y * y + z * z;
  const value = (albedo * intensity * y) / (Math.PI * r2 ** 1.5);
  const light = tensor([x, y, z]);
  const slopes = grad(seen, { argnums: [0, 1, 2] })(albedo, intensity, light);
  const inPosition = [(-3 * x) / r2, 1 / y - (3 * y) / r2, (-3 * z) / r2];
  return [
    nearRow('radiance', seen(tensor(albedo), tensor(intensity), light).item(), value, 1e-14),
    nearRow('in albedo', slopes[0].item(), value / albedo, 1e-14),
    nearRow('in intensity', slopes[1].item(), value / intensity, 1e-14),
    ...inPosition.map((k, i) =>
      nearRow(`in ${'xyz'[i]} of the light`, slopes[2].at(i).item(), k * value, 1e-14),
    ),
  ];
}

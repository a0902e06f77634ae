import { grad, jit, type Tensor, tensor } from '@grad/core';
import {
  axisAngle,
  camera,
  icosphere,
  rasterize,
  rotationAngle,
  sphereSdf,
  traceSdf,
} from '@grad/render';
import type { Row } from '../../row.ts';
import type { Recovered } from './recover.ts';
import type { Unknowns } from './scene.ts';

/** Degrees between the turns of two poses. */
function degreesBetween(a: Unknowns, b: Unknowns): number {
  return (rotationAngle(axisAngle(a.turn), axisAngle(b.turn)).item() * 180) / Math.PI;
}

/** What was found, held against what was shown. */
export function truthRows(start: Unknowns, { found, steps }: Recovered, truth: Unknowns): Row[] {
  const distance = (a: Tensor, b: Tensor): number => a.sub(b).square().sum().sqrt().item();
  const length = (a: Tensor): number => a.square().sum().sqrt().item();
  const row = (what: string, result: number, limit: number): Row => ({
    what,
    result,
    reference: { kind: 'atMost', limit },
    source: 'the picture was made so',
  });
  return [
    { what: 'turn at the start, degrees off', result: degreesBetween(start, truth) },
    row('turn found, degrees off', degreesBetween(found, truth), 0.5),
    {
      what: 'place at the start, off by a share of the distance',
      result: distance(start.place, truth.place) / length(truth.place),
    },
    row('place found', distance(found.place, truth.place) / length(truth.place), 0.01),
    row(
      'lamp found, off by a share of its distance',
      distance(found.lamp, truth.lamp) / length(truth.lamp),
      0.05,
    ),
    row('albedo found, largest error', found.albedo.sub(truth.albedo).abs().max().item(), 0.03),
    row('specular share found, error', Math.abs(found.specular.sub(truth.specular).item()), 0.03),
    row('steps', steps, 200),
  ];
}

/** The outline of a ball of radius 1 at the distance 3, whose area is pi r^2 / (d^2 - r^2). */
export function outlineRows(): Row[] {
  const n = 64;
  const view = camera({ width: n, focal: n });
  const axis = tensor([0, 0, 1]);
  const ball = icosphere(4);
  const methods: Record<string, (r: Tensor, d: Tensor) => Tensor> = {
    'signed distances': (r, d) =>
      traceSdf(sphereSdf({ center: axis.mul(d), radius: r }), view)
        .opacity.sum()
        .div(n * n),
    'a mesh of 5120 triangles': (r, d) =>
      rasterize({ ...ball, vertices: ball.vertices.mul(r).add(axis.mul(d)) }, view)
        .opacity.sum()
        .div(n * n),
  };
  return Object.entries(methods).flatMap(([name, area]) => {
    const [inRadius, inDistance] = jit(grad(area, { argnums: [0, 1] }))(1, 3);
    const exact = (what: string, result: number, value: number, share: number): Row => ({
      what: `${what}, ${name}`,
      result,
      reference: { kind: 'exact', value, tolerance: Math.abs(share * value) },
      source: 'pi r^2 / (d^2 - r^2) at r = 1, d = 3',
    });
    return [
      exact('outline of a ball: area', jit(area)(1, 3).item(), Math.PI / 8, 3e-3),
      exact('its derivative in r', inRadius.item(), (9 * Math.PI) / 32, 6e-3),
      exact('its derivative in d', inDistance.item(), (-3 * Math.PI) / 32, 6e-3),
    ];
  });
}

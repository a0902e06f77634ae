import { grad, type Tensor, tensor } from '@grad/core';
import { renderVolume } from '@grad/render';
import type { Row } from '../../row.ts';

/** A fog of constant density, for which the sum along a ray is c (1 - exp(-s L)) with any number of points. */
export function fogRows(): Row[] {
  const [s, c, length] = [0.7, 0.4, 2];
  const rays = { origins: tensor([[0, 0, 0]]), directions: tensor([[0, 0, 1]]) };
  const seen = (density: Tensor, samples: number): Tensor => {
    const field = (points: Tensor) => {
      const same = points.at(null, null, 0).mul(0).add(density);
      return { density: same, color: same.mul(0).add(c).expandDims(-1) };
    };
    return renderVolume(field, rays, { near: 0, far: length, samples }).color.reshape([]);
  };
  const exact = (what: string, result: number, value: number): Row => ({
    what,
    result,
    reference: { kind: 'exact', value, tolerance: 1e-14 },
    source: 'c (1 - exp(-s L))',
  });
  return [3, 100].flatMap((samples) => [
    exact(
      `fog of constant density, ${samples} points`,
      seen(tensor(s), samples).item(),
      c * (1 - Math.exp(-s * length)),
    ),
    exact(
      `its derivative in the density, ${samples} points`,
      grad((x: Tensor) => seen(x, samples))(s).item(),
      c * length * Math.exp(-s * length),
    ),
  ]);
}

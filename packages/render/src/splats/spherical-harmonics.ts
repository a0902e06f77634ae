import { concatenate, ShapeError, type Tensor } from '@grad/core';
import { component } from '../vectors.ts';

/**
 * Real spherical harmonics up to a degree, at directions of length 1, with the signs that Gaussian splats are stored
 * with.
 *
 * @param directions `[n, 3]`
 * @returns `[n, (degree + 1)^2]`
 */
function sphericalHarmonics(directions: Tensor, degree: number): Tensor {
  const [x, y, z] = [0, 1, 2].map((k) => component(directions, k));
  if (!x || !y || !z) throw new Error('unreachable');
  const [xx, yy, zz] = [x.square(), y.square(), z.square()];
  const bands: Tensor[][] = [
    [x.mul(0).add(0.28209479177387814)],
    [y.mul(-0.4886025119029199), z.mul(0.4886025119029199), x.mul(-0.4886025119029199)],
    [
      x.mul(y).mul(1.0925484305920792),
      y.mul(z).mul(-1.0925484305920792),
      zz.mul(2).sub(xx).sub(yy).mul(0.31539156525252005),
      x.mul(z).mul(-1.0925484305920792),
      xx.sub(yy).mul(0.5462742152960396),
    ],
    [
      y.mul(xx.mul(3).sub(yy)).mul(-0.5900435899266435),
      x.mul(y).mul(z).mul(2.890611442640554),
      y.mul(zz.mul(4).sub(xx).sub(yy)).mul(-0.4570457994644658),
      z.mul(zz.mul(2).sub(xx.mul(3)).sub(yy.mul(3))).mul(0.3731763325901154),
      x.mul(zz.mul(4).sub(xx).sub(yy)).mul(-0.4570457994644658),
      z.mul(xx.sub(yy)).mul(1.445305721320277),
      x.mul(xx.sub(yy.mul(3))).mul(-0.5900435899266435),
    ],
  ];
  const values = bands.slice(0, degree + 1).flat();
  return concatenate(
    values.map((value) => value.expandDims(1)),
    { axis: 1 },
  );
}

/** @throws ShapeError when there are not 1, 4, 9 or 16 coefficients. */
function degreeOf(name: string, coefficients: number): number {
  const degree = [1, 4, 9, 16].indexOf(coefficients);
  if (degree >= 0) return degree;
  throw new ShapeError(
    `${name}: there are ${coefficients} coefficients for each color; degrees 0 to 3 have 1, 4, 9 or 16.`,
  );
}

/** Colors seen along directions: the sum of harmonics and 0.5, and at least 0. */
export function harmonicColors(name: string, sh: Tensor, directions: Tensor): Tensor {
  const degree = degreeOf(name, sh.shape[1] ?? 0);
  const basis = sphericalHarmonics(directions, degree);
  return basis.expandDims(2).mul(sh).sum({ axis: 1 }).add(0.5).relu();
}

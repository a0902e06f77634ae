import { jit, sparseJacobian, tensor } from '@grad/core';
import { type Observations, pattern, residuals, type Unknowns } from '@grad/gradbench';
import type { DataFolder } from '../data-folder.ts';
import { add, cos, type Dual, div, dual, mul, seeded, sin, sqrt, sub, sumOf } from './dual.ts';
import { numbersOf } from './numbers.ts';

/**
 * A problem in which no two cameras, points or weights are the same: the file has one of each, which is
 * moved a little for each copy.
 */
export function bundleProblem(data: DataFolder, name: string) {
  const file = numbersOf(data, `ba/${name}.txt`);
  const [n, m, p] = [file.next(), file.next(), file.next()];
  const [camera, point, weight, feature] = [file.take(11), file.take(3), file.next(), file.take(2)];
  const moved = (values: readonly number[], i: number): number[] =>
    values.map((v, j) => v * (1 + 1e-3 * Math.sin(12.9898 * (i + 1) + 7.31 * j)));
  const copies = (values: readonly number[], count: number): number[][] =>
    Array.from({ length: count }, (_, i) => moved(values, i));
  return {
    cameras: copies(camera, n),
    points: copies(point, m),
    weights: copies([weight], p).flat(),
    feature,
  };
}

type Problem = ReturnType<typeof bundleProblem>;

/** The values of the Jacobian's entries by @grad, and how many there are. */
export function bundleJacobian({ cameras, points, weights, feature }: Problem): ArrayLike<number> {
  const p = weights.length;
  const observations: Observations = {
    features: tensor(Array.from({ length: p }, () => feature)),
    camera: tensor(Int32Array.from({ length: p }, (_, i) => i % cameras.length)),
    point: tensor(Int32Array.from({ length: p }, (_, i) => i % points.length)),
  };
  const unknowns: Unknowns = [tensor(cameras), tensor(points), tensor(weights)];
  const options = { pattern: pattern(unknowns, observations) };
  const { data } = jit(sparseJacobian(residuals(observations), options))(unknowns);
  return Array.from(data.dataSync(), Number);
}

/** The same by dual numbers, one observation after the other. */
export function bundleJacobianByHand({ cameras, points, weights, feature }: Problem): number[] {
  const entries: number[] = [];
  for (const [i, weight] of weights.entries()) {
    const at = [
      ...(cameras[i % cameras.length] ?? []),
      ...(points[i % points.length] ?? []),
      weight,
    ];
    const columns = at.map((_, k) => residual(seeded(at, k), feature));
    for (const row of [0, 1])
      entries.push(...columns.map((column) => column[row]?.d ?? Number.NaN));
  }
  return [...entries, ...weights.map((w) => -2 * w)];
}

function residual(at: readonly Dual[], feature: readonly number[]): Dual[] {
  const get = (k: number): Dual => at[k] ?? dual(Number.NaN);
  const r = [get(0), get(1), get(2)] as const;
  const x = [sub(get(11), get(3)), sub(get(12), get(4)), sub(get(13), get(5))] as const;
  const [focal, weight] = [get(6), get(14)];
  const angle = sqrt(sumOf(r.map((c) => mul(c, c))));
  const v = [div(r[0], angle), div(r[1], angle), div(r[2], angle)] as const;
  const cross = [
    sub(mul(v[1], x[2]), mul(v[2], x[1])),
    sub(mul(v[2], x[0]), mul(v[0], x[2])),
    sub(mul(v[0], x[1]), mul(v[1], x[0])),
  ];
  const along = mul(
    sumOf([mul(v[0], x[0]), mul(v[1], x[1]), mul(v[2], x[2])]),
    sub(dual(1), cos(angle)),
  );
  const seen = x.map((c, i) =>
    sumOf([mul(c, cos(angle)), mul(cross[i] ?? dual(0), sin(angle)), mul(v[i] ?? dual(0), along)]),
  );
  const depth = seen[2] ?? dual(Number.NaN);
  const q = [div(seen[0] ?? dual(0), depth), div(seen[1] ?? dual(0), depth)];
  const r2 = sumOf(q.map((c) => mul(c, c)));
  const distortion = sumOf([dual(1), mul(get(9), r2), mul(get(10), mul(r2, r2))]);
  return q.map((c, i) => {
    const place = add(mul(focal, mul(c, distortion)), get(7 + i));
    return mul(weight, sub(place, dual(feature[i] ?? 0)));
  });
}

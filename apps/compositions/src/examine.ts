import { grad, hvp, jit, random, stack, type Tensor, vmap } from '@grad/core';
import type { Composition } from './composition.ts';

/** What a composition gives, by different ways to it. */
export interface Findings {
  readonly value: number;
  /** Derivative along a direction. */
  readonly slope: number;
  readonly slopeByDifferences: number;
  /** Second derivative along it. */
  readonly curvature: number;
  readonly curvatureByDifferences: number;
  /** Relative differences of what must be the same. */
  readonly apart: {
    /** Value, gradient and product with the Hessian, compiled. */
    readonly jit: number;
    /** Values and gradients of a batch against one by one. */
    readonly vmap: number;
    /** Products with the Hessian by reverse over reverse mode against forward over reverse. */
    readonly modes: number;
  };
}

/** Central differences, extrapolated once: the error is of fourth order. */
function difference(f: (h: number) => number, h: number): number {
  const slope = (by: number): number => (f(by) - f(-by)) / (2 * by);
  return (4 * slope(h / 2) - slope(h)) / 3;
}

/** The largest difference relative to the largest element. */
function distance(a: Tensor, b: Tensor): number {
  return a.sub(b).abs().max().item() / Math.max(a.abs().max().item(), b.abs().max().item());
}

/** Takes the value and the derivatives of a composition in every way. */
export function examine({ f, x, step = 1e-3 }: Composition): Findings {
  const direction = random.normal(random.key(2026), x.shape);
  const along = (g: Tensor): number => g.mul(direction).sum().item();
  const at = (h: number): Tensor => x.add(direction.mul(h));
  const gradient = grad(f);
  const product = (z: Tensor, v: Tensor): Tensor => hvp(f, z, v);

  const [value, slopes, curvatures] = [f(x), gradient(x), product(x, direction)];
  const batch = stack([x, at(step), at(-step)]);
  const each = (g: (z: Tensor) => Tensor): Tensor => stack([0, 1, 2].map((i) => g(batch.at(i))));
  const again = grad((z: Tensor) => gradient(z).mul(direction).sum())(x);
  return {
    value: value.item(),
    slope: along(slopes),
    slopeByDifferences: difference((h) => f(at(h)).item(), step),
    curvature: along(curvatures),
    curvatureByDifferences: difference((h) => along(gradient(at(h))), step),
    apart: {
      jit: Math.max(
        distance(jit(f)(x), value),
        distance(jit(gradient)(x), slopes),
        distance(jit(product)(x, direction), curvatures),
      ),
      vmap: Math.max(
        distance(vmap(f)(batch), each(f)),
        distance(jit(vmap(gradient))(batch), each(gradient)),
      ),
      modes: distance(again, curvatures),
    },
  };
}

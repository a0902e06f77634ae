import type { Traced } from '../transforms/types.ts';
import { scan } from './scan.ts';

/**
 * f of each element of `xs` along the leading axis, stacked: one compiled loop, in which each
 * element runs on its own. Where f has loops of its own, each element takes as many steps as it
 * needs; `vmap` would run all as long as the longest.
 *
 * @throws ShapeError when leading axes are missing or differ.
 */
export function map<const X, const Y>(f: (x: Traced<X>) => Y, xs: X): Traced<Y> {
  const [, ys] = scan((carry: null, x: Traced<X>) => [carry, f(x)], null, xs);
  return ys;
}

import { checkFunction } from '../tensor/check.ts';
import { ShapeError } from '../tensor/shape.ts';
import { leaves } from '../transforms/tree.ts';
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
  checkFunction('map', 'the first argument', f);
  if (leaves(xs).length === 0) {
    throw new ShapeError('map: there is nothing to go over; give a tensor or a tree of tensors.');
  }
  const [, ys] = scan((carry: null, x: Traced<X>) => [carry, f(x)], null, xs);
  return ys;
}

import { type Affine, affineLoop } from '../kernel/affine.ts';
import type { Expr, Scalar } from '../kernel/expr.ts';
import { binary, cast, compare, indexValue } from '../kernel/scalars.ts';
import { int, type KernelVector } from './kernel-matrix.ts';
import { add } from './kernel-pair.ts';
import type { NestBuilder } from './nest-builder.ts';

/** How many elements of a vector come before one of them; of equal ones the first comes first. */
export function rankOf(
  k: NestBuilder,
  type: Scalar,
  n: number,
  x: KernelVector,
  position: Affine,
  order: 'rising' | 'falling',
): Expr {
  const own = k.local(type, x.read(position));
  const rank = k.local('int32', int(0));
  k.sequential(n, (loop) => {
    const other = affineLoop(loop);
    const earlier = compare('lt', indexValue(other), indexValue(position));
    const equal = binary('and', compare('eq', x.read(other), own.get()), earlier);
    const beyond = compare(order === 'rising' ? 'lt' : 'gt', x.read(other), own.get());
    rank.set(add(rank.get(), cast('int32', binary('or', beyond, equal))));
  });
  return rank.get();
}

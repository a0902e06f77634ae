import {
  foriLoop,
  grad,
  jit,
  linearTranspose,
  map,
  scan,
  sum,
  type Tensor,
  tree,
  vmap,
} from '@grad/core';
import type { Operations } from './operation.ts';

interface Pair {
  readonly p: Tensor;
  readonly rest: readonly [Tensor, Tensor];
}

/** Transforms of functions of trees and of plain numbers, whose dtype is that of what they meet. */
export const trees: Operations = {
  jitOfTree: {
    blocks: 1,
    build(scope, draw, [f]) {
      const inner = jit(({ p, rest: [q, r] }: Pair, k: Tensor) => ({
        y: scope.call(f, [q, p]).mul(k),
        r,
      }));
      const x = scope.float(draw);
      const { y, r } = inner({ p: x, rest: [scope.float(draw), scope.any(draw)] }, 0.75);
      return [y, r];
    },
  },
  gradInNumber: {
    blocks: 1,
    build(scope, draw, [f]) {
      const loss = (x: Tensor, k: Tensor): Tensor => {
        const y = scope.call(f, [x.mul(k)]);
        return sum(y).mul(1 / Math.max(1, y.size));
      };
      const x = scope.float(draw);
      scope.traits.differentiates = true;
      const [dx, dk] = grad(loss, { argnums: [0, 1] })(x, 0.7);
      return [scope.tame(dx), scope.tame(dk.astype(scope.dtype))];
    },
  },
  gradOfTree: {
    blocks: 1,
    build(scope, draw, [f]) {
      const loss = ({ p, rest: [q, r] }: Pair): Tensor => {
        const y = scope.call(f, [p, q]);
        return sum(y)
          .mul(1 / Math.max(1, y.size))
          .add(sum(r.mul(0)));
      };
      const parts: Pair = { p: scope.float(draw), rest: [scope.float(draw), scope.float(draw)] };
      scope.traits.differentiates = true;
      const { p, rest } = grad(loss)(parts);
      return [scope.tame(p), ...rest.map((each) => scope.tame(each))];
    },
  },
  linearTranspose: {
    build(scope, draw) {
      const x = scope.float(draw);
      const weight = scope.fit(scope.float(draw), x.shape);
      const linear = (z: Tensor): Tensor =>
        foriLoop(0, 2, (_, c: Tensor) => c.mul(0.5).add(z), z.mul(weight));
      const [y] = linearTranspose(linear, x)(scope.fit(scope.float(draw), x.shape));
      return scope.tame(y);
    },
  },
  ravel: {
    build(scope, draw) {
      const [flat, unravel] = tree.ravel({ a: scope.float(draw), b: [scope.float(draw)] });
      const { a, b } = unravel(flat.mul(0.5));
      return [flat, a, ...b];
    },
  },
  mapOfTree: {
    blocks: 1,
    build(scope, draw, [f]) {
      const x = scope.array(draw);
      const few = (x.shape[0] ?? 0) > 4 ? x.at([0, 4]) : x;
      const { y, n } = map(
        ({ a, i }: { a: Tensor; i: Tensor }) => ({ y: scope.call(f, [i, a]), n: i.add(1) }),
        { a: few, i: scope.fit(scope.int(draw), [few.shape[0] ?? 0]) },
      );
      return [y, n];
    },
  },
  scanOfTree: {
    blocks: 1,
    build(scope, draw, [f]) {
      const x = scope.array(draw);
      const few = (x.shape[0] ?? 0) > 4 ? x.at([0, 4]) : x;
      const [{ c, total }, { seen }] = scan(
        ({ c, total }: { c: Tensor; total: Tensor }, { a, i }: { a: Tensor; i: Tensor }) => {
          const y = scope.fit(scope.call(f, [i, a, c]), c.shape);
          const carry = { c: y, total: total.mul(0.5).add(sum(y).mul(1 / Math.max(1, y.size))) };
          return [carry, { seen: y }];
        },
        { c: scope.float(draw), total: scope.number(0) },
        { a: few, i: scope.fit(scope.int(draw), [few.shape[0] ?? 0]) },
        { reverse: draw.flag() },
      );
      return [c, total, seen];
    },
  },
  vmapTwice: {
    blocks: 1,
    build(scope, draw, [f]) {
      const x = scope.float(draw);
      const y = scope.float(draw);
      const rows = x.ndim > 0 ? x : x.reshape([1]);
      const columns = y.ndim > 0 ? y : y.reshape([1]);
      if (rows.size * columns.size > 160) return rows;
      const inner = (a: Tensor, b: Tensor): Tensor => scope.call(f, [b, a]);
      const each = vmap(inner, { inAxes: [null, 0], outAxes: 0 });
      return vmap((a: Tensor, b: Tensor) => each(a, b), { inAxes: [0, null] })(rows, columns);
    },
  },
};

import {
  associativeScan,
  foriLoop,
  type LoopCheckpoint,
  logicalAnd,
  map,
  mul,
  scan,
  sum,
  type Tensor,
  tanh,
  tensor,
  where,
  whileLoop,
} from '@grad/core';
import type { Block } from '../recipe.ts';
import type { Draw, Scope } from '../scope.ts';
import type { Operations } from './operation.ts';

/** What reverse mode keeps of a loop, where functions may say so. */
function policy(scope: Scope, draw: Draw): LoopCheckpoint {
  const drawn = draw.of<LoopCheckpoint>('store', 'recompute', 2, 'online');
  return scope.abilities.checkpoints ? drawn : 'store';
}

/** A float with a leading axis of few entries. */
function sequence(scope: Scope, draw: Draw): Tensor {
  const x = scope.array(draw);
  return (x.shape[0] ?? 0) > 5 ? x.at([0, 5]) : x;
}

/** A step of a loop: what the function gives, in the shape of the carry. */
function next(
  scope: Scope,
  block: Block | undefined,
  carry: Tensor,
  others: readonly Tensor[],
): Tensor {
  return scope.fit(scope.call(block, [...others, carry]), carry.shape);
}

/** A loop that ends by itself or after a few steps, whatever its body gives. */
function bounded(scope: Scope, draw: Draw, [body, test]: readonly Block[]): Tensor {
  const start = scope.float(draw);
  const limit = draw.below(5);
  const zero = tensor(0, { dtype: 'int32' });
  const options = { checkpoint: policy(scope, draw), ...(draw.flag() && { maxSteps: 6 }) };
  const step = ({ y, n }: { y: Tensor; n: Tensor }) => ({
    y: next(scope, body, y, [n]),
    n: n.add(1),
  });
  const goesOn = ({ y, n }: { y: Tensor; n: Tensor }): Tensor =>
    logicalAnd(n.lt(limit), test ? scope.test(test, [y]) : sum(y.square()).lt(8));
  return whileLoop(goesOn, step, { y: start, n: zero }, options).y;
}

/** Loops around random functions. */
export const loops: Operations = {
  scan: {
    blocks: 2,
    build(scope, draw, [step, output]) {
      const xs = sequence(scope, draw);
      const start = scope.float(draw);
      const options = { reverse: draw.flag(), checkpoint: policy(scope, draw) };
      const [carry, ys] = scan(
        (c: Tensor, x: Tensor) => {
          const c1 = next(scope, step, c, [x]);
          return [c1, scope.call(output, [x, c1])];
        },
        start,
        xs,
        options,
      );
      return [carry, ys];
    },
  },
  scanPair: {
    blocks: 2,
    build(scope, draw, [left, right]) {
      const a = scope.float(draw);
      const b = scope.float(draw);
      const n = scope.int(draw);
      const length = draw.below(5);
      const [carry, ys] = scan(
        ({ p, q, k }: { p: Tensor; q: Tensor; k: Tensor }) => {
          const p1 = next(scope, left, p, [q]);
          const state = { p: next(scope, right, q, [k, p]), q: p1, k: k.add(1) };
          return [{ ...state, p: scope.fit(state.p, p.shape), q: scope.fit(p1, q.shape) }, [p1, k]];
        },
        { p: a, q: b, k: n },
        null,
        { length, reverse: draw.flag(), checkpoint: policy(scope, draw) },
      );
      return [carry.p, carry.q, carry.k, ...ys];
    },
  },
  foriLoop: {
    blocks: 1,
    build(scope, draw, [body]) {
      const lo = draw.below(4) - 2;
      const hi = lo + draw.below(4);
      return foriLoop(lo, hi, (i, c: Tensor) => next(scope, body, c, [i]), scope.float(draw));
    },
  },
  weakCarry: {
    blocks: 1,
    build: (scope, draw, [body]) =>
      foriLoop(
        0,
        draw.below(4),
        (_, c: Tensor) => next(scope, body, c.add(scope.number(0)), []),
        0.5,
      ),
  },
  map: {
    blocks: 1,
    build(scope, draw, [f]) {
      return map((x: Tensor) => scope.call(f, [x]), sequence(scope, draw));
    },
  },
  associativeScan: {
    blocks: 0,
    build(scope, draw) {
      const x = sequence(scope, draw);
      const combine = draw.of<(a: Tensor, b: Tensor) => Tensor>(
        (a, b) => mul(a, b).mul(0.25),
        (a, b) => where(a.lt(b), b, a),
        (a, b) => tanh(a.add(b)),
      );
      return associativeScan((a: Tensor, b: Tensor) => combine(a, b), x, { reverse: draw.flag() });
    },
  },
  affineScan: {
    build(scope, draw) {
      const x = sequence(scope, draw);
      const xs = { a: tanh(x), b: x.mul(0.25) };
      const all = associativeScan(
        (l: { a: Tensor; b: Tensor }, r: { a: Tensor; b: Tensor }) => ({
          a: l.a.mul(r.a),
          b: l.b.mul(r.a).add(r.b),
        }),
        xs,
      );
      return all.b;
    },
  },
  whileLoop: {
    blocks: 1,
    build(scope, draw, blocks) {
      return bounded(scope, draw, blocks.slice(0, 1));
    },
  },
  whileTest: {
    blocks: 2,
    build(scope, draw, blocks) {
      return bounded(scope, draw, blocks);
    },
  },
};

import {
  concatenate,
  cos,
  cumsum,
  explain,
  grad,
  jit,
  matmul,
  random,
  sin,
  stack,
  sum,
  type Tensor,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { combineInOrder } from '../../src/compiler/unroll-row.ts';
import { constant } from '../../src/kernel/scalars.ts';

const rows = 37;
const drawn = (k: number, width: readonly number[], dtype: 'float64' | 'float32' = 'float64') =>
  random.normal(random.foldIn(random.key(8), k), [rows, ...width], { dtype });
const kernels = (f: (...x: Tensor[]) => Tensor, ...x: Tensor[]): number =>
  Number(/^(\d+) kernel/.exec(String(explain(f, ...x)))?.[1]);

function cross(a: Tensor, b: Tensor): Tensor {
  const [x, y, z] = [a.at(0), a.at(1), a.at(2)];
  const [u, v, w] = [b.at(0), b.at(1), b.at(2)];
  return stack([y.mul(w).sub(z.mul(v)), z.mul(u).sub(x.mul(w)), x.mul(v).sub(y.mul(u))]);
}

/** b turned about a by the length of a. */
function turn(a: Tensor, b: Tensor): Tensor {
  const angle = a.square().sum().sqrt();
  const axis = a.div(angle);
  const along = axis.mul(axis.mul(b).sum()).mul(cos(angle).neg().add(1));
  return b
    .mul(cos(angle))
    .add(cross(axis, b).mul(sin(angle)))
    .add(along);
}

const functions: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  turn,
  cross,
  'length and direction': (a, b) =>
    concatenate([a.div(a.square().sum().sqrt()), b.sum({ keepdims: true })]),
  'a product of matrices': (a, b) => matmul(stack([a, b, cross(a, b)]), b).mul(a.max()),
  'the largest and a prefix': (a, b) => cumsum(a.mul(b)).sub(b.max()).mul(a.prod()),
  'a sum of many': (a, b) => {
    const all = concatenate([a, b, a.mul(b), a.sub(b), b.div(2)]);
    return sum(all.mul(all))
      .mul(a)
      .add(all.at([0, 3]));
  },
};

describe.each(['float64', 'float32'] as const)('rows of a few %s', (dtype) => {
  const [a, b] = [drawn(1, [3], dtype), drawn(2, [3], dtype)];

  test.each(Object.entries(functions))(
    '%s: have the bits of one operation after the other',
    (_, f) => {
      expect(jit(vmap(f))(a, b).dataSync()).toEqual(vmap(f)(a, b).dataSync());
      const loss = (x: Tensor, y: Tensor): Tensor => sum(vmap(f)(x, y).square());
      const slopes = grad(loss, { argnums: [0, 1] });
      const one = slopes(a, b).map((t) => t.dataSync());
      expect(jit(slopes)(a, b).map((t) => t.dataSync())).toEqual(one);
    },
  );
});

test.each(Object.entries(functions))('%s of rows has right derivatives', (_, f) => {
  checkGrads((x: Tensor, y: Tensor) => sum(vmap(f)(x, y)), [drawn(3, [3]), drawn(4, [3])], {
    order: 2,
  });
});

test('what is done with vectors of three is one kernel', () => {
  expect(kernels(vmap(turn), drawn(1, [3]), drawn(2, [3]))).toBe(1);
  const loss = (x: Tensor, y: Tensor): Tensor => sum(vmap(turn)(x, y).square());
  expect(kernels((x, y) => grad(loss)(x, y), drawn(1, [3]), drawn(2, [3]))).toBeLessThan(4);
});

test('rows within rows keep to the axes of the outer ones', () => {
  const x = drawn(5, [20, 3]);
  const f = (t: Tensor): Tensor => t.div(t.square().sum().sqrt()).mul(t.max());
  expect(jit(vmap(vmap(f)))(x).dataSync()).toEqual(vmap(vmap(f))(x).dataSync());
  const columns = (t: Tensor): Tensor => vmap(f, { inAxes: 1, outAxes: 1 })(t);
  expect(jit(vmap(columns))(x).dataSync()).toEqual(vmap(columns)(x).dataSync());
});

test('an unrolled sum takes its terms in the order of a loop', () => {
  const terms = Array.from({ length: 16 }, (_, k) => constant('float64', k));
  const order = (n: number, type: 'float64' | 'float32'): string =>
    JSON.stringify(combineInOrder('add', type, terms.slice(0, n)), (_, v) =>
      v?.op === 'binary' ? [v.x, v.y] : v?.op === 'const' ? v.value : v,
    );
  expect(order(3, 'float64')).toBe('[[[0,0],[0,1]],2]');
  expect(order(3, 'float32')).toBe('[[[0,0],1],2]');
  expect(order(4, 'float64')).toBe('[[[0,0],[0,2]],[[0,1],[0,3]]]');
  expect(order(9, 'float32')).toBe(
    '[[[[[0,0],[0,4]],[[0,2],[0,6]]],[[[0,1],[0,5]],[[0,3],[0,7]]]],8]',
  );
});

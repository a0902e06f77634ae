import {
  exp,
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jit,
  matmul,
  sin,
  stack,
  sum,
  type Tensor,
  tensor,
} from '@grad/core';
import { describe, expect, expectTypeOf, test } from 'vitest';

const x = tensor([0.5, -1.5, 2]);
const f = (t: Tensor): Tensor => stack([t.at(0).mul(t.at(1)), sin(t.at(2))]);

describe('Jacobians', () => {
  test('have the axes of the result before those of the argument', () => {
    const expected = [
      [-1.5, 0.5, 0],
      [0, 0, Math.cos(2)],
    ];
    for (const jacobian of [jacfwd(f), jacrev(f), jit(jacfwd(f)), jit(jacrev(f))]) {
      const got = jacobian(x);
      expect(got.shape).toEqual([2, 3]);
      got.dataSync().forEach((value, i) => {
        expect(value).toBeCloseTo(expected.flat()[i] ?? Number.NaN, 15);
      });
    }
    const square = jacrev((t: Tensor) => matmul(t, t))(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    expect(square.shape).toEqual([2, 2, 2, 2]);
    expect(square.at(0, 1).toArray()).toEqual([
      [2, 5],
      [0, 2],
    ]);
  });

  test('of trees have the structure of the result, and at each leaf that of the argument', () => {
    const g = ({ a, b }: { a: Tensor; b: Tensor }): { p: Tensor; q: Tensor[] } => ({
      p: a.mul(b),
      q: [b.sum()],
    });
    const at = { a: tensor([1, 2]), b: tensor([3, 4]) };
    for (const jacobian of [jacfwd(g)(at), jacrev(g)(at)]) {
      expectTypeOf(jacobian.p.a).toEqualTypeOf<Tensor>();
      expect(jacobian.p.a.toArray()).toEqual([
        [3, 0],
        [0, 4],
      ]);
      expect(jacobian.p.b.toArray()).toEqual([
        [1, 0],
        [0, 2],
      ]);
      expect(jacobian.q[0]?.b.toArray()).toEqual([1, 1]);
      expect(jacobian.q[0]?.a.toArray()).toEqual([0, 0]);
    }
  });

  test('leave the other arguments alone', () => {
    const scaled = (t: Tensor, k: Tensor): Tensor => t.mul(k);
    expect(jacfwd(scaled)(tensor([1, 2]), 3).toArray()).toEqual([
      [3, 0],
      [0, 3],
    ]);
  });
});

describe('second derivatives', () => {
  const g = (t: Tensor): Tensor => exp(t.at(0)).mul(t.at(1)).add(t.at(1).pow(3));
  const at = tensor([0, 2]);

  test('the Hessian is that of the closed form, and symmetric', () => {
    expect(hessian(g)(at).toArray()).toEqual([
      [2, 1],
      [1, 12],
    ]);
    expect(jit(hessian(g))(at).toArray()).toEqual([
      [2, 1],
      [1, 12],
    ]);
  });

  test('hvp is the Hessian times a vector, for trees as well', () => {
    expect(hvp(g, at, tensor([1, -1])).toArray()).toEqual([1, -11]);
    const onTree = ({ u, v }: { u: Tensor; v: Tensor }): Tensor => sum(u.mul(u).mul(v));
    const result = hvp(onTree, { u: tensor(3), v: tensor(5) }, { u: 1, v: 0 });
    expect([result.u.item(), result.v.item()]).toEqual([10, 6]);
  });

  test('agree with the derivative of the gradient along a direction', () => {
    const along = grad((t: Tensor) =>
      grad(g)(t)
        .mul(tensor([1, -1]))
        .sum(),
    )(at);
    expect(along.toArray()).toEqual(hvp(g, at, tensor([1, -1])).toArray());
  });
});

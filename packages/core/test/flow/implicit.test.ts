import {
  erf,
  grad,
  implicitLinearSolve,
  implicitRoot,
  jit,
  jvp,
  matmul,
  sin,
  stack,
  sum,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
  zeros,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

const divide = (matvec: (x: Tensor) => Tensor, b: Tensor): Tensor => b.div(matvec(tensor(1)));

/** Eccentric anomaly: E - e sin E = M. */
const kepler = (m: Tensor, e: Tensor): Tensor =>
  implicitRoot(
    (anomaly: Tensor, [mean, eccentricity]) =>
      anomaly.sub(sin(anomaly).mul(eccentricity)).sub(mean),
    ([mean, eccentricity]) =>
      whileLoop(
        ([now, before]) => now.sub(before).abs().gt(1e-15),
        ([now]) => [mean.add(sin(now).mul(eccentricity)), now],
        [mean, mean.add(1)],
      )[0],
    [m, e],
    { linearSolve: divide },
  );

describe('implicitRoot', () => {
  test("solves Kepler's equation with exact derivatives", () => {
    expect(kepler(tensor(1), tensor(0.6)).item()).toBeCloseTo(1.5997485482275293, 15);
    const [dM, de] = grad(kepler, { argnums: [0, 1] })(1, 0.6);
    expect(dM.item()).toBeCloseTo(0.9829276224269272, 14);
    expect(de.item()).toBeCloseTo(0.9825156909388113, 14);
    expect(jvp(kepler, [1, 0.6], [0, 1])[1].item()).toBeCloseTo(0.9825156909388113, 14);
  });

  test('has second derivatives of the root itself', () => {
    const h = 1e-5;
    const first = (m: number): number => grad(kepler)(m, 0.6).item();
    const second = grad(grad(kepler))(1, 0.6).item();
    expect(second).toBeCloseTo((first(1 + h) - first(1 - h)) / (2 * h), 8);
    const [, forwardOverReverse] = jvp((m: Tensor) => grad(kepler)(m, 0.6), [1], [1]);
    expect(forwardOverReverse.item()).toBeCloseTo(second, 13);
  });

  test('has a derivative where that of f needs constants, also under vmap', () => {
    // x + 0.3 erf(a) x = a
    const root = (a: Tensor): Tensor =>
      implicitRoot(
        (x: Tensor, args: Tensor) => x.add(x.mul(erf(args)).mul(0.3)).sub(args),
        (args) => args.div(erf(args).mul(0.3).add(1)),
        a,
        { linearSolve: divide },
      );
    const derivative = (a: number): number => {
      const e = 1 + 0.3 * erf(a).item();
      return 1 / e - (a * 0.3 * 2 * Math.exp(-a * a)) / (Math.sqrt(Math.PI) * e * e);
    };
    expect(grad(root)(0.4).item()).toBeCloseTo(derivative(0.4), 14);
    const all = vmap(grad(root))(tensor([0.4, 1, -2]));
    [0.4, 1, -2].forEach((a, i) => {
      expect(all.at(i).item()).toBeCloseTo(derivative(a), 14);
    });
  });

  test('is differentiated over a batch whose equations loop differently often', () => {
    const grown = (a: Tensor): Tensor =>
      whileLoop(
        (y) => y.lt(1),
        (y) => y.mul(1.5),
        a,
      );
    const root = (a: Tensor): Tensor =>
      implicitRoot(
        (x: Tensor, args: Tensor) => x.mul(2).sub(grown(args)),
        (args) => grown(args).div(2),
        a,
        { linearSolve: divide },
      );
    const a = tensor([0.3, 2, 0.9]);
    const slopes = [1.5 ** 3 / 2, 1 / 2, 1.5 / 2];
    const reverse = grad((y: Tensor) => sum(vmap(root)(y)))(a);
    const forward = jvp((y: Tensor) => vmap(root)(y), [a], [tensor([1, 1, 1])])[1];
    expect(reverse.toArray()).toEqual(slopes);
    expect(forward.toArray()).toEqual(slopes);
    expect(vmap(grad(root))(a).toArray()).toEqual(slopes);
  });

  test('is mapped over a batch, before and after differentiation, under jit', () => {
    const means = tensor([0.4, 1, 2.5]);
    const each = [0.4, 1, 2.5].map((m) => grad(kepler)(m, 0.6).item());
    const options = { inAxes: [0, null] };
    const inside = vmap(grad(kepler), options)(means, 0.6);
    const outside = jit(grad((m: Tensor) => sum(vmap(kepler, options)(m, 0.6))))(means);
    each.forEach((value, i) => {
      expect(inside.at(i).item()).toBeCloseTo(value, 13);
      expect(outside.at(i).item()).toBeCloseTo(value, 13);
    });
  });
});

test('errors of the linear solver of a root name implicitRoot', () => {
  const root = (linearSolve: (matvec: unknown, b: Tensor) => unknown) => (): unknown =>
    Reflect.apply(implicitRoot, undefined, [
      (x: Tensor, a: Tensor) => x.mul(2).sub(a),
      (a: Tensor) => a.div(2),
      tensor([1, 2]),
      { linearSolve },
    ]);
  expect(root(async (_, b) => b)).toThrow(/^implicitRoot linearSolve: the function is async/);
  expect(root((_, b) => [b])).toThrow(/^implicitRoot: linearSolve must keep the structure/);
  expect(root((_, b) => b.sum())).toThrow(/^implicitRoot: linearSolve must keep shapes/);
});

describe('implicitLinearSolve', () => {
  /** Richardson iteration, which converges for matrices near the identity. */
  const richardson = (matvec: (x: Tensor) => Tensor, b: Tensor): Tensor =>
    whileLoop(
      ([_, r]) => r.abs().max().gt(1e-16),
      ([x, r]) => {
        const next = x.add(r);
        return [next, b.sub(matvec(next))];
      },
      [zeros([2]), b],
    )[0];
  const matrix = (a: Tensor): Tensor => stack([stack([1, a]), stack([a.mul(0.5), 1.1])]);
  const solve = (a: Tensor, b: Tensor): Tensor =>
    implicitLinearSolve((x: Tensor) => matmul(matrix(a), x), b, { solve: richardson });
  const exact = (a: number, [b0, b1]: [number, number]): [number, number] => {
    const det = 1.1 - 0.5 * a * a;
    return [(1.1 * b0 - a * b1) / det, (b1 - 0.5 * a * b0) / det];
  };

  test('is differentiated in the right-hand side and in the matrix', () => {
    const f = (a: Tensor, b: Tensor): Tensor => solve(a, b).square().sum();
    const value = (a: number, b: [number, number]): number => {
      const [x0, x1] = exact(a, b);
      return x0 * x0 + x1 * x1;
    };
    const [da, db] = grad(f, { argnums: [0, 1] })(0.3, tensor([1, 2]));
    const h = 1e-6;
    const slope = (value(0.3 + h, [1, 2]) - value(0.3 - h, [1, 2])) / (2 * h);
    expect(da.item()).toBeCloseTo(slope, 8);
    const b0 = (value(0.3, [1 + h, 2]) - value(0.3, [1 - h, 2])) / (2 * h);
    expect(db.at(0).item()).toBeCloseTo(b0, 8);
  });

  test('is mapped over matrices and right-hand sides', () => {
    const as = tensor([0.3, -0.2]);
    const bs = tensor([
      [1, 2],
      [3, -1],
    ]);
    const x = vmap(solve)(as, bs);
    [exact(0.3, [1, 2]), exact(-0.2, [3, -1])].forEach((row, i) => {
      row.forEach((entry, j) => {
        expect(x.at(i, j).item()).toBeCloseTo(entry, 14);
      });
    });
  });
});

test('the derivative of implicitLinearSolve is that of the parts of b that move', () => {
  type Pair = { u: Tensor; v: Tensor };
  // 2 u + v = b.u and 4 v = b.v
  const solution = (w: Tensor): Pair =>
    implicitLinearSolve<Pair>(
      ({ u, v }) => ({ u: u.mul(2).add(v), v: v.mul(4) }),
      { u: w.square(), v: tensor(3) },
      {
        solve: (_, b) => ({ u: b.u.sub(b.v.div(4)).div(2), v: b.v.div(4) }),
        transposeSolve: (_, b) => ({ u: b.u.div(2), v: b.v.sub(b.u.div(2)).div(4) }),
      },
    );
  const f = (w: Tensor): Tensor => solution(w).u.add(solution(w).v);
  expect(f(tensor(5)).item()).toBe(12.875);
  expect(grad(f)(tensor(5)).item()).toBe(5);
});

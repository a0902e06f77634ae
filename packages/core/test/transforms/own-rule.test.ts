import {
  customJvp,
  customVjp,
  grad,
  jit,
  jvp,
  scan,
  sigmoid,
  stopGradient,
  sum,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

type Numbers = (x: Tensor) => Tensor;

/** Derivatives of the logistic function of order 0 to 3, from its value. */
function logistic(x: number): number[] {
  const s = 1 / (1 + Math.exp(-x));
  const d = s * (1 - s);
  return [s, d, d * (1 - 2 * s), d * (1 - 6 * s + 6 * s * s)];
}

// The functions themselves have no derivative: only a call with its rule gives the right one.
const byJvp: Numbers = customJvp(
  (x: Tensor) => stopGradient(sigmoid(x)),
  ([x], [dx]) => {
    const y = byJvp(x);
    return [y, dx.mul(y).mul(y.neg().add(1))];
  },
);
const inFwd: Numbers = customVjp((x: Tensor) => stopGradient(sigmoid(x)), {
  fwd: (x: Tensor) => {
    const y = inFwd(x);
    return [y, y];
  },
  bwd: (y, ct) => [ct.mul(y).mul(y.neg().add(1))],
});
const inBwd: Numbers = customVjp((x: Tensor) => stopGradient(sigmoid(x)), {
  fwd: (x: Tensor) => [inBwd(x), x],
  bwd: (x, ct) => {
    const y = inBwd(x);
    return [ct.mul(y).mul(y.neg().add(1))];
  },
});

describe('a rule that calls its own function', () => {
  test.for([
    ['customJvp', byJvp],
    ['customVjp, in fwd', inFwd],
    ['customVjp, in both', inBwd],
  ] as const)('has derivatives of any order: %s', ([, f]) => {
    const total: Numbers = (x) => sum(f(x));
    const orders = [total, grad(total), grad(grad(total)), grad(grad(grad(total)))];
    orders.forEach((g, order) => {
      for (const x of [-1.5, 0.3, 2]) {
        const expected = logistic(x)[order] ?? Number.NaN;
        expect(g(tensor(x)).item()).toBeCloseTo(expected, 14);
        expect(jit(g)(x).item()).toBeCloseTo(expected, 14);
        expect(
          vmap(g)(tensor([0, x]))
            .at(1)
            .item(),
        ).toBeCloseTo(expected, 14);
        expect(
          vmap(vmap(g))(tensor([[0], [x]]))
            .at(1, 0)
            .item(),
        ).toBeCloseTo(expected, 14);
        expect(g(tensor(x).astype('float32')).item()).toBeCloseTo(expected, 6);
      }
    });
  });

  test('serves forward mode, and functions of several arguments of which one is mapped', () => {
    const push = (f: Numbers) => (x: Tensor) => jvp(f, [x], [tensor(1)])[1];
    expect(push(push(byJvp))(tensor(0.3)).item()).toBeCloseTo(logistic(0.3)[2] ?? 0, 14);
    const power: (x: Tensor, n: Tensor) => Tensor = customJvp(
      (x: Tensor, n: Tensor) => stopGradient(x.pow(n)),
      ([x, n], [dx]) => [power(x, n), power(x, n.sub(1)).mul(n).mul(dx)],
    );
    const second = grad((x: Tensor) => grad(power)(x, tensor(3)));
    expect(second(2).item()).toBe(12);
    const mapped = vmap(grad(power), { inAxes: [null, 0] })(2, tensor([1, 3]));
    expect(mapped.toArray()).toEqual([1, 12]);
  });

  test('closes over values as any other', () => {
    const scaled = (a: Tensor, x: Tensor): Tensor => {
      const f: Numbers = customJvp(
        (y: Tensor) => stopGradient(y.mul(a).exp()),
        ([y], [dy]) => [f(y), f(y).mul(a).mul(dy)],
      );
      return f(x);
    };
    const twice = grad((x: Tensor) => grad((y: Tensor) => scaled(tensor(2), y))(x));
    expect(twice(0.5).item()).toBeCloseTo(4 * Math.E, 13);
    expect(jit(twice)(0.5).item()).toBeCloseTo(4 * Math.E, 13);
  });

  test('may not do so inside a loop', () => {
    const f: Numbers = customJvp(
      (x: Tensor) => x,
      ([x], [dx]) => [x, scan((c: Tensor) => [c.mul(f(x)), null], dx, null, { length: 2 })[0]],
    );
    expect(grad(f)(3).item()).toBe(9);
    expect(() => grad(grad(f))(3)).toThrow('calls its own function inside a loop');
  });
});

test('a rule may call another function with a rule, which keeps its own', () => {
  // Its derivative is 5, whatever else one may think.
  const other: Numbers = customJvp(
    (x: Tensor) => x.mul(2),
    ([x], [dx]) => [x.mul(2), dx.mul(5)],
  );
  const f: Numbers = customJvp(
    (x: Tensor) => x,
    ([x], [dx]) => [x, dx.mul(other(x))],
  );
  const g: Numbers = customVjp((x: Tensor) => x, {
    fwd: (x: Tensor) => [x, other(x)],
    bwd: (r, ct) => [ct.mul(r)],
  });
  for (const h of [f, g]) {
    expect(grad(h)(tensor(3)).item()).toBe(6);
    expect(grad(grad(h))(tensor(3)).item()).toBe(5);
  }
});

test('a rule of reverse mode that calls its function inside a loop is refused', () => {
  const f: Numbers = customVjp((x: Tensor) => x.mul(2), {
    fwd: (x: Tensor) => {
      const step = (c: Tensor): [Tensor, null] => [f(c), null];
      const y = scan(step, x, null, { length: 2 })[0];
      return [y, y];
    },
    bwd: (y, ct) => [ct.mul(y)],
  });
  expect(() => grad(grad(f))(tensor(1))).toThrow(
    /customVjp: the rule calls its own function inside/,
  );
});

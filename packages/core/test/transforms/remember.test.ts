// What item() computes while a function is recorded to be differentiated is not computed again.

import {
  exp,
  grad,
  hvp,
  jvp,
  linearize,
  scan,
  sin,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  whileLoop,
} from '@grad/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { whileOperation } from '../../src/flow/while-operation.ts';
import { type Program, subprograms } from '../../src/program/program.ts';
import { type Executor, executor, setExecutor } from '../../src/trace/executor.ts';

/** Counts the loops of unknown length that run from now on, until the test ends. */
function countLoops(): () => number {
  const real = executor();
  let loops = 0;
  const count = ({ equations }: Program): number =>
    equations.reduce(
      (sum, { operation, params }) =>
        subprograms(params).reduce(
          (rest, inner) => rest + count(inner),
          sum + Number(operation === whileOperation),
        ),
      0,
    );
  const counting: Executor = {
    simplify: (program) => real.simplify(program),
    begin: (program, inputs) => real.begin(program, inputs),
    run: (program, inputs) => {
      loops += count(program);
      return real.run(program, inputs);
    },
  };
  setExecutor(counting);
  onTestFinished(() => {
    setExecutor(real);
  });
  return () => loops;
}

/** x^(2^k) above 100. */
const squareUp = (x: Tensor): Tensor =>
  whileLoop(
    (c) => c.lt(100),
    (c) => c.mul(c),
    x,
  );

describe('a value that item() computed', () => {
  test.for([
    ['grad', (f: (x: Tensor) => Tensor) => grad(f)(3).item()],
    ['valueAndGrad', (f: (x: Tensor) => Tensor) => valueAndGrad(f)(3)[1].item()],
    ['jvp', (f: (x: Tensor) => Tensor) => jvp(f, [tensor(3)], [tensor(1)])[1].item()],
    ['vjp', (f: (x: Tensor) => Tensor) => vjp(f, tensor(3))[1](tensor(1))[0].item()],
    ['linearize', (f: (x: Tensor) => Tensor) => linearize(f, tensor(3))[1](tensor(1)).item()],
  ] as const)('is not computed again by %s', ([, derivative]) => {
    const f = (x: Tensor): Tensor => {
      const y = squareUp(x);
      return y.item() > 100 ? y.mul(x) : x;
    };
    const loops = countLoops();
    expect(derivative(f)).toBe(9 * 3 ** 8);
    expect(loops()).toBe(1);
  });

  test('is computed once though it is looked at again, and what follows it as well', () => {
    const f = (x: Tensor): Tensor => {
      const y = squareUp(x);
      const z = y.add(y.item());
      const w = squareUp(z.mul(z.item() / 1e7));
      return w.mul(w.item()).add(y.item()).add(y);
    };
    const loops = countLoops();
    grad(f)(3);
    expect(loops()).toBe(2);
  });

  test('does not change derivatives, of any order and mode', () => {
    const looking = (x: Tensor): Tensor => {
      const y = sin(x).mul(x);
      const z = exp(y).add(x);
      if (z.item() < 0) return y.neg();
      const [w] = scan((c: Tensor) => [c.mul(sin(c)).add(z), null], y, null, { length: 5 });
      return w.item() > 100 ? w : w.mul(z);
    };
    const plain = (x: Tensor): Tensor => {
      const y = sin(x).mul(x);
      const z = exp(y).add(x);
      const [w] = scan((c: Tensor) => [c.mul(sin(c)).add(z), null], y, null, { length: 5 });
      return w.mul(z);
    };
    const push = (f: (x: Tensor) => Tensor) => (x: Tensor) => jvp(f, [x], [tensor(1)])[1];
    const orders: readonly ((f: (x: Tensor) => Tensor) => number)[] = [
      (f) => grad(f)(0.7).item(),
      (f) => grad(grad(f))(0.7).item(),
      (f) => grad(grad(grad(f)))(0.7).item(),
      (f) => push(push(f))(tensor(0.7)).item(),
      (f) => grad(push(f))(0.7).item(),
      (f) => push(grad(f))(tensor(0.7)).item(),
      (f) => hvp(f, tensor(0.7), tensor(2)).item(),
    ];
    for (const order of orders) {
      const expected = order(plain);
      expect(Math.abs(order(looking) - expected)).toBeLessThan(1e-12 * Math.abs(expected));
    }
  });

  test('depends on values outside as before', () => {
    // The inner function looks at a value that depends on the outer variable as well.
    const f = (a: Tensor): Tensor =>
      grad((x: Tensor) => {
        const y = x.mul(a).mul(x);
        return y.item() > 0 ? y.mul(y) : y;
      })(2);
    // d/dx (a x^2)^2 = 4 a^2 x^3
    expect(f(tensor(3)).item()).toBe(4 * 9 * 8);
    expect(grad(f)(3).item()).toBe(8 * 3 * 8);
    expect(grad(grad(f))(3).item()).toBe(64);
  });

  test('that does not depend on the variables leaves the derivative alone', () => {
    const f = (x: Tensor, a: Tensor): Tensor => {
      const b = squareUp(a);
      return b.item() > 0 ? x.mul(b) : x;
    };
    expect(grad(f)(2, 3).item()).toBe(3 ** 8);
    expect(grad(f, { argnums: 1 })(2, 3).item()).toBe(2 * 8 * 3 ** 7);
  });
});

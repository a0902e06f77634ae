import {
  add,
  type CallablePrimitive,
  cond,
  definePrimitive,
  grad,
  isLinear,
  jit,
  jvp,
  kernel,
  mul,
  scan,
  sum,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

// Two primitives as a plugin would write them, with public names only.

/** x^3, by other operations alone. */
const cube: CallablePrimitive<1, object> = definePrimitive({
  name: 'cube',
  arity: 1,
  type: ([x]) => x,
  vmap: ([x]) => cube(x),
  decompose: ([x]) => mul(mul(x, x), x),
});

/** factor * x with a kernel and rules of its own. */
const scale: CallablePrimitive<1, { factor: number }> = definePrimitive({
  name: 'scale',
  arity: 1,
  type: ([x], _: { factor: number }) => x,
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x], params) => {
    if (isLinear(x)) x.add(scale(ct, params));
  },
  vmap: ([x], _, params) => scale(x, params),
  lower: {
    kind: 'pull',
    cost: 'cheap',
    at: ([read], index, { params, operands: [x] }) =>
      kernel.binary('mul', kernel.constant(x.dtype, params.factor), read(index)),
  },
});

const x = tensor([1, -2, 3]);

describe('definePrimitive', () => {
  test('runs, differentiates and batches an operation made of others', () => {
    const f = (t: Tensor): Tensor => sum(cube(t));
    expect(cube(x).toArray()).toEqual([1, -8, 27]);
    expect(grad(f)(x).toArray()).toEqual([3, 12, 27]);
    expect(grad((t: Tensor) => grad(f)(t).sum())(x).toArray()).toEqual([6, -12, 18]);
    expect(jvp(f, [x], [tensor([1, 0, 0])])[1].item()).toBe(3);
    expect(
      jit(vmap(cube))(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ).toArray(),
    ).toEqual([
      [1, 8],
      [27, 64],
    ]);
  });

  test('runs, differentiates and batches an operation with a kernel and parameters', () => {
    const f = (t: Tensor): Tensor => sum(mul(scale(t, { factor: 3 }), t));
    expect(scale(x, { factor: -2 }).toArray()).toEqual([-2, 4, -6]);
    expect(grad(f)(x).toArray()).toEqual([6, -12, 18]);
    expect(jit(grad(f))(x).toArray()).toEqual([6, -12, 18]);
    expect(
      vmap(grad(f))(
        tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ).toArray(),
    ).toEqual([
      [6, 12, 18],
      [24, 30, 36],
    ]);
  });

  test('says what an incomplete set of rules lacks', () => {
    const rules = { name: 'odd', arity: 1 } as const;
    expect(() => definePrimitive({ ...rules, type: ([t]) => t, vmap: ([t]) => add(t, t) })).toThrow(
      'odd needs `lower` (kernel code) or `decompose`',
    );
    expect(() =>
      definePrimitive({
        ...rules,
        type: ([t]) => t,
        vmap: ([t]) => t,
        linear: { in: [0], as: 'together' },
        decompose: ([t]) => t,
      }),
    ).toThrow('odd is linear and needs `transpose`');
    const opaque: CallablePrimitive<1, object> = definePrimitive({
      name: 'opaque',
      arity: 1,
      type: ([t]) => t,
      vmap: ([t]) => opaque(t),
      lower: { kind: 'pull', cost: 'view', at: ([read], index) => read(index) },
    });
    expect(() => grad((t: Tensor) => opaque(t))(1)).toThrow(
      'opaque has no derivative: give its primitive `linearize`',
    );
  });
});

/** Steps of Collatz's iteration until 1, by a loop of unknown length and a branch in a kernel. */
const collatz: CallablePrimitive<1, object> = definePrimitive({
  name: 'collatz',
  arity: 1,
  type: ([n]) => n,
  linearize: ([n]) => [collatz(n), null],
  vmap: ([n]) => collatz(n),
  lower: {
    kind: 'nest',
    emit: (k, [read], { operands: [n] }) => {
      const { binary, compare, constant } = kernel;
      const word = (value: number) => constant('int32', value);
      k.forEach(n.shape, (index) => {
        const at = k.local('int32', read(index));
        const steps = k.local('int32', word(0));
        k.repeatWhile(
          () => compare('gt', at.get(), word(1)),
          () => {
            steps.set(binary('add', steps.get(), word(1)));
            k.choose(
              compare('eq', binary('rem', at.get(), word(2)), word(0)),
              () => at.set(binary('div', at.get(), word(2))),
              () => at.set(binary('add', binary('mul', at.get(), word(3)), word(1))),
            );
          },
        );
        k.write(0, index, steps.get());
      });
    },
  },
});

test('a kernel may have loops of unknown length and branches', () => {
  const from = tensor([1, 2, 3, 7, 27, 97, 0, -4, 6, 9, 25], { dtype: 'int32' });
  const expected = [0, 1, 7, 16, 111, 118, 0, 0, 8, 19, 23];
  expect(collatz(from).toArray()).toEqual(expected);
  expect(jit((t: Tensor) => vmap((n: Tensor) => collatz(n))(t))(from).toArray()).toEqual(expected);
  expect(collatz(tensor(27, { dtype: 'int32' })).item()).toBe(111);
});

/** x^3 / 7.5, whose rule has a number of its own. */
const scaledCube: CallablePrimitive<1, object> = definePrimitive({
  name: 'scaledCube',
  arity: 1,
  type: ([x]) => x,
  linearize: ([x]) => {
    const slope = mul(x, x).mul(0.4);
    return [scaledCube(x), (dx) => mul(slope, dx).mul(0.3).div(0.3)];
  },
  vmap: ([x]) => mul(mul(x, x), x).div(7.5),
  decompose: ([x]) => mul(mul(x, x), x).div(7.5),
});

test('numbers in rules need no place in loops and branches', () => {
  const body = (c: Tensor): Tensor =>
    cond(
      c.sum().gt(0),
      (t: Tensor) => scan((d: Tensor) => [scaledCube(d), null], t, null, { length: 2 })[0],
      (t: Tensor) => scaledCube(t),
      c,
    );
  const loop = (t: Tensor): Tensor =>
    sum(scan((c: Tensor) => [body(c), null], t, null, { length: 2, checkpoint: 2 })[0]);
  checkGrads(loop, [tensor([1.5, -0.7])], { order: 2 });
  checkGrads((t: Tensor) => sum(vmap(loop)(t)), [tensor([[1.5], [-2]])], { order: 2 });
});

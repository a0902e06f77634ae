import {
  checkpoint,
  cond,
  customVjp,
  foriLoop,
  grad,
  hessian,
  jit,
  jvp,
  type LoopCheckpoint,
  lgamma,
  linearize,
  scan,
  sin,
  stack,
  type Tensor,
  tanh,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { checkGrads, dotProductTest } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { type Case, scans, whiles } from './schedules.ts';

const policies: readonly LoopCheckpoint[] = ['recompute', 'online', 1, 2, 3, 100];

function bits(values: readonly Tensor[]): number[][] {
  return values.map((value) => [...value.dataSync()]);
}

function gradients(f: (...args: Tensor[]) => Tensor, args: readonly Tensor[]): number[][] {
  return bits(grad(f, { argnums: args.map((_, i) => i) })(...args));
}

/** Derivatives of the gradient in all arguments, by the modes named. */
function second(
  outer: 'fwd' | 'rev',
  inner: 'fwd' | 'rev',
  f: (...args: Tensor[]) => Tensor,
  args: readonly Tensor[],
): number[][] {
  const argnums = args.map((_, i) => i);
  const directions = args.map((arg) => arg.mul(0.5).add(0.25).astype(arg.dtype));
  const slope = (...xs: Tensor[]): Tensor => {
    if (inner === 'fwd') return jvp(f, xs, directions)[1];
    return grad(f, { argnums })(...xs)
      .map((g, i) => g.mul(directions[i] ?? 0).sum())
      .reduce((a, b) => a.add(b));
  };
  if (outer === 'rev') return bits(grad(slope, { argnums })(...args));
  return bits([jvp(slope, args, directions)[1]]);
}

function expectClose(
  got: readonly number[][],
  expected: readonly number[][],
  digits: number,
): void {
  const scale = Math.max(1e-3, ...expected.flat().map(Math.abs));
  got.flat().forEach((value, i) => {
    expect(Math.abs(value - (expected.flat()[i] ?? Number.NaN)) / scale).toBeLessThan(
      10 ** -digits,
    );
  });
}

describe.each([
  ...scans.map((c) => ({ ...c, kind: 'scan' })),
  ...whiles.map((c) => ({ ...c, kind: 'whileLoop' })),
])('$kind with $title', ({ f, args }: Case) => {
  test.each([0, 1, 2, 9])(
    'of %i steps has one gradient, to the last bit, for every schedule',
    (steps) => {
      const given = args(steps);
      const stored = gradients(jit(f('store', steps)), given);
      for (const policy of policies) {
        const own = f(policy, steps);
        expect(own(...given).item()).toBe(f('store', steps)(...given).item());
        expect(gradients(own, given), `${policy}`).toEqual(stored);
      }
    },
  );

  test('has the same gradient for each entry of a batch', () => {
    const given = args(7);
    const others = given.map((arg, i) => (i === 0 ? arg.mul(0.4).astype(arg.dtype) : arg));
    const argnums = given.map((_, i) => i);
    const expected = [given, others].map((entry) => gradients(f('store', 7), entry));
    for (const policy of policies) {
      const batched = vmap(grad(f(policy, 7), { argnums }), {
        inAxes: given.map((_, i) => (i === 0 ? 0 : null)),
      });
      const [first, ...rest] = given;
      if (!first) throw new Error('no argument');
      const both = tensor([[...first.dataSync()], [...(others[0]?.dataSync() ?? [])]], {
        dtype: first.dtype,
      }).reshape([2, ...first.shape]);
      const got = batched(both, ...rest);
      expected.forEach((entry, i) => {
        expect(bits(got.map((g) => g.at(i))), `${policy}`).toEqual(entry);
      });
    }
  });

  test('has the same tangents for each entry of a batch, and the same Hessian', () => {
    const [x, ...rest] = args(5);
    if (!x) throw new Error('no argument');
    const digits = x.dtype === 'float32' ? 4 : 11;
    const both = stack([x, x.mul(0.4).astype(x.dtype)]);
    const of = (policy: LoopCheckpoint) => {
      const own = (y: Tensor): Tensor => f(policy, 5)(y, ...rest);
      const along = (y: Tensor, dy: Tensor): Tensor => jvp(own, [y], [dy])[1];
      const [, push] = linearize(own, x);
      return bits([
        vmap(along)(both, both),
        vmap(along, { inAxes: [null, 0] })(x, both),
        vmap(push)(both),
        hessian(own)(x),
      ]);
    };
    const expected = of('store');
    for (const policy of ['recompute', 'online', 1, 3] as const) {
      expectClose(of(policy), expected, digits);
    }
  });

  test('has the second derivatives of a loop that keeps everything, in all modes', () => {
    const given = args(5);
    const digits = given[0]?.dtype === 'float32' ? 4 : 11;
    for (const outer of ['fwd', 'rev'] as const) {
      for (const inner of ['fwd', 'rev'] as const) {
        const expected = second(outer, inner, f('store', 5), given);
        for (const policy of ['online', 1, 3] as const) {
          expectClose(second(outer, inner, f(policy, 5), given), expected, digits);
        }
      }
    }
  });
});

describe('a checkpointed loop', () => {
  const [smooth] = scans;
  const [until] = whiles;

  test.each([1, 3, 'online'] as const)(
    'with %s passes finite differences and the dot-product test',
    (policy) => {
      for (const one of [smooth, until]) {
        if (!one) throw new Error('no case');
        const given = one.args(6);
        const f = one.f(policy, 6);
        checkGrads((...xs: Tensor[]) => f(...xs), [...given]);
        const { relativeError } = dotProductTest(
          (x: Tensor) => f(x, ...given.slice(1)).mul(x),
          given[0] ?? 0,
        );
        expect(relativeError).toBeLessThan(1e-13);
      }
    },
  );

  const w = tensor([0.3, 0.4]);
  const fixed = (policy: LoopCheckpoint) => (x: Tensor) =>
    scan((c: Tensor) => [tanh(c.mul(w)).add(lgamma(c.square().add(1.3)).mul(0.3)), null], x, null, {
      length: 6,
      checkpoint: policy,
    })[0].sum();
  const open = (policy: LoopCheckpoint) => (x: Tensor) =>
    whileLoop(
      (c) => c.sum().lt(9),
      (c) => c.mul(1.2).add(sin(c).square()).add(0.1),
      x,
      { checkpoint: policy },
    ).sum();
  const places: readonly [string, (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor][] = [
    ['a branch', (f) => (x) => cond(x.sum().gt(0), f, (y: Tensor) => y.square().sum(), x)],
    ['another branch', (f) => (x) => cond(x.sum().lt(0), f, (y: Tensor) => y.square().sum(), x)],
    [
      'a scan',
      (f) => (x) => {
        const step = (c: Tensor, u: Tensor) => [c.add(f(c.add(u)).mul(0.01)), c] as const;
        return scan(step, x, tensor([0.1, 0.2, 0.3]))[0].sum();
      },
    ],
    [
      'a whileLoop',
      (f) => (x) =>
        whileLoop(
          (c) => c.sum().lt(12),
          (c) => c.add(f(c).mul(0.1)).add(1),
          x,
        ).sum(),
    ],
    ['a checkpoint', (f) => checkpoint(f)],
  ];

  test.each(places)('has the same derivatives inside %s', (_, inside) => {
    const x = tensor([0.5, 0.8]);
    for (const loop of [fixed, open]) {
      const stored = inside(loop('store'));
      for (const policy of policies) {
        const f = inside(loop(policy));
        expect(gradients(f, [x]), `${policy}`).toEqual(gradients(stored, [x]));
        expectClose(second('fwd', 'rev', f, [x]), second('fwd', 'rev', stored, [x]), 11);
      }
    }
  });

  test('has the same derivatives in different branches of a batch', () => {
    const xs = tensor([
      [0.5, 0.8],
      [-1, -2],
    ]);
    const of = (loop: typeof fixed, policy: LoopCheckpoint) => {
      const f = (x: Tensor): Tensor =>
        cond(x.sum().gt(0), loop(policy), (y: Tensor) => y.square().sum(), x);
      return () => vmap(grad(f))(xs).toArray();
    };
    for (const policy of policies) {
      expect(of(fixed, policy)()).toEqual(of(fixed, 'store')());
      expect(of(open, policy)()).toEqual(of(open, 'store')());
    }
  });

  test('is computed as a rule for reverse mode says, and has derivatives of these', () => {
    const rule = customVjp((x: Tensor) => sin(x), {
      fwd: (x: Tensor) => [sin(x).add(1).sub(1), x.mul(0.5)] as const,
      bwd: (half: Tensor, ct: Tensor) => [ct.mul(half)] as const,
    });
    const f = (policy: LoopCheckpoint) => (x: Tensor) =>
      scan((c: Tensor) => [rule(c).mul(w), null], x, null, {
        length: 6,
        checkpoint: policy,
      })[0].sum();
    const x = tensor([0.5, 0.8]);
    const slope = (policy: LoopCheckpoint) => (y: Tensor) => grad(f(policy))(y).sum();
    for (const policy of policies) {
      expect(gradients(f(policy), [x])).toEqual(gradients(f('store'), [x]));
      const [, along] = jvp(slope(policy), [x], [x]);
      expectClose(bits([along]), bits([jvp(slope('store'), [x], [x])[1]]), 11);
      expectClose(gradients(slope(policy), [x]), gradients(slope('store'), [x]), 11);
    }
  });

  test('has third derivatives', () => {
    const cube = (policy: LoopCheckpoint) => (x: Tensor) =>
      scan((c: Tensor) => [tanh(c.mul(x)).add(x), null], x, null, {
        length: 4,
        checkpoint: policy,
      })[0];
    const third = (policy: LoopCheckpoint): number => grad(grad(grad(cube(policy))))(0.4).item();
    const along = (policy: LoopCheckpoint): number => {
      const hvp = (x: Tensor): Tensor => jvp(grad(cube(policy)), [x], [1])[1];
      return jvp(hvp, [0.4], [1])[1].item();
    };
    const h = 1e-3;
    const twice = (x: number): number => grad(grad(cube('store')))(x).item();
    const apart = (k: number): number => twice(0.4 + k * h) - twice(0.4 - k * h);
    const difference = (8 * apart(1) - apart(2)) / (12 * h);
    for (const policy of ['store', 1, 2, 'online'] as const) {
      expect(third(policy)).toBeCloseTo(difference, 6);
      expect(along(policy)).toBeCloseTo(third('store'), 10);
    }
  });

  test('counts from any first index', () => {
    const f = (policy: LoopCheckpoint) => (x: Tensor) =>
      foriLoop(-3, 5, (i, c) => tanh(c.mul(i.astype('float64'))).add(c), x, { checkpoint: policy });
    expect(grad(f(3))(0.3).item()).toBe(grad(f('store'))(0.3).item());
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses to keep %s carries', (places) => {
    const message = /checkpoint is .*a whole number of at least 1/;
    const options = { checkpoint: places };
    expect(() =>
      scan((c: Tensor) => [c, null], tensor(1), null, { ...options, length: 3 }),
    ).toThrow(message);
    expect(() =>
      whileLoop(
        (c) => c.lt(1),
        (c) => c.add(1),
        0,
        options,
      ),
    ).toThrow(message);
    expect(() => foriLoop(0, 3, (_, c) => c.add(1), 0, options)).toThrow(message);
  });

  test.each([0, 1, 5] as const)(
    'fails after %i steps as a loop without checkpoints does',
    (maxSteps) => {
      for (const policy of ['store', 'recompute', 'online', 1, 3] as const) {
        const f = (x: Tensor): Tensor =>
          whileLoop(
            (c) => c.lt(100),
            (c) => c.mul(2),
            x,
            { maxSteps, checkpoint: policy },
          );
        const message = `whileLoop: the condition still holds after maxSteps = ${maxSteps} steps.`;
        expect(() => f(tensor(1))).toThrow(message);
        expect(() => grad(f)(1)).toThrow(message);
        expect(() => vmap(grad(f))(tensor([1, 2]))).toThrow(message);
        expect(grad(f)(100.5 / 2 ** maxSteps).item()).toBe(2 ** maxSteps);
      }
    },
  );
});

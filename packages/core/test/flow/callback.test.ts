// Functions of JavaScript called out of compiled code.

import {
  callback,
  cond,
  customJvp,
  customVjp,
  debug,
  foriLoop,
  grad,
  jit,
  jvp,
  NaNError,
  scan,
  setDebug,
  sqrt,
  stopGradient,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { ReferenceExecutor } from '../../src/backends/reference/executor.ts';
import { setExecutor } from '../../src/trace/executor.ts';

const scalar = { shape: [], dtype: 'float64' } as const;

/** A square root by JavaScript that notes what it was called with. */
function counted(): { calls: number[]; root: (x: Tensor) => Tensor } {
  const calls: number[] = [];
  const host = (x: Tensor): number => {
    calls.push(x.item());
    return Math.sqrt(x.item());
  };
  return { calls, root: (x) => callback(host, scalar, x) };
}

function inReference<T>(call: () => T): T {
  const before = setExecutor(new ReferenceExecutor());
  try {
    return call();
  } finally {
    if (before) setExecutor(before);
  }
}

describe('callback', () => {
  test('runs eagerly, in a jit, a loop and a branch, and as the reference interpreter says', () => {
    const { calls, root } = counted();
    expect(root(tensor(16)).item()).toBe(4);
    expect(jit((x: Tensor) => root(x.mul(2)).add(1))(8).item()).toBe(5);
    const loop = jit((x: Tensor) => foriLoop(0, 3, (_, c) => root(c), x));
    const branch = jit((x: Tensor) => cond(x.gt(0), root, (y: Tensor) => y, x));
    expect(loop(256).item()).toBe(2);
    expect(branch(9).item()).toBe(3);
    expect(branch(-9).item()).toBe(-9);
    expect(calls.splice(0)).toEqual([16, 16, 256, 16, 4, 9]);
    expect(inReference(() => loop(256).item())).toBe(2);
    expect(calls).toEqual([256, 16, 4]);
  });

  test('takes and gives trees of tensors of any dtype and shape', () => {
    const host = (x: { a: Tensor; n: Tensor }, how: string): unknown => ({
      sum: [x.a.sum().add(x.n), how.length],
      mask: x.a.gt(1),
      count: tensor(x.a.size, { dtype: 'int32' }),
      single: x.a.astype('float32'),
    });
    const f = jit((a: Tensor) =>
      callback(
        host,
        {
          sum: [scalar, scalar],
          mask: { shape: [3], dtype: 'bool' },
          count: { shape: [], dtype: 'int32' },
          single: { shape: [3], dtype: 'float32' },
        },
        { a, n: 2 },
        'how',
      ),
    );
    const result = f(tensor([1, 2, 3]));
    expect(result.sum.map((x) => x.item())).toEqual([8, 3]);
    expect(result.mask.toArray()).toEqual([false, true, true]);
    expect([result.count.dtype, result.count.item()]).toEqual(['int32', 3]);
    expect([result.single.dtype, result.single.toArray()]).toEqual(['float32', [1, 2, 3]]);
  });

  test('is called once for each entry of a batch, in order, and not for those that have ended', () => {
    const { calls, root } = counted();
    expect(jit(vmap(root))(tensor([4, 9, 16])).toArray()).toEqual([2, 3, 4]);
    expect(calls.splice(0)).toEqual([4, 9, 16]);
    expect(
      vmap(vmap(root))(
        tensor([
          [1, 4],
          [9, 16],
        ]),
      ).toArray(),
    ).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(calls.splice(0)).toEqual([1, 4, 9, 16]);
    const shrink = vmap((x: Tensor) => whileLoop((c) => c.gt(2), root, x));
    expect(shrink(tensor([16, 1, 256])).toArray()).toEqual([2, 1, 2]);
    expect(calls.splice(0)).toEqual([16, 256, 4, 16, 4]);
    const some = vmap((x: Tensor) => cond(x.gt(0), root, (y: Tensor) => y.neg(), x));
    expect(some(tensor([-1, 4])).toArray()).toEqual([1, 2]);
    expect(calls).toEqual([4]);
  });

  test('is left out where nothing needs its result, and called once where it is needed twice', () => {
    const { calls, root } = counted();
    const f = jit((x: Tensor) => {
      root(x.add(1));
      return root(x).add(root(x));
    });
    expect(f(4).item()).toBe(4);
    expect(calls).toEqual([4]);
  });

  test('has no derivative of its own, and says what to do', () => {
    const { root } = counted();
    const message =
      /callback: a function of JavaScript has no derivative of its own\. .*customJvp or customVjp.*stopGradient/;
    expect(() => grad(root)(4)).toThrow(message);
    expect(() => jit(grad((x: Tensor) => foriLoop(0, 2, (_, c) => root(c), x)))(4)).toThrow(
      message,
    );
    expect(() => jvp(root, [tensor(4)], [tensor(1)])).toThrow(message);
    expect(grad((x: Tensor) => root(stopGradient(x)).mul(x))(4).item()).toBe(2);
    const size = (x: Tensor): Tensor =>
      callback((y: Tensor) => y.gt(1), { shape: [], dtype: 'bool' }, x);
    expect(grad((x: Tensor) => x.mul(size(x).astype('float64')))(3).item()).toBe(1);
  });

  test('is differentiated by the rule that customJvp or customVjp gives it', () => {
    const { root } = counted();
    // The rule does not call the function, so that it has a derivative in turn.
    const forward = customJvp(root, ([x], [dx]) => [root(x), dx.div(sqrt(x).mul(2))]);
    const reverse = customVjp(root, {
      fwd: (x) => {
        const y = root(x);
        return [y, y];
      },
      bwd: (y, ct) => [ct.div(y.mul(2))],
    });
    expect(grad(forward)(4).item()).toBe(0.25);
    expect(grad(grad(forward))(4).item()).toBeCloseTo(-1 / 32, 14);
    expect(jit(grad(reverse))(4).item()).toBe(0.25);
    expect(grad((x: Tensor) => vmap(reverse)(x).sum())(tensor([1, 4])).toArray()).toEqual([
      0.5, 0.25,
    ]);
    const loop = (x: Tensor): Tensor =>
      scan((c: Tensor, y: Tensor) => [forward(c.add(y)), null], 1, x)[0];
    checkGrads(loop, [tensor([1, 2, 3])], { order: 2 });
  });

  test('runs tensor operations and compiled functions itself, memory growing under the call', () => {
    const inner = jit((v: Tensor) => {
      const ones = tensor(new Float64Array(300_000).fill(1));
      return scan((c: Tensor, q: Tensor) => [c.add(q), c], v, ones)[0];
    });
    const big = tensor(new Float64Array(50_000).fill(2));
    const outer = jit((x: Tensor) => {
      const y = big.mul(x);
      const z = foriLoop(0, 2, (_, c) => callback(inner, scalar, c), x);
      return y.sum().add(z);
    });
    expect(outer(3).item()).toBe(100_000 * 3 + 600_003);
    const recursive: (x: Tensor) => Tensor = jit((x: Tensor) =>
      callback((v: Tensor) => (v.item() > 0 ? recursive(v.sub(1)).add(v) : v), scalar, x),
    );
    expect(recursive(tensor(10)).item()).toBe(55);
  });

  test('works in a loop that saves its steps on a stack', () => {
    const { root } = counted();
    const inner = (x: Tensor): Tensor =>
      whileLoop(
        (c) => c.lt(100),
        (c) => c.mul(x),
        x,
      );
    const rooted = customJvp(root, ([x], [dx]) => [root(x), dx.div(root(x).mul(2))]);
    const f = (x: Tensor): Tensor => {
      const gradient = callback((v: Tensor) => grad(inner)(v), scalar, stopGradient(x));
      return whileLoop(
        (c) => c.gt(2),
        (c) => rooted(c),
        x.mul(100),
      ).add(gradient);
    };
    // The loop ends after three roots of 200: 200^(1/8). inner(2) is 2^7.
    expect(f(tensor(2)).item()).toBeCloseTo(200 ** 0.125 + 7 * 64, 10);
    expect(jit(grad(f))(2).item()).toBeCloseTo((100 / 8) * 200 ** (-7 / 8), 12);
  });

  test('throws what the function throws, out of the compiled call, and can be called again', () => {
    const host = (x: Tensor): Tensor => {
      if (x.item() < 0) throw new RangeError('negative');
      return x;
    };
    const f = jit((x: Tensor) =>
      foriLoop(0, 3, (_, c) => callback(host, scalar, c).sub(1), x).mul(2),
    );
    expect(() => f(1)).toThrow(RangeError);
    expect(f(5).item()).toBe(4);
    expect(() => f(-1)).toThrow('negative');
    expect(inReference(() => f(5).item())).toBe(4);
    expect(tensor([1, 2]).add(1).toArray()).toEqual([2, 3]);
  });

  test('is named when it makes a NaN that is looked for', () => {
    const { root } = counted();
    const before = setDebug({ nans: true });
    try {
      expect(() => jit(root)(-1)).toThrow(NaNError);
      expect(() => jit(root)(-1)).toThrow(/^callback: the result is NaN/);
    } finally {
      setDebug(before);
    }
  });

  test('refuses results of other types, other structures and promises', () => {
    const call = (f: () => unknown): Tensor => callback(f, scalar);
    expect(() => call(() => tensor([1, 2]))).toThrow(
      'callback: the function gave float64 of shape [2] as result 0, where resultTypes says float64 of shape [] (a scalar).',
    );
    expect(() => jit(() => call(() => tensor(1, { dtype: 'int32' })))()).toThrow(
      /callback: the function gave int32 of shape \[\] \(a scalar\) as result 0/,
    );
    expect(() => call(() => [1, 2])).toThrow(
      'callback: the function gave [*, *] where resultTypes says *.',
    );
    expect(() => call(() => undefined)).toThrow(/callback: the function gave static/);
    expect(() => call(async () => 1)).toThrow(/callback: the function is async/);
  });

  test('refuses what is no function and result types that are none', () => {
    expect(() => Reflect.apply(callback, undefined, [3, scalar])).toThrow(
      'callback: the first argument must be a function; it is 3.',
    );
    expect(() => callback(() => 1, 'float64')).toThrow(
      /callback: resultTypes must be \{shape, dtype\} or a tree of such; it has "float64"/,
    );
    expect(() => callback(() => 1, { shape: [1.5], dtype: 'float64' })).toThrow(
      /callback: resultTypes/,
    );
  });

  test('and debug.print keep to the order of the program', () => {
    const lines: string[] = [];
    const before = setDebug({ print: (line) => lines.push(line) });
    try {
      jit((x: Tensor) => {
        debug.print('first {}', x);
        const y = callback((v: Tensor) => v.add(1), scalar, x);
        debug.print('second {}', y);
        return y;
      })(1);
    } finally {
      setDebug(before);
    }
    expect(lines).toEqual(['first 1', 'second 2']);
  });
});

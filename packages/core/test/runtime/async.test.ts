import {
  callback,
  foriLoop,
  grad,
  IndexError,
  jit,
  matmul,
  type Progress,
  ShapeError,
  StepLimitError,
  scan,
  sin,
  type Tensor,
  take,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

const x = tensor(Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i)));

/** Steps that take a few tenths of a second in all. */
const long = jit((start: Tensor) =>
  foriLoop(0, 10_000, (_, c) => sin(c).add(start.mul(0.1)), start),
);
/** Takes hours. */
const endless = jit((start: Tensor) =>
  whileLoop(
    (c) => c.sum().lt(1e9),
    (c) => sin(c).add(start.mul(0.1)),
    start,
  ),
);

describe('an asynchronous call', () => {
  test('gives the bits of the synchronous one', async () => {
    const result = await long.async([x]);
    expect(result.dataSync()).toEqual(long(x).dataSync());
  });

  test('takes and gives trees, numbers and static arguments', async () => {
    const f = jit(
      (p: { a: Tensor; b: number }, times: number) => ({ a: p.a.mul(times), b: [p.a.add(p.b)] }),
      { staticArgs: [1] },
    );
    const { a, b } = await f.async([{ a: tensor([1, 2]), b: 3 }, 5]);
    expect([a.toArray(), b.map((t) => t.toArray())]).toEqual([[5, 10], [[4, 5]]]);
  });

  test('lets timers and other calls in before it ends', async () => {
    const order: string[] = [];
    const other = jit((t: Tensor) => t.mul(2).sum());
    const timer = setTimeout(() => {
      order.push(`timer, ${other(tensor([1, 2])).item()}`);
    });
    const call = endless.async([x], { signal: AbortSignal.timeout(200) });
    await expect(call.finally(() => order.push('end'))).rejects.toThrow();
    clearTimeout(timer);
    expect(order).toEqual(['timer, 6', 'end']);
  });

  test('begins after the code that asks for it', async () => {
    const seen: Progress[] = [];
    const call = jit((t: Tensor) => t.mul(2)).async([x], { onProgress: (p) => seen.push(p) });
    await Promise.resolve();
    expect(seen).toEqual([]);
    await call;
    expect(seen).toEqual([{ fraction: 1, steps: 0 }]);
  });

  test('calls JavaScript from its slices, which may call compiled functions itself', async () => {
    const other = jit((t: Tensor) => foriLoop(0, 10, (_, c) => c.add(1), t));
    let calls = 0;
    const onHost = (t: Tensor): Tensor => {
      calls++;
      return other(t).mul(0.5);
    };
    const f = jit((t: Tensor) =>
      foriLoop(0, 500, (_, c) => callback(onHost, { shape: [], dtype: 'float64' }, c), t),
    );
    const result = await f.async([3]);
    expect(calls).toBe(500);
    expect(result.item()).toBe(f(3).item());
    expect(result.item()).toBe(10);
    const once = jit((t: Tensor) => callback(onHost, { shape: [], dtype: 'float64' }, t));
    expect((await once.async([2])).item()).toBe(6);
    const failing = jit((t: Tensor) =>
      callback(
        () => {
          throw new Error('from the host');
        },
        { shape: [], dtype: 'float64' },
        t,
      ),
    );
    await expect(failing.async([2])).rejects.toThrow('from the host');
  });

  test('frees what was donated when it has ended, and not when it was aborted', async () => {
    const f = jit((t: Tensor) => t.mul(2), { donate: [0] });
    const given = tensor([1, 2]);
    const signal = AbortSignal.abort();
    await expect(f.async([given], { signal })).rejects.toThrow();
    expect((await f.async([given])).toArray()).toEqual([2, 4]);
    expect(() => given.toArray()).toThrow('was given away');
  });

  test('runs beside others of the same function', async () => {
    const starts = [x, x.mul(2), x.mul(3)];
    const results = await Promise.all(starts.map((start) => long.async([start])));
    results.forEach((result, i) => {
      expect(result.dataSync()).toEqual(long(starts[i] ?? x).dataSync());
    });
  });

  test('tells how far it is: share and steps where the length is known', async () => {
    const seen: Progress[] = [];
    await long.async([x], { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({ fraction: 1, steps: 10_000 });
    for (const { fraction, steps } of seen) expect(fraction).toBeCloseTo(steps / 10_000, 2);
  });

  test('tells the steps alone where the length is not known', async () => {
    const seen: Progress[] = [];
    const f = jit((t: Tensor) =>
      whileLoop(
        ({ n }) => n.lt(30_000),
        ({ n, c }) => ({ n: n.add(1), c: sin(c) }),
        { n: 0, c: t },
      ),
    );
    await f.async([x], { onProgress: (progress) => seen.push(progress) });
    expect(seen.pop()).toEqual({ fraction: 1, steps: 30_000 });
    expect(seen.every(({ fraction }) => fraction === null)).toBe(true);
  });

  test('tells the share of a single product of matrices', async () => {
    const seen: Progress[] = [];
    const m = tensor(new Float64Array(700 * 700).fill(0.5)).reshape([700, 700]);
    const f = jit((a: Tensor) => matmul(matmul(a, a), a));
    const result = await f.async([m], { onProgress: (progress) => seen.push(progress) });
    expect(result.at(3, 4).item()).toBe(700 * 700 * 0.125);
    expect(seen.at(-1)).toEqual({ fraction: 1, steps: 0 });
    const fractions = seen.map(({ fraction }) => fraction ?? Number.NaN);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  });
});

describe('an aborted call', () => {
  test('is rejected with the reason, and later calls are not disturbed', async () => {
    const expected = long(x).dataSync();
    const control = new AbortController();
    const reason = new Error('enough');
    const call = endless.async([x], { signal: control.signal });
    setTimeout(() => control.abort(reason), 5);
    await expect(call).rejects.toBe(reason);
    expect(long(x).dataSync()).toEqual(expected);
    expect((await long.async([x])).dataSync()).toEqual(expected);
  });

  test('is an AbortError when no reason is given', async () => {
    const control = new AbortController();
    const call = endless.async([x], {
      signal: control.signal,
      onProgress: () => control.abort(),
    });
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('does not begin when the signal was aborted before, nor record the function', async () => {
    let recorded = 0;
    const f = jit((t: Tensor) => {
      recorded++;
      return t;
    });
    const signal = AbortSignal.abort('never');
    await expect(f.async([x], { signal })).rejects.toBe('never');
    expect(recorded).toBe(0);
  });
});

describe('an error', () => {
  test('of compiled code rejects the promise as the synchronous call throws it', async () => {
    const at = jit(
      (t: Tensor, i: Tensor) =>
        scan((c) => [c.add(take(t, i)), null], tensor(0), null, { length: 3 })[0],
    );
    const far = tensor(1000, { dtype: 'int32' });
    expect(() => at(x, far)).toThrow(IndexError);
    await expect(at.async([x, far])).rejects.toThrow(IndexError);
    await expect(at.async([x, far])).rejects.toThrow('index 1000 is out of range');
    const limited = jit((t: Tensor) =>
      whileLoop(
        (c) => c.sum().lt(1e9),
        (c) => sin(c),
        t,
        { maxSteps: 50_000 },
      ),
    );
    await expect(limited.async([x])).rejects.toThrow(StepLimitError);
  });

  test('in what listens ends the call', async () => {
    const call = endless.async([x], {
      onProgress: () => {
        throw new Error('from the listener');
      },
    });
    await expect(call).rejects.toThrow('from the listener');
  });

  test('in the function or the arguments rejects the promise', async () => {
    const f = jit((_: Tensor): Tensor => {
      throw new Error('from the function');
    });
    await expect(f.async([x])).rejects.toThrow('from the function');
    const sum = jit((a: Tensor, b: Tensor) => a.add(b));
    await expect(sum.async([x, tensor([1, 2])])).rejects.toThrow(ShapeError);
  });

  test('tells to call the function as it is inside another transform', () => {
    const inner = jit((t: Tensor) => t.mul(2));
    const f = (t: Tensor): Tensor => {
      void inner.async([t]);
      return t;
    };
    for (const transformed of [jit(f), grad((t: Tensor) => f(t).sum()), vmap(f)]) {
      expect(() => transformed(x)).toThrow('use async on the outermost one');
    }
  });
});

import {
  jit,
  matmul,
  random,
  setThreads,
  sin,
  sum,
  type Tensor,
  take,
  tensor,
  threads,
  transpose,
} from '@grad/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { type Executor, setExecutor } from '../../src/trace/executor.ts';
import { dtypes, programs } from './programs.ts';
import { tinyGrain, using, Workers } from './workers.ts';

const workers = new Workers();
const executor = new WasmExecutor({ grain: tinyGrain, pool: { spawn: workers.spawn } });
const counts = [1, 2, 3, 4, 8];

describe('any number of threads gives the same bits', () => {
  let before: Executor | undefined;
  beforeAll(async () => {
    before = setExecutor(executor);
    expect(await setThreads(8)).toBe(8);
  });
  afterAll(async () => {
    await setThreads(1);
    if (before) setExecutor(before);
  });

  describe.each(dtypes)('in %s', (dtype) => {
    test.each(programs(dtype))('$name', async ({ f, x }) => {
      const alone = setExecutor(new WasmExecutor());
      const expected = jit(f)(...x).dataSync();
      const inPieces = await jit(f).async([...x]);
      expect(inPieces.dataSync()).toEqual(expected);
      if (alone) setExecutor(alone);
      for (const count of counts) {
        const g = jit(f, { threads: count });
        for (let again = 0; again < 5; again++) expect(g(...x).dataSync()).toEqual(expected);
        expect((await g.async([...x])).dataSync()).toEqual(expected);
      }
    });
  });

  test('and threads do work on them', async () => {
    const a = random.normal(random.key(0), [24, 64, 64]);
    const f = jit((x: Tensor) => matmul(x, transpose(x, [0, 2, 1])));
    f(a).dispose();
    workers.clear();
    expect(workers.used).toBe(0);
    const help = (): number => {
      f(a).dispose();
      return workers.used;
    };
    await expect.poll(help, { timeout: 30_000 }).toBeGreaterThan(1);
  });
});

describe('an error in what threads share', () => {
  const index = Int32Array.from({ length: 6000 }, (_, i) => i % 10);
  for (const at of [77, 5000, 1234]) index[at] = 1000 + at;
  const positions = tensor(index, { dtype: 'int32' });
  const f = jit((x: Tensor, i: Tensor) => sin(take(x, i)));
  const x = tensor(new Float64Array(10).fill(1));

  test.each(counts)(
    'is the first by position with %i threads, and harms no later call',
    async (n) => {
      const own = new WasmExecutor({ grain: tinyGrain });
      await using(own, async () => {
        await setThreads(n);
        for (let again = 0; again < 20; again++) {
          expect(() => f(x, positions)).toThrow('index 1077 is out of range');
          expect(sum(f(x, positions.at([0, 70]))).item()).toBeCloseTo(70 * Math.sin(1), 10);
        }
        await expect(f.async([x, positions])).rejects.toThrow('index 1077 is out of range');
      });
    },
  );
});

describe('a thread that ends', () => {
  const f = jit((x: Tensor) => sum(sin(x)));
  const x = random.normal(random.key(5), [5000]);

  test('in the midst of its work costs one call, and later ones have new threads', async () => {
    const watched = new Workers();
    let stuck = true;
    const own = new WasmExecutor({
      grain: tinyGrain,
      pool: {
        patience: 50,
        spawn: (start, events) => {
          if (!stuck) return watched.spawn(start, events);
          watched.pretend(start);
          events.ready();
          return { terminate: () => {} };
        },
      },
    });
    const kept = x.mul(2);
    const expected = f(kept).item();
    await using(own, async () => {
      expect(await setThreads(2)).toBe(2);
      expect(() => f(kept)).toThrow('A thread that worked on a compiled call does not answer');
      stuck = false;
      expect(f(kept).item()).toBe(expected);
      expect(await setThreads(2)).toBe(2);
      expect(f(kept).item()).toBe(expected);
    });
  });

  test.each([
    ['cannot be started', () => undefined],
    [
      'is refused',
      () => {
        throw new Error('no workers here');
      },
    ],
    [
      'ends at once',
      (_: unknown, { ended }: { ended(): void }) => {
        queueMicrotask(ended);
        return { terminate: () => {} };
      },
    ],
  ])('or %s leaves one thread', async (_, spawn) => {
    await using(new WasmExecutor({ grain: tinyGrain, pool: { spawn } }), async () => {
      expect(await setThreads(4)).toBe(1);
      expect(threads()).toBe(1);
      expect(f(x).item()).toBe(jit((y: Tensor) => sum(sin(y)))(x).item());
    });
  });
});

describe('setThreads', () => {
  test('keeps the tensors that were there before, and the calls in progress', async () => {
    const own = new WasmExecutor({ residentFrom: 64, broughtFrom: 64 });
    await using(own, async () => {
      const before = random.normal(random.key(1), [1000]).mul(1);
      const f = jit((x: Tensor) => {
        let y = x;
        for (let i = 0; i < 50; i++) y = sin(y).add(x);
        return y;
      });
      const g = jit((x: Tensor) => matmul(x.reshape([10, 100]), x.reshape([100, 10])));
      const [expected, product] = [f(before).dataSync(), g(before).dataSync()];
      const call = f.async([before]);
      expect(await setThreads(3)).toBe(3);
      expect((await call).dataSync()).toEqual(expected);
      expect(g(before).dataSync()).toEqual(product);
      expect(f(before).dataSync()).toEqual(expected);
      const after = before.add(1);
      before.dispose();
      expect(after.sub(1).size).toBe(1000);
      expect(await setThreads(1)).toBe(1);
      expect(threads()).toBe(1);
      expect(await setThreads(2)).toBe(2);
      expect(f(after.sub(1)).size).toBe(1000);
    });
  });

  test('counts no thread that was told to end', async () => {
    const executor = new WasmExecutor();
    await using(executor, async () => {
      expect(await setThreads(4)).toBe(4);
      const ended = setThreads(1);
      expect(executor.threads).toBe(1);
      expect(await ended).toBe(1);
    });
  });

  test('gives out elements in arrays that are not shared', async () => {
    await using(new WasmExecutor(), async () => {
      await setThreads(2);
      for (const size of [3, 60, 50_000]) {
        const x = random.normal(random.key(2), [size]).add(1);
        expect(x.dataSync().buffer).toBeInstanceOf(ArrayBuffer);
        expect((await x.data()).buffer).toBeInstanceOf(ArrayBuffer);
      }
    });
  });

  test('takes whole numbers from 1 to 64', () => {
    expect(() => setThreads(0)).toThrow('whole number from 1 to 64; it is 0');
    expect(() => setThreads(1.5)).toThrow(RangeError);
    expect(() => setThreads(65)).toThrow(RangeError);
    expect(() => jit(sin, { threads: 0 })).toThrow('jit: threads must be');
  });

  test('stays at one thread where memory cannot be shared', async () => {
    vi.stubGlobal('crossOriginIsolated', false);
    try {
      await using(new WasmExecutor({ grain: tinyGrain }), async () => {
        expect(await setThreads(4)).toBe(1);
        expect(threads()).toBe(1);
        expect(sum(sin(tensor([0, 0]))).item()).toBe(0);
      });
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('reports one thread until others are ready, and starts none unless asked', async () => {
    const watched = new Workers();
    await using(new WasmExecutor({ pool: { spawn: watched.spawn } }), async () => {
      expect([threads(), watched.started]).toEqual([1, 0]);
      sum(sin(tensor([1, 2])));
      expect(watched.started).toBe(0);
      await setThreads(2);
      expect([threads(), watched.started]).toEqual([2, 1]);
    });
  });
});

// What goes wrong in one call is told, and is over with it.

import {
  explain,
  foriLoop,
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
} from '@grad/core';
import { describe, expect, test, vi } from 'vitest';
import { nodeThreads } from '../../src/backends/wasm/threads/host.ts';
import { places } from '../../src/backends/wasm/threads/record.ts';
import type { Spawn } from '../../src/backends/wasm/threads/spawn.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { tinyGrain, using, Workers } from './workers.ts';

const x = random.normal(random.key(3), [6000]);
const outside = tensor([9], { dtype: 'int32' });
const shared = jit((y: Tensor) => sum(sin(y)));

/** Starts a worker that ends in the midst of its first job. */
const spawnDying: Spawn = (start, events) => {
  const url = new URL('./dying.ts', import.meta.url);
  const node = nodeThreads();
  if (node) {
    const worker = new node.Worker(url, { workerData: start, name: 'dying' });
    worker.on('message', () => events.ready());
    worker.on('exit', () => events.ended());
    return { terminate: () => void worker.terminate() };
  }
  const worker = new Worker(url, { type: 'module' });
  worker.onmessage = () => events.ready();
  worker.postMessage(start);
  return { terminate: () => worker.terminate() };
};

describe('after a call that failed', () => {
  const few = tensor([1, 2, 3]);
  test.each([
    ['before what threads share', jit((y: Tensor, i: Tensor) => sum(sin(y.mul(take(few, i)))))],
    ['after it', jit((y: Tensor, i: Tensor) => take(few, i).mul(sum(sin(y))))],
    ['alone', jit((_: Tensor, i: Tensor) => take(few, i))],
  ])('%s, the next one is right', async (_, failing) => {
    const expected = shared(x).item();
    await using(new WasmExecutor({ grain: tinyGrain }), async () => {
      for (const count of [2, 4]) {
        expect(await setThreads(count)).toBe(count);
        for (let again = 0; again < 20; again++) {
          expect(() => failing(x, outside)).toThrow(
            'index 9 is out of range for an axis of extent 3',
          );
          expect(shared(x).item()).toBe(expected);
        }
      }
    });
  });
});

describe('a worker', () => {
  test('that ends in the midst of a call is noticed in about ten seconds, and replaced', async () => {
    const expected = shared(x).item();
    let dying = true;
    const watched = new Workers();
    const spawn: Spawn = (start, events) => (dying ? spawnDying : watched.spawn)(start, events);
    await using(new WasmExecutor({ grain: tinyGrain, pool: { spawn } }), async () => {
      expect(await setThreads(2)).toBe(2);
      const start = performance.now();
      // It may take a few calls until it takes part in one.
      const calls = (): void => {
        while (performance.now() - start < 30_000) expect(shared(x).item()).toBe(expected);
      };
      expect(calls).toThrow(
        /^A thread that worked on a compiled call does not answer: number 1 has had one piece for 10 seconds .*its worker was ended, or is stuck; the call's results are lost. Later calls run with new threads/,
      );
      expect(performance.now() - start).toBeGreaterThan(9000);
      dying = false;
      expect(shared(x).item()).toBe(expected);
      expect(await setThreads(2)).toBe(2);
      for (let again = 0; again < 20; again++) expect(shared(x).item()).toBe(expected);
      expect(threads()).toBe(2);
    });
  });

  test('that cannot go on says why', async () => {
    const expected = shared(x).item();
    const memories: WebAssembly.Memory[] = [];
    const watched = new Workers();
    const spawn: Spawn = (start, events) => {
      memories.push(start.memory);
      return watched.spawn(start, events);
    };
    await using(new WasmExecutor({ grain: tinyGrain, pool: { spawn } }), async () => {
      expect(await setThreads(2)).toBe(2);
      expect(shared(x).item()).toBe(expected);
      // In the place of the code that threads compile, a module without anything in it.
      const [{ buffer } = { buffer: new SharedArrayBuffer(0) }] = memories;
      const [address = 0] = new Int32Array(buffer, places.module, 1);
      new Int32Array(buffer, address, 2).set([2 ** 30, 8]);
      new Uint8Array(buffer, address + 8, 8).set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
      const start = performance.now();
      const calls = (): void => {
        while (performance.now() - start < 30_000) shared(x);
      };
      expect(calls).toThrow(
        'A thread that worked on a compiled call failed (Error: The module has no such section.); the call',
      );
      expect(shared(x).item()).toBe(expected);
      expect(await setThreads(2)).toBe(2);
      expect(shared(x).item()).toBe(expected);
    });
  });
});

test('a call with threads that is aborted leaves the next ones right', async () => {
  const long = jit((y: Tensor) =>
    foriLoop(
      0,
      3000,
      (_, c) => sin(c).add(matmul(c.reshape([60, 100]), y.reshape([100, 60])).at(0, 0)),
      y,
    ),
  );
  const expected = shared(x).item();
  const short = jit((y: Tensor) => foriLoop(0, 5, (_, c) => sin(c).mul(y), y));
  const bits = short(x).dataSync();
  await using(new WasmExecutor({ grain: tinyGrain }), async () => {
    for (const count of [2, 4]) {
      expect(await setThreads(count)).toBe(count);
      for (const after of [0, 1, 5, 20, 40]) {
        const why = new Error('enough');
        const control = new AbortController();
        const call = long.async([x], { signal: control.signal });
        const meanwhile = short.async([x]);
        setTimeout(() => control.abort(why), after);
        await expect(call).rejects.toBe(why);
        expect(shared(x).item()).toBe(expected);
        expect((await meanwhile).dataSync()).toEqual(bits);
        expect(short(x).dataSync()).toEqual(bits);
      }
    }
  });
});

describe('explain', () => {
  const lines = (): string[] => explain((y: Tensor) => sum(y), x).split('\n');

  test('says nothing of threads that nobody asked for', () => {
    expect(lines().at(-1)).not.toContain('threads');
  });

  test('says how many there are', async () => {
    await using(new WasmExecutor(), async () => {
      await setThreads(2);
      expect(lines().at(-1)).toBe('threads: 2 of 2');
      const more = setThreads(3);
      expect(lines().at(-1)).toBe('threads: 2 of 3, since others are not ready yet');
      await more;
      expect(lines().at(-1)).toBe('threads: 3 of 3');
    });
  });

  test('says that a page is not isolated, and which headers it needs', async () => {
    vi.stubGlobal('crossOriginIsolated', false);
    try {
      await using(new WasmExecutor(), async () => {
        expect(await setThreads(4)).toBe(1);
        expect(lines().at(-1)).toMatch(
          /^threads: 1 of 4, since this page is not cross-origin isolated: serve it with .*Opener-Policy: same-origin/,
        );
        expect(shared(x).item()).toBe(sum(sin(x)).item());
      });
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('says why workers do not start', async () => {
    const spawn = (): never => {
      throw new Error('refused by the policy');
    };
    await using(new WasmExecutor({ pool: { spawn } }), async () => {
      expect(await setThreads(2)).toBe(1);
      expect(lines().at(-1)).toBe('threads: 1 of 2, since Error: refused by the policy');
    });
  });
});

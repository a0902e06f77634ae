// Every way to run out of memory ends in one kind of error, after which everything goes on: what
// was there is there, and the same computation in less memory is right.

import {
  callback,
  checkpoint,
  foriLoop,
  grad,
  jit,
  matmul,
  OutOfMemoryError,
  ones,
  scan,
  setThreads,
  sin,
  sparse,
  sum,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { RealmMemory } from '../../src/backends/wasm/memory.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { integers } from '../../src/tensor/dtype.ts';
import { laplacian, vector } from '../sparse/matrices.ts';
import { tinyGrain, using } from '../threads/workers.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const x = tensor(Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i)));

/** A loop whose derivative keeps a state of 8 kB for each step. */
const loop =
  (steps: number, how: 'store' | 'online') =>
  (start: Tensor): Tensor => {
    const step = (_: Tensor, c: Tensor): Tensor => sin(c.mul(1.1)).add(start.mul(0.1));
    return sum(foriLoop(0, steps, step, start, { checkpoint: how }));
  };

const growing =
  (steps: number) =>
  (start: Tensor): Tensor =>
    sum(
      whileLoop(
        ({ n }) => n.lt(steps),
        ({ y, n }) => ({ y: sin(y.mul(1.1)), n: n.add(1) }),
        { y: start, n: tensor(0) },
      ).y,
    );

const collected =
  (steps: number) =>
  (start: Tensor): Tensor => {
    const [, all] = scan((c: Tensor, _) => [sin(c), c], start, null, { length: steps });
    return sum(matmul(all, all.transpose()));
  };

function factor(side: number): Tensor {
  return sparse.solve(laplacian(side, side), vector(side * side), { method: 'cholesky' }).x;
}

/** What does not fit into 4 MiB, what the message says it is for, and the same in little. */
const cases: {
  readonly name: string;
  readonly what: RegExp;
  readonly large: () => unknown;
  readonly small: () => Tensor;
}[] = [
  {
    name: 'an operation',
    what: /8000000 bytes for float64 of shape \[1000, 1000\], a result of \w+:/,
    large: () => matmul(x.reshape([1000, 1]), x.reshape([1, 1000])),
    small: () => matmul(x.reshape([1, 1000]), x.reshape([1000, 1])),
  },
  {
    name: 'the work of a compiled function',
    what: /for the work of a call, whose largest array has 8000000 bytes, 1000000 elements of float64, for the state of a loop/,
    large: () => jit((y: Tensor) => loop(2, 'store')(matmul(y.expandDims(1), y.expandDims(0))))(x),
    small: () => jit((y: Tensor) => loop(2, 'store')(matmul(y.expandDims(0), y.expandDims(1))))(x),
  },
  {
    name: 'an argument',
    what: /8000000 bytes for float64 of shape \[1000000\]:/,
    large: () => sum(tensor(new Float64Array(1e6))),
    small: () => sum(x),
  },
  {
    name: 'what a loop of known length keeps for its derivative',
    what: /for what the steps of a loop keep|for what a scan gives for each step, or keeps of it/,
    large: () => jit(grad(loop(1000, 'store')))(x),
    small: () => jit(grad(loop(1000, 'online')))(x),
  },
  {
    name: 'what a loop of unknown length keeps for its derivative',
    what: /\d+ bytes for what the steps of a loop keep, for its derivative or for later ones: /,
    large: () => jit(grad(growing(1000)))(x),
    small: () => jit(grad(growing(100)))(x),
  },
  {
    name: 'what a scan gives',
    what: /for what a scan gives for each step, or keeps of it/,
    large: () => jit(collected(1000))(x),
    small: () => jit(collected(100))(x),
  },
  {
    name: 'a batch',
    what: /8000000 bytes for float64 of shape \[1000, 1000\]/,
    large: () => vmap((y: Tensor) => y.mul(x))(x),
    small: () => vmap((y: Tensor) => y.mul(x).sum())(x),
  },
  {
    name: 'a derivative outside of jit',
    what: /\d+ bytes for /,
    large: () => grad(loop(1000, 'store'))(x),
    small: () => grad(checkpoint(loop(100, 'store')))(x),
  },
  {
    name: 'the factor of a sparse matrix',
    what: /\d+ bytes for float64 of shape \[1, \d+\], a result of sparseCholesky:/,
    large: () => factor(100),
    small: () => factor(20),
  },
];

/** What a call gives, for comparison, and what kind of error it ends in. */
function outcomeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

function expectShortage(error: unknown, what: RegExp): void {
  expect(error).toBeInstanceOf(OutOfMemoryError);
  expect(error).toBeInstanceOf(RangeError);
  if (!(error instanceof OutOfMemoryError)) return;
  expect(error.name).toBe('OutOfMemoryError');
  expect(error.message).toMatch(what);
  expect(error.message).toContain(`Cannot allocate ${error.bytes} bytes for `);
  expect(error.bytes).toBeGreaterThan(0);
  expect(error.message).toMatch(
    /MiB of WebAssembly memory are in use, [\d.]+ MiB by tensors and [\d.]+ MiB by calls, and it cannot grow further than 4\.0 MiB/,
  );
  expect(error.message).toMatch(/dispose\(\), .*float32, .*checkpoint/);
  expect(error.bytesHeld).toBeLessThan(2 ** 22);
}

describe.each([1, 2])('with %i threads', (threads) => {
  test.each(cases)('$name that does not fit', async ({ what, large, small }) => {
    const expected = small().dataSync();
    const tight = new WasmExecutor({ maximumPages: 64, grain: tinyGrain });
    await using(tight, async () => {
      if (threads > 1) expect(await setThreads(threads)).toBe(threads);
      const kept = sum(x.mul(2)).item();
      const resident = tensor(new Float64Array(20_000).fill(3)).mul(2);
      for (let again = 0; again < 3; again++) {
        expectShortage(outcomeOf(large), what);
        expect(small().dataSync()).toEqual(expected);
      }
      expect(sum(x.mul(2)).item()).toBe(kept);
      expect(sum(resident).item()).toBe(120_000);
    });
  });

  test('a call in slices', async () => {
    const tight = new WasmExecutor({ maximumPages: 64, grain: tinyGrain });
    const expected = jit(grad(growing(100)))(x).dataSync();
    await using(tight, async () => {
      if (threads > 1) await setThreads(threads);
      const outer = jit((y: Tensor) => matmul(y.expandDims(1), y.expandDims(0)));
      for (const call of [
        () => jit(grad(growing(1000))).async([x]),
        () => jit(grad(loop(1000, 'store'))).async([x]),
        () => outer.async([x]),
      ]) {
        expectShortage(await call().catch((error: unknown) => error), /\d+ bytes for/);
        expect((await jit(grad(growing(100))).async([x])).dataSync()).toEqual(expected);
      }
    });
  });
});

test('a failed call holds nothing afterwards', async () => {
  const tight = new WasmExecutor({ maximumPages: 64 });
  await using(tight, () => {
    for (const { large } of cases) {
      outcomeOf(large);
      const before = tight.bytesInUse;
      for (let again = 0; again < 5; again++) outcomeOf(large);
      expect(tight.bytesInUse).toBeLessThanOrEqual(before);
    }
  });
});

describe('where JavaScript has no array', () => {
  const noArray = (): never => {
    throw new RangeError('Array buffer allocation failed');
  };
  /** The method that copies elements, of all typed arrays. */
  const typedArrays: { slice(): unknown } = Object.getPrototypeOf(Float64Array.prototype);

  test('long ones say how many bytes', () => {
    expect(() => integers(2 ** 50)).toThrow(OutOfMemoryError);
    expect(() => integers(2 ** 50)).toThrow(
      `Cannot allocate ${2 ** 52} bytes for ${2 ** 50} elements of int32: JavaScript has no array`,
    );
  });

  test('a copy of elements', () => {
    const y = ones([5000]).mul(3);
    vi.spyOn(typedArrays, 'slice').mockImplementation(noArray);
    expect(() => y.dataSync()).toThrow(OutOfMemoryError);
    expect(() => y.dataSync()).toThrow('Cannot allocate 40000 bytes for a copy of 5000 elements');
    vi.restoreAllMocks();
    expect(y.dataSync()).toEqual(new Float64Array(5000).fill(3));
  });

  test('a tensor that has to make room', async () => {
    const tight = new WasmExecutor({ maximumPages: 16, residentBytes: 2 ** 18 });
    await using(tight, () => {
      const first = ones([20_000]).mul(5);
      vi.spyOn(typedArrays, 'slice').mockImplementation(noArray);
      const second = (): Tensor => ones([30_000]).mul(2);
      expect(second).toThrow(OutOfMemoryError);
      expect(second).toThrow(/160000 bytes for moving float64 of shape \[20000\] out of WebAss/);
      vi.restoreAllMocks();
      expect(sum(second()).item()).toBe(60_000);
      expect(sum(first).item()).toBe(100_000);
    });
  });

  test('the results of a function on the host', () => {
    const types = { shape: [1000], dtype: 'float64' } as const;
    const batch = ones([50]);
    const call = jit((y: Tensor) => vmap((z: Tensor) => callback(() => z, types, z))(y).sum());
    // A large one fails as it does where memory is short.
    const short = new Proxy(Float64Array, {
      construct: (array, given) =>
        given[0] === 50_000 ? noArray() : Reflect.construct(array, given),
    });
    vi.stubGlobal('Float64Array', short);
    try {
      expect(() => call(batch)).toThrow(OutOfMemoryError);
      expect(() => call(batch)).toThrow(
        'Cannot allocate 400000 bytes for 50000 elements of float64: JavaScript has',
      );
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe('where WebAssembly has no room', () => {
  const noRoom = (what: string) =>
    class {
      constructor() {
        throw new RangeError(`${what}: could not allocate memory`);
      }
    };

  test('for a memory, the error says so', () => {
    vi.stubGlobal('WebAssembly', { ...allOf(WebAssembly), Memory: noRoom('WebAssembly.Memory()') });
    try {
      expect(() => new RealmMemory()).toThrow(OutOfMemoryError);
      expect(() => new RealmMemory()).toThrow(
        'Cannot allocate 4294901760 bytes for the addresses of a WebAssembly memory',
      );
    } finally {
      vi.unstubAllGlobals();
    }
    expect(new RealmMemory().allocate(100)).toBeGreaterThan(0);
  });

  test('for code, the call fails and a later one does not', () => {
    const f = jit((y: Tensor) => sin(y).mul(y.sum()).add(0.123));
    vi.stubGlobal('WebAssembly', {
      ...allOf(WebAssembly),
      Instance: noRoom('WebAssembly.Instance()'),
    });
    try {
      expect(() => f(x)).toThrow(OutOfMemoryError);
      expect(() => f(x)).toThrow(/^Cannot allocate \d+ bytes for the code of a call/);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(f(x).at(0).item()).toBeCloseTo(0.123, 12);
  });

  test('for memory that threads share, calls go on with one thread', async () => {
    const own = new WasmExecutor({ grain: tinyGrain });
    await using(own, async () => {
      const before = sum(sin(x)).item();
      vi.stubGlobal('WebAssembly', {
        ...allOf(WebAssembly),
        Memory: noRoom('WebAssembly.Memory()'),
      });
      try {
        expect(await setThreads(4)).toBe(1);
      } finally {
        vi.unstubAllGlobals();
      }
      expect(sum(sin(x)).item()).toBe(before);
    });
  });
});

/** The properties of a namespace, which are not enumerable. */
function allOf(namespace: object): object {
  return Object.fromEntries(
    Object.getOwnPropertyNames(namespace).map((name) => [name, Reflect.get(namespace, name)]),
  );
}

test('what no memory holds is refused, and all else goes on', () => {
  const large = (): Tensor => ones([2 ** 29]);
  expect(large).toThrow(OutOfMemoryError);
  expect(large).toThrow(`Cannot allocate ${2 ** 32} bytes for float64 of shape [${2 ** 29}], a`);
  expect(jit(large)).toThrow(OutOfMemoryError);
  expect(sum(x.mul(0).add(1)).item()).toBe(1000);
});

test('a number of bytes that no memory has is an error of the same kind', () => {
  // Half of what there can be, several times: never touched, so never had.
  const realm = new RealmMemory();
  const half = realm.allocate(2 ** 31);
  expect(half).toBeGreaterThan(0);
  expect(() => realm.allocate(2 ** 31)).toThrow(OutOfMemoryError);
  realm.free(half);
  expect(realm.allocate(2 ** 31)).toBe(half);
});

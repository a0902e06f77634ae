import {
  foriLoop,
  grad,
  jit,
  jvp,
  type LoopCheckpoint,
  scan,
  type Tensor,
  tensor,
  whileLoop,
} from '@grad/core';
import { describe, expect, test } from 'vitest';
import { lorenz96Start, lorenz96Step } from '../../bench/lorenz96.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { setExecutor } from '../../src/trace/executor.ts';

const dt = 1e-3;
const stateBytes = 40 * 8;

type Loop = (x: Tensor, steps: number, checkpoint: LoopCheckpoint) => Tensor;

const known: Loop = (x, length, checkpoint) =>
  scan((c: Tensor) => [lorenz96Step(c, dt), null], x, null, { length, checkpoint })[0];

const unknown: Loop = (x, steps, checkpoint) =>
  whileLoop(
    ({ k }) => k.lt(steps),
    ({ c, k }) => ({ c: lorenz96Step(c, dt), k: k.add(1) }),
    { c: x, k: tensor(0, { dtype: 'int32' }) },
    { checkpoint },
  ).c;

/** The gradient, and the bytes that its compiled call has: planned, and with its stacks. */
function measure(
  loop: Loop,
  steps: number,
  checkpoint: LoopCheckpoint,
  derivative: (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor = (f) => grad(f),
) {
  const executor = new WasmExecutor();
  const before = setExecutor(executor);
  try {
    const gradient = jit(derivative((x: Tensor) => loop(x, steps, checkpoint).square().sum()));
    const values = [...gradient(lorenz96Start).dataSync()];
    return { values, planned: executor.bytesInUse, total: executor.bytesReserved };
  } finally {
    if (before) setExecutor(before);
  }
}

describe('the memory of a checkpointed gradient', () => {
  const steps = 20_000;

  test('of a scan is that of the states it keeps, whatever the number of steps', () => {
    const many = measure(known, steps, 200);
    expect(many.planned).toBe(measure(known, 2000, 200).planned);
    // One slot more than states, and the position of each.
    expect(many.planned).toBeLessThan(201 * (stateBytes + 4) + 16_384);
    expect(measure(known, steps, 400).planned - many.planned).toBe(200 * (stateBytes + 4));
    expect(many.total).toBeLessThan(2 ** 18);
    expect(measure(known, steps, 'store').planned).toBeGreaterThan(steps * 4 * stateBytes);
  });

  test('of a whileLoop that keeps a number of states is theirs', () => {
    const many = measure(unknown, steps, 200);
    expect(many.planned).toBe(measure(unknown, 2000, 200).planned);
    expect(many.planned).toBeLessThan(201 * (stateBytes + 4) + 16_384);
    expect(many.values).toEqual(measure(known, steps, 200).values);
  });

  test('of a whileLoop online grows with the square root of the number of steps', () => {
    const few = measure(unknown, steps / 4, 'online');
    const many = measure(unknown, steps, 'online');
    expect(many.total / few.total).toBeLessThan(2.5);
    // 200 states, and 200 steps with the four stages that the derivative of each needs.
    expect(many.total).toBeLessThan(200 * 8 * stateBytes + 2 ** 19);
    expect(many.values).toEqual(measure(known, steps, 'online').values);
  });

  test('of a tangent, and of the tangent of a gradient, is bounded as well', () => {
    for (const loop of [known, unknown]) {
      const planned = (
        n: number,
        derivative: (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor,
      ) => measure(loop, n, 50, derivative).planned;
      const along = (f: (x: Tensor) => Tensor) => (x: Tensor) => jvp(f, [x], [x])[1];
      const twice = (f: (x: Tensor) => Tensor) => (x: Tensor) => jvp(grad(f), [x], [x])[1];
      expect(planned(10_000, along)).toBe(planned(1000, along));
      expect(planned(10_000, twice)).toBe(planned(1000, twice));
      expect(planned(10_000, twice)).toBeLessThan(4 * 51 * (stateBytes + 4) + 32_768);
    }
  });

  test('of foriLoop has no list of the steps', () => {
    const counted: Loop = (x, n, checkpoint) =>
      foriLoop(0, n, (i, c) => c.mul(0.99).add(i.astype('float64')), x, { checkpoint });
    expect(measure(counted, steps, 20).planned).toBe(measure(counted, 2000, 20).planned);
  });
});

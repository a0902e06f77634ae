import { readFileSync } from 'node:fs';
import {
  grad,
  type LoopCheckpoint,
  program,
  scan,
  type Tensor,
  tanh,
  tensor,
  whileLoop,
} from '@grad/core';
import { describe, expect, test } from 'vitest';
import { interpret, storageOfTensor } from '../../src/backends/reference/interpret.ts';
import { simplify } from '../../src/compiler/simplify.ts';

/** Steps of the loop that run beyond those that are recorded, counted while the derivative runs. */
function extraSteps(f: (x: Tensor) => Tensor, steps: number): number {
  const recorded = program(grad(f))(0.5);
  // A counter may be an input as well.
  const inputs = recorded.inputs.map(({ type }) =>
    storageOfTensor(
      type.kind === 'tensor' && type.dtype === 'int32'
        ? tensor(0, { dtype: 'int32' })
        : tensor(0.5),
    ),
  );
  const counts = [recorded, simplify(recorded)].map((one) => {
    let count = 0;
    interpret(one, inputs, ({ operation }, _, { data }) => {
      if (operation.name === 'tanh') count += 1;
      return data;
    });
    return count;
  });
  expect(counts[1]).toBe(counts[0]);
  return (counts[0] ?? 0) - steps;
}

/** The least number of forward steps, by the recursion that defines it. */
function leastSteps(steps: number, places: number, known = new Map<string, number>()): number {
  if (steps === 1) return 0;
  if (places === 1) return (steps * (steps - 1)) / 2;
  const key = `${steps},${places}`;
  let least = known.get(key);
  if (least === undefined) {
    least = Number.POSITIVE_INFINITY;
    for (let k = 1; k < steps; k++) {
      const rest = leastSteps(k, places, known) + leastSteps(steps - k, places - 1, known);
      least = Math.min(least, k + rest);
    }
    known.set(key, least);
  }
  return least;
}

describe('the binomial schedule', () => {
  const chain = (length: number, checkpoint: LoopCheckpoint) => (x: Tensor) =>
    scan((c: Tensor) => [tanh(c), null], x, null, { length, checkpoint })[0];

  /** Steps, states and further steps, as the guide tells them. */
  const guide = readFileSync(
    new URL('../../../../docs/guide/checkpointing.md', import.meta.url),
    'utf8',
  );
  const rows = [...guide.matchAll(/^\| (\d+) \| (\d+) \| (\d+) \| (\d+\.\d\d) \|$/gm)].map((row) =>
    row.slice(1).map(Number),
  );

  test('is told by the guide', () => {
    expect(rows.map(([steps, places, extra]) => [steps, places, extra])).toEqual(
      expect.arrayContaining([
        [10, 3, 15],
        [14, 3, 27],
        [100, 5, 316],
        [100, 10, 222],
        [250, 10, 672],
        [1000, 10, 3636],
      ]),
    );
  });

  test.each(rows)('runs %i steps with %i states in %i steps more', (steps, places, extra, each) => {
    expect(extraSteps(chain(steps, places), steps)).toBe(extra);
    expect(extra / steps).toBeCloseTo(each, 2);
  });

  test('takes the least number of steps for every number of steps and carries', () => {
    const known = new Map<string, number>();
    for (const steps of [1, 2, 3, 5, 8, 13, 21]) {
      for (const places of [1, 2, 3, 4, 7, 30]) {
        const extra = extraSteps(chain(steps, places), steps);
        expect(extra, `${steps} steps, ${places} states`).toBe(leastSteps(steps, places, known));
      }
    }
  });

  test('runs each step at most twice more online, and once when the number is not known', () => {
    const until = (steps: number) => (x: Tensor) =>
      whileLoop(
        ({ k }) => k.lt(steps),
        ({ c, k }) => ({ c: tanh(c), k: k.add(1) }),
        { c: x, k: tensor(0, { dtype: 'int32' }) },
        { checkpoint: 'online' },
      ).c;
    for (const steps of [1, 2, 10, 55, 56, 200]) {
      expect(extraSteps(chain(steps, 'online'), steps)).toBeLessThan(2 * steps);
      expect(extraSteps(until(steps), steps)).toBe(steps);
    }
  });
});

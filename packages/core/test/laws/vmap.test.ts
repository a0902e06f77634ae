// The third law: vmap is a loop. For every choice of batched operands and every place of the batch
// axis, in the operands and in the result, and nested. Rules of vmap do not look at dtypes, so float64
// stands for both.

import { stack, type Tensor, vmap } from '@grad/core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { Noise } from '../../src/backends/reference/noise.ts';
import { allocate, isFloat, roundingUnit } from '../../src/tensor/dtype.ts';
import { sameShape } from '../../src/tensor/shape.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { type Executor, setExecutor } from '../../src/trace/executor.ts';
import { bindOne } from '../../src/trace/trace.ts';
import { backends } from './backends.ts';
import { type Case, casesOf, primitives } from './cases.ts';

const size = 3;

/**
 * Variants of an operand, so that each call gets its own: its elements in a new order, or multiples
 * of it where others make no sense.
 */
function variants(
  { operands, variety }: Case,
  operand: number,
  count: number,
  seed: number,
): Tensor[] {
  const x = operands[operand];
  if (!x) throw new Error('unreachable');
  const noise = new Noise(seed);
  if (variety[operand] !== 'any') {
    const factor = (): number => (variety[operand] === 'none' ? 1 : 0.5 + noise.uniform());
    return Array.from({ length: count }, () => x.mul(factor()));
  }
  const data = x.dataSync();
  return Array.from({ length: count }, () => {
    const mixed = allocate(x.dtype, x.size);
    const shift = Math.floor(noise.uniform() * x.size);
    for (let i = 0; i < mixed.length; i++) mixed[i] = data[(i + shift) % x.size] ?? 0;
    return fromData(x.dtype, x.shape, mixed);
  });
}

/** Every choice of at least one operand of `count`. */
function choices(count: number): boolean[][] {
  return Array.from({ length: 2 ** count - 1 }, (_, bits) =>
    Array.from({ length: count }, (_, i) => (((bits + 1) >> i) & 1) === 1),
  );
}

function expectSame(actual: Tensor, expected: Tensor): void {
  if (!sameShape(actual.shape, expected.shape) || actual.dtype !== expected.dtype) {
    throw new Error(`${actual}, a loop gives ${expected}`);
  }
  const got = actual.dataSync();
  const unit = isFloat(expected.dtype) ? 64 * roundingUnit(expected.dtype) : 0;
  const wanted = Float64Array.from(expected.dataSync());
  const norm = wanted.reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 0);
  wanted.forEach((y, k) => {
    const x = got[k] ?? Number.NaN;
    if (Object.is(x, y) || Math.abs(x - y) <= unit * norm) return;
    throw new Error(`element ${k} is ${x}, a loop gives ${y}`);
  });
}

function expectLoop(sample: Case, batched: readonly boolean[], outAxis: number): void {
  const { primitive, params, operands } = sample;
  const f = (...x: readonly Tensor[]): Tensor => bindOne(primitive, x, params);
  const calls = operands.map((x, i) =>
    batched[i] ? variants(sample, i, size, i + 1) : Array.from({ length: size }, () => x),
  );
  const axes = operands.map((x, i) => (batched[i] ? Math.min(outAxis, x.ndim) : null));
  const whole = calls.map((xs, i) => {
    const axis = axes[i];
    const [shared] = xs;
    if (axis !== null && axis !== undefined) return stack(xs, { axis });
    if (shared === undefined) throw new Error('unreachable');
    return shared;
  });
  const one = Array.from({ length: size }, (_, call) =>
    f(...calls.flatMap((xs) => xs[call] ?? [])),
  );
  const place = Math.min(outAxis, one[0]?.ndim ?? 0);
  expectSame(vmap(f, { inAxes: axes, outAxes: place })(...whole), stack(one, { axis: place }));
}

/** Two axes: the first operand is mapped by the outer map alone, the others by both. */
function expectNestedLoop(sample: Case): void {
  const { primitive, params, operands } = sample;
  const f = (...x: readonly Tensor[]): Tensor => bindOne(primitive, x, params);
  const outer = 2;
  const grid = operands.map((_, i) =>
    Array.from({ length: outer }, (_, row) => variants(sample, i, size, 10 * i + row + 1)),
  );
  const alone = operands.length > 1;
  const whole = grid.map((rows, i) =>
    alone && i === 0
      ? stack(rows.flatMap((row) => row[0] ?? []))
      : stack(rows.map((row) => stack(row))),
  );
  const inner = operands.map((_, i) => (alone && i === 0 ? null : 0));
  const expected = stack(
    Array.from({ length: outer }, (_, row) =>
      stack(
        Array.from({ length: size }, (_, call) =>
          f(...grid.flatMap((rows, i) => rows[row]?.[alone && i === 0 ? 0 : call] ?? [])),
        ),
      ),
    ),
  );
  expectSame(vmap(vmap(f, { inAxes: inner }))(...whole), expected);
}

const mapped = primitives.filter((primitive) =>
  casesOf(primitive).some(({ operands }) => operands.length > 0),
);

describe.each(backends)('vmap on the %s backend', (_, backend) => {
  let before: Executor | undefined;
  beforeAll(() => {
    before = setExecutor(backend);
  });
  afterAll(() => {
    if (before) setExecutor(before);
  });

  test.each(mapped.map((primitive) => [primitive.name, primitive] as const))(
    'of %s is a loop over it, for every axis and choice of operands',
    (_name, primitive) => {
      for (const sample of casesOf(primitive, 'float64')) {
        const { operands } = sample;
        const axes = Math.max(...operands.map((x) => x.ndim)) + 1;
        for (const batched of choices(operands.length)) {
          for (let axis = 0; axis < axes; axis++) {
            try {
              expectLoop(sample, batched, axis);
            } catch (error) {
              const which = `${sample.title}, batched ${batched}, axis ${axis}`;
              throw new Error(which, { cause: error });
            }
          }
        }
      }
    },
  );

  test.each(mapped.map((primitive) => [primitive.name, primitive] as const))(
    'of %s nests',
    (_name, primitive) => {
      for (const sample of casesOf(primitive, 'float64')) {
        try {
          expectNestedLoop(sample);
        } catch (error) {
          throw new Error(sample.title, { cause: error });
        }
      }
    },
  );
});

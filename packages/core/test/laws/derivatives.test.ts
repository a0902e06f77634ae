// The second law: forward mode agrees with central differences, reverse mode with forward mode, and
// so do their derivatives; float32 derivatives agree with those of float64.

import { jvp, type Tensor, vjp } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Noise } from '../../src/backends/reference/noise.ts';
import type { Primitive } from '../../src/primitives/define.ts';
import { ceil, floor, round, sign, stopped } from '../../src/primitives/index.ts';
import { isFloat } from '../../src/tensor/dtype.ts';
import {
  type FlatFunction,
  maxNorm,
  type Numbers,
  numbersOf,
  randomLike,
  tensorsOf,
} from '../../src/testing/flat-function.ts';
import { type Executor, setExecutor } from '../../src/trace/executor.ts';
import { backends, reference } from './backends.ts';
import { type Case, casesOf, isDifferentiable, ofFloats, primitives } from './cases.ts';

/** Float results whose derivative is zero by definition. */
const flat: ReadonlySet<Primitive> = new Set<Primitive>([ceil, floor, round, sign, stopped]);

/** Tangents along a direction and cotangents of random weights. */
function derivatives(f: FlatFunction, point: readonly Tensor[]): Numbers {
  const noise = new Noise(7);
  const direction = tensorsOf(randomLike(point, noise), point);
  const [values, tangents] = jvp<readonly Tensor[], readonly Tensor[]>(f, point, direction);
  const weights = tensorsOf(randomLike(values, noise), values);
  const [, pullback] = vjp<readonly Tensor[], readonly Tensor[]>(f, ...point);
  return numbersOf([...tangents, ...pullback(weights)]);
}

function expectSmall(found: Numbers, expected: Numbers, relative: number, what: string): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((target, i) => {
    const allowed = relative * Math.max(1e-3, maxNorm([target]));
    const other = found[i] ?? new Float64Array();
    expect(other.length).toBe(target.length);
    const worst = maxNorm([target.map((y, k) => y - (other[k] ?? Number.NaN))]);
    if (!(worst <= allowed)) throw new Error(`${what}: off by ${worst}, allowed ${allowed}`);
  });
}

function expectZero(found: Numbers): void {
  expect(found.length).toBeGreaterThan(0);
  expect(maxNorm(found)).toBe(0);
}

function each(primitive: Primitive, dtype: 'float64' | 'float32', visit: (c: Case) => void): void {
  for (const sample of casesOf(primitive, dtype)) {
    try {
      visit(sample);
    } catch (error) {
      throw new Error(sample.title, { cause: error });
    }
  }
}

const moving = primitives.filter((primitive) => casesOf(primitive).some(isDifferentiable));

/** Primitives that take floats and give none. */
const deciding = primitives.filter(
  (primitive) =>
    !moving.includes(primitive) &&
    casesOf(primitive).some(({ operands }) => operands.some((x) => isFloat(x.dtype))),
);

describe.each(backends)('derivatives on the %s backend', (_, backend) => {
  // The transforms are the same on both; compiling what they make of third order takes long.
  const order = backend === reference ? 3 : 2;
  let before: Executor | undefined;
  beforeAll(() => {
    before = setExecutor(backend);
  });
  afterAll(() => {
    if (before) setExecutor(before);
  });

  test.each(moving.map((primitive) => [primitive.name, primitive] as const))(
    `of %s are right in both modes, to order ${order}`,
    (_name, primitive) => {
      each(primitive, 'float64', (sample) => {
        if (!isDifferentiable(sample)) return;
        const { f, point } = ofFloats(sample);
        const empty = [f(...point), point].some((all) => all.every((x) => x.size === 0));
        if (empty || flat.has(primitive)) {
          expectZero(derivatives(f, point));
        } else if (sample.smooth) {
          checkGrads(f, point, { order });
        }
      });
    },
  );

  test.each(moving.map((primitive) => [primitive.name, primitive] as const))(
    'of %s in float32 are those of float64, rounded',
    (_name, primitive) => {
      const singles = casesOf(primitive, 'float32');
      each(primitive, 'float32', (sample) => {
        if (!isDifferentiable(sample) || !sample.smooth) return;
        expect(singles.length).toBeGreaterThan(0);
        const single = ofFloats(sample);
        if (!single.f(...single.point).every((y) => y.dtype === 'float32')) return;
        const wide = { ...sample, operands: sample.operands.map(widened) };
        const double = ofFloats(wide);
        expectSmall(
          derivatives(single.f, single.point),
          derivatives(double.f, double.point),
          2e-5,
          'float32',
        );
      });
    },
  );

  test.each(deciding.map((primitive) => [primitive.name, primitive] as const))(
    'of %s are zero, as its results do not move',
    (_name, primitive) => {
      each(primitive, 'float64', (sample) => {
        const { f, point } = ofFloats(sample);
        if (point.length === 0) return;
        const asFloats: FlatFunction = (...x) => f(...x).map((y) => y.astype('float64'));
        expectZero(derivatives(asFloats, point));
      });
    },
  );
});

function widened(x: Tensor): Tensor {
  return x.dtype === 'float32' ? x.astype('float64') : x;
}

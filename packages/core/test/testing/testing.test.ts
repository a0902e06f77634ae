import {
  cos,
  exp,
  floor,
  jvp,
  mul,
  scan,
  sin,
  stopGradient,
  sum,
  type Tensor,
  tanh,
  tensor,
  where,
} from '@grad/core';
import {
  allclose,
  checkGrads,
  dotProductTest,
  GradientError,
  gradMatchers,
  taylorTest,
} from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import { describe, expect, test } from 'vitest';

expect.extend(gradMatchers);

/** sin, with a derivative that is 1 % too large. */
function wrongSine(x: Tensor): Tensor {
  const right = sin(x);
  return right.add(right.sub(stopGradient(right)).mul(0.01));
}

/** A function whose forward derivative is right and whose second derivative is not. */
function wrongCurvature(x: Tensor): Tensor {
  const at = stopGradient(x);
  return sin(at).add(cos(at).mul(x.sub(at)));
}

const x = tensor([0.3, -1.2, 2]);

describe('checkGrads', () => {
  test('passes for a function of trees with integers among its arguments, to third order', () => {
    const f = (p: { w: Tensor; b: Tensor; n: Tensor }): { y: Tensor; even: Tensor } => ({
      y: tanh(p.w.mul(p.b)).mul(p.n),
      even: p.n.eq(2),
    });
    const n = tensor([1, 2, 3], { dtype: 'int32' });
    checkGrads(f, [{ w: x, b: 0.7, n }], { order: 3 });
  });

  test('passes in float32 within the errors of float32', () => {
    checkGrads((y: Tensor) => exp(sin(y)), [x.astype('float32')]);
  });

  test('tells which check failed, with both numbers', () => {
    expect(() => checkGrads(wrongSine, [x])).toThrow(
      /forward mode disagrees with central differences in the result, element 0: .* \(jvp\) and .* \(differences\) differ by/,
    );
    expect(() => checkGrads(wrongSine, [x], { modes: ['rev'] })).toThrow(
      /reverse mode disagrees with central differences/,
    );
  });

  test('finds a wrong second derivative behind a right first one', () => {
    checkGrads(wrongCurvature, [x], { order: 1 });
    expect(() => checkGrads(wrongCurvature, [x], { order: 2 })).toThrow(
      /of the forward derivative disagrees with central differences/,
    );
  });

  test('refuses a function that does not depend on its arguments', () => {
    expect(() => checkGrads((y: Tensor) => floor(y), [0.3])).toThrow(/could not fail/);
    expect(() => checkGrads((y: Tensor) => y.gt(0), [x])).toThrow(/0 float results/);
  });

  test('refuses options that leave nothing to check', () => {
    expect(() => checkGrads(sin, [x], { modes: [] })).toThrow(/check nothing/);
    expect(() => checkGrads(sin, [x], { order: 0 })).toThrow(/check nothing/);
  });

  test('refuses a point where the function is not finite', () => {
    expect(() => checkGrads((y: Tensor) => y.div(0), [x])).toThrow(/must be finite/);
  });
});

describe('taylorTest', () => {
  test('gives the rates 1, 2 and 3 for a smooth function, in float64 and float32', () => {
    const f = (y: Tensor): Tensor => sum(exp(sin(y)));
    for (const dtype of ['float64', 'float32'] as const) {
      const { rates } = taylorTest(f, x.astype(dtype), { direction: tensor([1, 0.5, -1]) });
      expect(Math.abs(rates[0] - 1)).toBeLessThan(0.05);
      expect(Math.abs(rates[1] - 2)).toBeLessThan(0.05);
      expect(Math.abs(rates[2] - 3)).toBeLessThan(0.1);
    }
  });

  test('gives the rate 1 where 2 is due when the derivative is wrong', () => {
    const { rates } = taylorTest((y: Tensor) => sum(wrongSine(y)), x);
    expect(rates[1]).toBeLessThan(1.1);
  });

  test('finds polynomials of its degree exact', () => {
    const { rates } = taylorTest((y: Tensor) => sum(mul(y, y)), x);
    expect(rates[2]).toBe(Number.POSITIVE_INFINITY);
    expect(rates[1]).toBeCloseTo(2, 6);
  });

  test('leaves nothing behind: two runs give the same residuals', () => {
    const f = (y: Tensor): Tensor => sum(sin(y));
    expect(taylorTest(f, x)).toEqual(taylorTest(f, x));
  });

  test('refuses a direction along which nothing changes', () => {
    const f = (y: Tensor): Tensor => where(tensor([true, false, false]), y, 0);
    expect(() => taylorTest(f, x, { direction: tensor([0, 1, 1]) })).toThrow(GradientError);
  });
});

describe('dotProductTest', () => {
  test('finds both modes of a loop transposed to each other', () => {
    const f = (y: Tensor): Tensor => scan((c: Tensor, a: Tensor) => [sin(c.mul(a)), c], 0.5, y)[0];
    const { forward, reverse, relativeError } = dotProductTest(f, x);
    expect(Math.abs(forward)).toBeGreaterThan(0);
    expect(reverse).toBeCloseTo(forward, 12);
    expect(relativeError).toBeLessThan(1e-13);
  });

  test('takes a direction in the structure of the argument', () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => a.mul(b);
    const at = { a: x, b: tensor(2) };
    const direction = { a: tensor([1, 0, 0]), b: tensor(0) };
    expect(dotProductTest(f, at, { direction }).relativeError).toBeLessThan(1e-15);
    expect(() => dotProductTest(f, at, { direction: { a: x, b: x } })).toThrow(/structure/);
  });

  test('refuses a function whose derivatives are zero', () => {
    expect(() => dotProductTest((y: Tensor) => stopGradient(y), x)).toThrow(/could not fail/);
  });
});

describe('toBeAllclose', () => {
  test('compares trees, tensors and nested arrays by the larger of two tolerances', () => {
    expect(tensor([1, 2])).toBeAllclose([1, 2 + 1e-10]);
    expect({ a: tensor(1), b: [x] }).toBeAllclose({ a: 1, b: [x.add(1e-13)] });
    expect(tensor([1, 2])).not.toBeAllclose([1, 2.1]);
    expect(tensor([[1, 2]])).not.toBeAllclose([1, 2]);
    expect(tensor([1, 2])).toBeAllclose([1, 2.1], { atol: 0.2 });
  });

  test('says where the first difference is', () => {
    expect(() => expect({ w: tensor([[1, 2]]) }).toBeAllclose({ w: tensor([[1, 3]]) })).toThrow(
      'w: element [0, 1] is 2, expected 3: they differ by 1',
    );
  });

  test('agrees on infinities, and on NaN only when asked', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY];
    expect(allclose(tensor(odd), tensor(odd))).toBe(false);
    expect(allclose(tensor(odd), tensor(odd), { equalNan: true })).toBe(true);
    expect(allclose(tensor(1e300), tensor(Number.POSITIVE_INFINITY))).toBe(false);
  });
});

test('a derivative of the tested kind is what the tests call right', () => {
  expect(jvp((y: Tensor) => sin(y), [x], [tensor([1, 1, 1])])[1]).toBeAllclose(
    [0.3, -1.2, 2].map(Math.cos),
  );
});

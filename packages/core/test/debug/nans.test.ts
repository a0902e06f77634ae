// With `setDebug({ nans: true })` the first operation that makes a NaN is named, wherever it is.

import {
  cond,
  div,
  foriLoop,
  grad,
  jit,
  jvp,
  log,
  NaNError,
  StepLimitError,
  scan,
  setDebug,
  sqrt,
  type Tensor,
  take,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { executor } from '../../src/trace/executor.ts';
import { recordsSources } from '../../src/trace/trace.ts';

function failure(call: () => unknown): NaNError {
  try {
    call();
  } catch (error) {
    if (error instanceof NaNError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The text of the place that an error names, in this file. */
function placeOf({ source }: NaNError): string {
  expect(source).toMatch(/nans\.test\.ts:\d+:\d+$/);
  return source ?? '';
}

describe('while NaN is looked for', () => {
  let before = setDebug({});
  beforeEach(() => {
    before = setDebug({ nans: true });
  });
  afterEach(() => {
    setDebug(before);
  });

  test('an eager operation is named with its operands, result and line', () => {
    const error = failure(() => log(tensor([1, -1, 2])));
    expect(error.operation).toBe('log');
    expect(error.derivativeOf).toBeUndefined();
    expect(error.message).toMatch(/^log: the result is NaN where no operand is\.\n/);
    expect(error.message).toContain('operand 0: f64[3] [1, -1, 2]');
    expect(error.message).toContain('first at [1]');
    expect(error.message).toContain(`at ${placeOf(error)}`);
  });

  test('an operation inside a jit, a batch and a branch is named', () => {
    const f = (x: Tensor): Tensor => sqrt(x.sub(3)).add(1);
    const calls = [
      () => jit(f)(1),
      () => vmap(f)(tensor([5, 1])),
      () => jit(vmap(f))(tensor([5, 1])),
      () => jvp(f, [tensor(1)], [tensor(1)]),
      () => grad(f)(1),
      () => jit((x: Tensor) => cond(x.gt(0), f, (y: Tensor) => y, x))(1),
    ];
    const errors = calls.map(failure);
    expect(errors.map(({ operation }) => operation)).toEqual(calls.map(() => 'sqrt'));
    expect(new Set(errors.map(placeOf)).size).toBe(1);
    expect(errors.map(({ derivativeOf }) => derivativeOf)).toEqual(calls.map(() => undefined));
  });

  test('the step of each loop around it is told, from 0', () => {
    const count = (x: Tensor): Tensor => foriLoop(0, 5, (_, c) => sqrt(c.sub(1)), x);
    const inner = failure(() => jit(count)(5));
    expect(inner.steps).toEqual([{ loop: 'scan', step: 3 }]);
    expect(inner.message).toContain('in step 3 of scan');
    const outer = failure(() =>
      whileLoop(
        (x) => x.gt(0),
        (x) => foriLoop(0, 2, (_, c) => sqrt(c.sub(1.5)), x),
        tensor(5),
      ),
    );
    expect(outer.steps).toEqual([
      { loop: 'whileLoop', step: 1 },
      { loop: 'scan', step: 0 },
    ]);
  });

  test('a NaN of a derivative is told as such, with the line of what is differentiated', () => {
    // d sqrt(x^2)/dx at 0 is 0/0.
    const f = (x: Tensor): Tensor => sqrt(x.mul(x)).sum();
    const calls = [
      () => grad(f)(tensor([1, 0])),
      () => jit(grad(f))(tensor([1, 0])),
      () => grad((x: Tensor) => vmap(f)(x.reshape([2, 1])).sum())(tensor([1, 0])),
    ];
    for (const call of calls) {
      const error = failure(call);
      expect(error.derivativeOf).toMatch(/^(sqrt|mul)$/);
      expect(error.message).toMatch(/in the derivative of (sqrt|mul) at /);
      placeOf(error);
    }
  });

  test('a NaN in the derivative of a loop names its step', () => {
    const f = (x: Tensor): Tensor =>
      scan((c: Tensor, y: Tensor) => [c.add(sqrt(y.mul(y))), null], 0, x)[0];
    const error = failure(() => grad(f)(tensor([1, 2, 0, 3])));
    expect(error.steps).toEqual([{ loop: 'scan', step: 2 }]);
    expect(error.derivativeOf).toMatch(/^(sqrt|mul)$/);
  });

  test('a NaN that was given, or infinities, are no error', () => {
    expect(
      log(tensor([Number.NaN, 1]))
        .add(1)
        .toArray(),
    ).toEqual([Number.NaN, 1]);
    expect(div(1, tensor(0)).item()).toBe(Number.POSITIVE_INFINITY);
  });

  test('results are those of compiled code, and other errors keep their names and lines', () => {
    const f = (x: Tensor): Tensor => foriLoop(0, 4, (i, c) => c.mul(x).add(i), tensor(1)).sum();
    const g = jit(grad(f));
    const checked = g(1.5).item();
    setDebug(before);
    expect(checked).toBe(g(1.5).item());
    setDebug({ nans: true });
    const index = tensor([4], { dtype: 'int32' });
    expect(() => jit((x: Tensor) => take(x, index))(tensor([1, 2]))).toThrow(
      /take: index 4 .*\(at .*nans\.test\.ts:\d+:\d+\)/,
    );
    expect(() =>
      jit((x: Tensor) =>
        whileLoop(
          (c) => c.gt(0),
          (c) => c.add(1),
          x,
          { maxSteps: 2 },
        ),
      )(1),
    ).toThrow(StepLimitError);
  });

  test('a function that was compiled before is recorded again, with its lines', () => {
    setDebug(before);
    const f = jit((x: Tensor) => log(x));
    expect(f(-1).item()).toBeNaN();
    setDebug({ nans: true });
    placeOf(failure(() => f(-1)));
    setDebug(before);
    expect(f(-1).item()).toBeNaN();
  });

  test('the next call after an error runs as if nothing had happened', () => {
    const f = jit((x: Tensor) => foriLoop(0, 3, (_, c) => sqrt(c), x));
    expect(failure(() => f(-1)).steps).toEqual([{ loop: 'scan', step: 0 }]);
    expect(f(256).item()).toBe(2);
    expect(failure(() => f(-1)).steps).toEqual([{ loop: 'scan', step: 0 }]);
  });
});

test('infinities made of finite operands are found on request', () => {
  const before = setDebug({ infs: true });
  try {
    const error = failure(() => div(1, tensor([2, 0])));
    expect(error.message).toMatch(/div: the result is Infinity where no operand is/);
    expect(log(tensor(-1)).item()).toBeNaN();
  } finally {
    setDebug(before);
  }
  expect(div(1, tensor(0)).item()).toBe(Number.POSITIVE_INFINITY);
});

test('switching on and off restores what was there', () => {
  const installed = executor();
  const before = setDebug({ nans: true });
  expect(before).toMatchObject({ nans: false, infs: false });
  const inside = setDebug({ infs: true });
  expect(inside).toMatchObject({ nans: true, infs: false });
  setDebug(inside);
  setDebug(before);
  expect(executor()).toBe(installed);
  expect(recordsSources()).toBe(false);
  expect(log(tensor(-1)).item()).toBeNaN();
});

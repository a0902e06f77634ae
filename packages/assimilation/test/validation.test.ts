import { type FourDVarOptions, fourDVar, rk4, twinExperiment } from '@grad/assimilation';
import type { Tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';

const good: FourDVarOptions = {
  model: (x: Tensor) => x.mul(0.5),
  background: [1, 2],
  B: 1,
  R: 1,
  observations: [
    { step: 1, value: [1, 2] },
    { step: 3, value: [1, 2] },
  ],
};

const second = (observation: object): Partial<FourDVarOptions> => ({
  observations: [
    { step: 1, value: [1, 2] },
    { step: 3, value: [1, 2], ...observation },
  ],
});

const cases: Record<string, readonly [Partial<FourDVarOptions>, RegExp]> = {
  'no observations': [{ observations: [] }, /no observations/],
  'steps out of order': [second({ step: 0 }), /observation 1 is at step 0, after one at step 1/],
  'two observations of one step': [second({ step: 1 }), /observation 1.*those of one step as one/],
  'a step that is no whole number': [second({ step: 2.5 }), /observation 1 is at step 2.5/],
  'a negative step': [
    { observations: [{ step: -1, value: [1, 2] }] },
    /observation 0 is at step -1; steps are whole numbers/,
  ],
  'a value of another length': [second({ value: [1] }), /observation 1 \(step 3\).*shape \[1\].*2/],
  'a value that is no vector': [second({ value: [[1, 2]] }), /observation 1.*shape \[1, 2\]/],
  'a value that is not finite': [
    second({ value: [1, Number.NaN] }),
    /observation 1 \(step 3\): component 1 is NaN/,
  ],
  'a component that does not exist': [
    second({ value: [1], components: [2] }),
    /observation 1.*component 2.*0 to 1/,
  ],
  'a component twice': [second({ components: [1, 1] }), /observation 1.*twice: 1, 1/],
  'a variance of 0': [{ B: 0 }, /B: the variance is 0/],
  'a negative variance of a component': [{ R: [1, -2] }, /R: the variance of component 1 is -2/],
  'an infinite variance of an observation': [
    second({ R: Number.POSITIVE_INFINITY }),
    /observation 1 \(step 3\): R: the variance is Infinity/,
  ],
  'as many variances as there are not': [{ B: [1, 1, 1] }, /B: a covariance of 2 errors.*\[3\]/],
  'a matrix that is not symmetric': [
    {
      B: [
        [1, 0.5],
        [0.2, 1],
      ],
    },
    /B: .*not symmetric.*\(1, 0\) is 0.2 and \(0, 1\) is 0.5/,
  ],
  'a matrix that is not positive definite': [
    {
      R: [
        [1, 2],
        [2, 1],
      ],
    },
    /R: .*not positive definite, as row 1 shows/,
  ],
  'a matrix with a NaN': [
    {
      B: [
        [Number.NaN, 0],
        [0, 1],
      ],
    },
    /B: .*\(0, 0\) is NaN/,
  ],
  'a background that is no vector': [{ background: [[1, 2]] }, /background has shape \[1, 2\]/],
  'a background that is not finite': [
    { background: [1, Number.NaN] },
    /component 1 of the background is NaN/,
  ],
  'an observation operator that gives no vector': [
    { observe: (x: Tensor) => x.sum() },
    /observe\(background\) has shape \[\]/,
  ],
};

describe('fourDVar', () => {
  for (const [name, [change, message]] of Object.entries(cases)) {
    test(`refuses ${name}`, () => {
      expect(() => fourDVar({ ...good, ...change })).toThrow(message);
    });
  }

  test('refuses observations without any covariance of their errors', () => {
    const { R: _, ...rest } = good;
    expect(() => fourDVar(rest)).toThrow(/observation 0 \(step 1\) has no covariance/);
  });

  test('refuses a state of another length, and a model that changes it', () => {
    expect(() => fourDVar(good).cost([1, 2, 3])).toThrow(/state has shape \[3\].*2 components/);
    const shrinking = { ...good, model: (x: Tensor) => x.at([0, 1]) };
    expect(() => fourDVar(shrinking).cost([1, 2])).toThrow(/model makes.*\[1\].*2 components/);
  });

  test('refuses an unknown method or transform', async () => {
    const options = JSON.parse('[{"method": "newton"}, {"transform": "svd"}]');
    await expect(fourDVar(good).minimize(options[0])).rejects.toThrow(/'newton'.*lbfgs/);
    await expect(fourDVar(good).minimize(options[1])).rejects.toThrow(/'svd'.*none or cvt/);
  });
});

test('rk4 refuses a time step of 0 or none at all', () => {
  expect(() => rk4((x) => x, 0)).toThrow(/dt is 0/);
  expect(() => rk4((x) => x, Number.NaN)).toThrow(/dt is NaN/);
});

test('twinExperiment refuses steps that do not exist', () => {
  const { model } = good;
  const make = (steps: number[]) => twinExperiment({ model, truth: [1], B: 1, R: 1, steps });
  expect(() => make([1, -1])).toThrow(/whole numbers of 0 or more, not -1/);
  expect(() => make([1, 3, 2])).toThrow(/step 2 comes after step 3/);
  expect(() => make([2, 2])).toThrow(/step 2 comes after step 2/);
});

import { type FourDVarOptions, fourDVar } from '@grad/assimilation';
import { matmul, type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { B, H, M, R } from './linear-system.ts';
import {
  column,
  inverse,
  type Matrix,
  plus,
  product,
  solve,
  transposed,
} from './plain-matrices.ts';

const background = [1, -2, 0.5];
const observations = [
  { step: 0, value: [0.3, -2.2] },
  { step: 3, value: [-1.1, 0.4] },
  { step: 4, value: [0.2, 0.9] },
];
const linear: FourDVarOptions = {
  model: (x: Tensor) => matmul(tensor(M), x),
  observe: (x: Tensor) => matmul(tensor(H), x),
  background,
  B,
  R,
  observations,
};

/** H M^k. */
const predictor = (step: number): number[][] =>
  Array.from({ length: step }).reduce((power: number[][]) => product(power, M), H);

/** The best linear unbiased estimate, from the normal equations. */
function estimate(): number[] {
  const precision = inverse(B);
  let [matrix, rhs] = [precision, product(precision, column(background))];
  for (const { step, value } of observations) {
    const G = predictor(step);
    const weighted = product(transposed(G), inverse(R));
    matrix = plus(matrix, product(weighted, G));
    rhs = plus(rhs, product(weighted, column(value)));
  }
  return solve(matrix, rhs).flat();
}

/** The cost by its definition. */
function costAt(x: readonly number[]): number {
  const quadratic = (d: number[][], C: Matrix): number =>
    product(transposed(d), product(inverse(C), d))[0]?.[0] ?? 0;
  const minus = (a: Matrix, b: Matrix): number[][] =>
    plus(
      a,
      b.map((row) => row.map((v) => -v)),
    );
  const departures = observations.map(({ step, value }) =>
    quadratic(minus(column(value), product(predictor(step), column(x))), R),
  );
  const fromBackground = quadratic(minus(column(x), column(background)), B);
  return departures.reduce((total, term) => total + term, fromBackground) / 2;
}

describe('4D-Var with a linear model', () => {
  test.each(['none', 'cvt'] as const)(
    'finds the best linear unbiased estimate with full covariances and the transform %s',
    async (transform) => {
      const { analysis, status } = await fourDVar(linear).minimize({
        transform,
        gradientTolerance: 1e-12,
      });
      expect(status).toBe('converged');
      estimate().forEach((value, i) => {
        expect(analysis.at(i).item()).toBeCloseTo(value, 12);
      });
    },
  );

  test('has the cost of the definition', () => {
    for (const x of [background, [0, 0, 0], [3, 1, -2]]) {
      expect(fourDVar(linear).cost(x).item()).toBeCloseTo(costAt(x), 11);
    }
  });

  test('weights a diagonal of variances as the matrix with that diagonal', () => {
    const x = [3, 1, -2];
    const cost = (b: FourDVarOptions['B'], r: NonNullable<FourDVarOptions['R']>): number =>
      fourDVar({ ...linear, B: b, R: r })
        .cost(x)
        .item();
    const full = cost(
      [
        [2, 0, 0],
        [0, 3, 0],
        [0, 0, 4],
      ],
      [
        [0.5, 0],
        [0, 0.7],
      ],
    );
    expect(cost([2, 3, 4], Float64Array.of(0.5, 0.7))).toBeCloseTo(full, 11);
    expect(cost([2, 2, 2], [0.5, 0.5])).toBeCloseTo(cost(2, 0.5), 11);
  });

  test('takes the errors of some components from the covariance of all', () => {
    const x = [3, 1, -2];
    const second = { step: 2, value: [0.7], components: [1] };
    const cost = fourDVar({ ...linear, observations: [second] })
      .cost(x)
      .item();
    const only = fourDVar({
      ...linear,
      observe: (state) => matmul(tensor(H.slice(1)), state),
      R: R[1]?.[1] ?? 0,
      observations: [{ step: 2, value: [0.7] }],
    });
    expect(cost).toBeCloseTo(only.cost(x).item(), 11);
  });

  test('takes components in any order, and errors of their own for an observation', () => {
    const x = [3, 1, -2];
    const at = (observation: object): number =>
      fourDVar({
        ...linear,
        observations: [
          { step: 1, value: [0, 0] },
          { step: 2, value: [0.7, 0.1], ...observation },
        ],
      })
        .cost(x)
        .item();
    const swapped = {
      value: [0.1, 0.7],
      components: [1, 0],
      R: [
        [0.3, 0.1],
        [0.1, 0.4],
      ],
    };
    expect(at(swapped)).toBeCloseTo(at({}), 11);
    expect(at({ R: [0.4, 0.3] })).not.toBeCloseTo(at({}), 3);
  });

  test('ignores what an observation operator gives where nothing was observed', () => {
    const observe = (x: Tensor): Tensor => x.at([0, 1]).sub(5).log();
    const decay = fourDVar({
      model: (x) => x.mul(2),
      observe,
      background: [4],
      B: 1,
      R: 1,
      observations: [{ step: 1, value: [1] }],
    });
    expect(decay.cost([4]).item()).toBeCloseTo((1 - Math.log(3)) ** 2 / 2, 14);
    expect(decay.gradient([4]).at(0).item()).toBeCloseTo(((Math.log(3) - 1) * 2) / 3, 14);
  });
});

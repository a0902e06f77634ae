import {
  acos,
  asin,
  atan,
  atan2,
  ceil,
  cosh,
  digamma,
  erf,
  erfc,
  erfinv,
  grad,
  isfinite,
  jit,
  lgamma,
  mod,
  polygamma,
  round,
  rsqrt,
  sinh,
  softplus,
  type Tensor,
  tensor,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;
const pi = Math.PI;

const int = (values: readonly number[]): Tensor => tensor([...values], { dtype: 'int32' });

/** Arguments and the values there, in float64; float32 gives them rounded. */
const special: readonly (readonly [
  (x: Tensor) => Tensor,
  readonly (readonly [number, number])[],
])[] = [
  [
    asin,
    [
      [0, 0],
      [-0, -0],
      [1, pi / 2],
      [-1, -pi / 2],
      [1.5, nan],
      [inf, nan],
      [nan, nan],
    ],
  ],
  [
    acos,
    [
      [1, 0],
      [-1, pi],
      [0, pi / 2],
      [-1.5, nan],
      [-inf, nan],
      [nan, nan],
    ],
  ],
  [
    atan,
    [
      [0, 0],
      [-0, -0],
      [inf, pi / 2],
      [-inf, -pi / 2],
      [nan, nan],
    ],
  ],
  [
    sinh,
    [
      [0, 0],
      [-0, -0],
      [inf, inf],
      [-inf, -inf],
      [1e4, inf],
      [nan, nan],
    ],
  ],
  [
    cosh,
    [
      [0, 1],
      [-0, 1],
      [inf, inf],
      [-inf, inf],
      [-1e4, inf],
      [nan, nan],
    ],
  ],
  [
    erf,
    [
      [0, 0],
      [-0, -0],
      [inf, 1],
      [-inf, -1],
      [1e4, 1],
      [nan, nan],
    ],
  ],
  [
    erfc,
    [
      [0, 1],
      [-0, 1],
      [inf, 0],
      [-inf, 2],
      [1e4, 0],
      [-1e4, 2],
      [nan, nan],
    ],
  ],
  [
    erfinv,
    [
      [0, 0],
      [-0, -0],
      [1, inf],
      [-1, -inf],
      [1.5, nan],
      [inf, nan],
      [nan, nan],
    ],
  ],
  [
    lgamma,
    [
      [1, 0],
      [2, 0],
      [0, inf],
      [-0, inf],
      [-3, inf],
      [inf, inf],
      [-inf, inf],
      [nan, nan],
    ],
  ],
  [
    digamma,
    [
      [0, -inf],
      [-0, inf],
      [-3, nan],
      [inf, inf],
      [-inf, nan],
      [nan, nan],
    ],
  ],
  [
    softplus,
    [
      [0, Math.LN2],
      [-0, Math.LN2],
      [inf, inf],
      [-inf, 0],
      [1e4, 1e4],
      [nan, nan],
    ],
  ],
  [
    rsqrt,
    [
      [0, inf],
      [4, 0.5],
      [inf, 0],
      [-1, nan],
      [nan, nan],
    ],
  ],
  [
    ceil,
    [
      [0.2, 1],
      [-0.2, -0],
      [-1.5, -1],
      [inf, inf],
      [nan, nan],
    ],
  ],
  [
    round,
    [
      [0.5, 0],
      [1.5, 2],
      [2.5, 2],
      [-0.5, -0],
      [-1.5, -2],
      [2.6, 3],
      [inf, inf],
      [nan, nan],
    ],
  ],
];

describe.each(special.map(([f, cases]) => [f.name, f, cases] as const))('%s', (_, f, cases) => {
  test.each(['float64', 'float32'] as const)(
    'has the right values at special points in %s',
    (dtype) => {
      const values = f(tensor(cases.map(([x]) => x)).astype(dtype)).dataSync();
      expect([...values]).toEqual(cases.map(([, y]) => (dtype === 'float64' ? y : Math.fround(y))));
    },
  );
});

test('atan2 tells the quadrants and the signs of zeros apart', () => {
  const all = [0, -0, 1, -1, inf, -inf, nan];
  const ys = all.flatMap((y) => all.map(() => y));
  const xs = all.flatMap(() => all);
  const expected = ys.map((y, i) => Math.atan2(y, xs[i] ?? nan));
  expect([...atan2(tensor(ys), tensor(xs)).dataSync()]).toEqual(expected);
});

describe('mod', () => {
  test('has the sign of the divisor', () => {
    const xs = [7, -7, 7, -7, 6, -6, 0, -0];
    const ys = [3, 3, -3, -3, -3, 3, -3, 3];
    const expected = [1, 2, -2, -1, -0, 0, -0, 0];
    expect([...mod(tensor(xs), tensor(ys)).dataSync()]).toEqual(expected);
    expect(mod(int(xs), int(ys)).toArray()).toEqual([1, 2, -2, -1, 0, 0, 0, 0]);
  });

  test('of infinities and zeros is that of NumPy', () => {
    const xs = [5, -5, inf, -inf, 5, nan, 5];
    const ys = [inf, inf, 3, 3, 0, 3, nan];
    expect([...mod(tensor(xs), tensor(ys)).dataSync()]).toEqual([5, inf, nan, nan, nan, nan, nan]);
  });

  test('promotes integers as other arithmetic does', () => {
    expect(mod(int([7, -7]), 3).dtype).toBe('int32');
    expect(mod(int([7, -7]), 2.5).toArray()).toEqual([2, 0.5]);
    expect(mod(int([-2147483648]), -1).toArray()).toEqual([0]);
  });

  test('by the integer 0 is an error that says what to do', () => {
    const message = 'mod: integer division by zero. Select where the divisor is not 0.';
    expect(() => mod(int([1, 2]), int([1, 0])).dataSync()).toThrow(message);
  });

  test('moves with the dividend, and with the divisor as often as that is taken', () => {
    expect(grad((x: Tensor) => mod(x, 3))(tensor(7.5)).item()).toBe(1);
    expect(grad((y: Tensor) => mod(7.5, y))(tensor(3)).item()).toBe(-2);
    expect(grad((y: Tensor) => mod(-7.5, y))(tensor(3)).item()).toBe(3);
  });
});

test('isfinite is false for infinities and NaN, and true for integers', () => {
  expect(isfinite([1, inf, -inf, nan, -0]).toArray()).toEqual([true, false, false, false, true]);
  expect(isfinite(int([1, 2147483647])).toArray()).toEqual([true, true]);
});

/** Derivatives of order 1 to 3 at 0.4, to 40 digits and rounded. */
const derivatives: readonly (readonly [
  (x: Tensor) => Tensor,
  readonly [number, number, number],
])[] = [
  [rsqrt, [-1.9764235376052368, 7.411588266019638, -46.32242666262273]],
  [asin, [1.0910894511799618, 0.5195664053237914, 2.0411537352006093]],
  [acos, [-1.0910894511799618, -0.5195664053237914, -2.0411537352006093]],
  [atan, [0.8620689655172413, -0.5945303210463734, -0.6662839804830045]],
  [sinh, [1.0810723718384547, 0.4107523258028155, 1.0810723718384547]],
  [cosh, [0.4107523258028155, 1.0810723718384547, 0.4107523258028155]],
  [softplus, [0.598687660112452, 0.24026074574152914, -0.04742154162820856]],
  [erf, [0.9615412988393077, -0.7692330390714462, -1.3076961664214586]],
  [erfc, [-0.9615412988393077, 0.7692330390714462, 1.3076961664214586]],
  [erfinv, [1.0168562004306123, 0.766826632315692, 3.2594026810227996]],
  [lgamma, [-2.561384544585116, 7.275356590529597, -32.23912862357835]],
  [digamma, [7.275356590529597, -32.23912862357835, 236.19525903394705]],
];

describe.each(derivatives.map(([f, values]) => [f.name, f, values] as const))(
  '%s',
  (_, f, values) => {
    test('has the right first, second and third derivative', () => {
      const orders = [grad(f), grad(grad(f)), grad(grad(grad(f)))];
      orders.forEach((derivative, i) => {
        const target = values[i] ?? nan;
        for (const run of [derivative, jit(derivative)]) {
          expect(Math.abs(run(tensor(0.4)).item() / target - 1)).toBeLessThan(2e-14);
        }
      });
    });
  },
);

test('the second derivative of softplus at 0 is 1/4', () => {
  expect(grad(grad(softplus))(tensor(0)).item()).toBe(0.25);
});

test('derivatives of atan2 do not overflow with the squares of its operands', () => {
  expect(grad((y: Tensor) => atan2(y, 1e200))(tensor(1e200)).item()).toBeCloseTo(5e-201, 212);
});

describe('polygamma', () => {
  test.each([
    [1, 0.5, 4.934802200544679],
    [1, 0.001, 1000001.6425331958],
    [1, 30.0, 0.033895060357739946],
    [2, 1.5, -0.82879664423432],
    [3, 7.25, 0.0064330375979401565],
    [4, 0.1, -2400015.6072031953],
    [10, 3.5, -4.026693041232995],
    [20, 2.5, -10709198259.124132],
    [5, 7.112, 0.001846723741330317],
    [8, 15.603, -1.8376167963429754e-6],
    [20, 0.52, -2.2390015829392343e24],
    [20, 40.5, -1.0943655030857747e-15],
    [1, -1.25, 19.181879647671607],
    [3, -20.5, 194.81796635297297],
  ] as const)('of order %i at %f is right to 2 ulp', (order, x, value) => {
    const error = Math.abs(polygamma(order, x).item() / value - 1);
    expect(error).toBeLessThanOrEqual(2 * 2 ** -52);
  });

  test('of order 0 is digamma, and of another number an error', () => {
    expect(polygamma(0, 0.7).item()).toBe(digamma(0.7).item());
    expect(() => polygamma(1.5, 1)).toThrow('polygamma: the order is a whole number of 0 to 20');
  });
});

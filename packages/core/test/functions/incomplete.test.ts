// The incomplete gamma and beta functions against values computed to 50 digits with mpmath, as
// [parameters and argument, then results]; slopes are central differences of those.

import {
  betainc,
  gammainc,
  gammaincc,
  grad,
  jit,
  jvp,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { ulpDistance } from '../laws/agreement.ts';

// biome-ignore format: one case a line
const gamma = [
  [1e-300, 1e-05, 1.0, 1.0935719800043695e-299],
  [1e-10, 0.3, 0.9999999999094323, 9.056766516920478e-11],
  [1e-10, 2.0, 0.9999999999951099, 4.890051071569974e-12],
  [0.01, 1e-30, 0.5040472728599954, 0.49595272714000455],
  [0.2, 0.9, 0.9388268378948836, 0.061173162105116335],
  [0.499, 1.0, 0.84309052337302, 0.1569094766269799],
  [0.5, 30.0, 0.9999999999999906, 9.485737571073848e-15],
  [1.0, 1e-08, 9.999999950000001e-09, 0.9999999900000001],
  [1.5, 2.5, 0.8282028557032669, 0.17179714429673312],
  [2.0, 700.0, 1.0, 6.911633257175599e-302],
  [7.3, 1.2, 0.00014316254868020238, 0.9998568374513198],
  [7.3, 9.0, 0.7604108341774835, 0.23958916582251658],
  [15.9, 4.0, 5.645548889701026e-06, 0.9999943544511103],
  [16.0, 40.0, 0.9999945360192887, 5.463980711299864e-06],
  [25.0, 25.0, 0.5266015314436506, 0.47339846855634937],
  [60.0, 100.0, 0.9999936584965726, 6.341503427368771e-06],
  [150.0, 80.0, 1.9377812714102694e-12, 0.9999999999980622],
  [150.0, 150.5, 0.5271043634204465, 0.47289563657955347],
  [400.0, 500.0, 0.9999983527807356, 1.6472192644087197e-06],
  [1000.0, 990.0, 0.3795213785379639, 0.620478621462036],
  [3000.0, 3300.0, 0.9999999453824874, 5.4617512588287017e-08],
  [100000.0, 100300.5, 0.8290373721085719, 0.17096262789142813],
  [1000000.0, 999000.0, 0.15865521357430365, 0.8413447864256963],
] as const;
// biome-ignore format: one case a line
const gammaSlopes = [
  [0.05, 0.3, -0.9177141215072516, -0.16029740374048607],
  [0.5, 0.2, -0.8201614064863388, 1.0339378610953087],
  [0.5, 3.0, -0.04724032644797375, -0.08598986897368568],
  [2.0, 1.0, -0.2761960457028348, 0.20511882229077996],
  [2.0, 5.0, -0.05585989605253678, -0.052213228055569744],
  [10.0, 9.0, -0.12703651192426837, 0.01360468958036684],
  [10.0, 14.0, -0.05669099771532573, -0.019187891590252342],
  [40.0, 30.0, -0.01611194766969454, 0.004645630466111346],
  [100.0, 120.0, -0.006213185929140656, -0.0011336906997629725],
] as const;
// biome-ignore format: one case a line
const beta = [
  [1e-08, 1e-08, 0.3, 0.4999999957635108],
  [0.1, 0.2, 0.5, 0.670570796102899],
  [0.5, 0.5, 1e-20, 6.366197723675813e-11],
  [0.02, 30.0, 0.001, 0.9419473786142453],
  [30.0, 0.02, 0.999, 0.05805262138575473],
  [30.0, 1e-06, 0.99, 9.143774529253617e-07],
  [1.0, 3.0, 0.25, 0.578125],
  [2.5, 1.5, 0.999999, 0.9999999966046976],
  [5.0, 5.0, 0.5, 0.5],
  [12.0, 3.0, 0.9, 0.8416400187133801],
  [40.0, 60.0, 0.35, 0.15345812249917357],
  [100.0, 100.0, 0.6, 0.9978399050619449],
  [3.0, 400.0, 0.01, 0.7662837963589115],
  [400.0, 3.0, 0.99, 0.233716203641088],
  [500.0, 700.0, 0.41, 0.3206732726614016],
  [1000.0, 1000.0, 0.5, 0.5],
] as const;
// biome-ignore format: one case a line
const betaSlopes = [
  [0.5, 0.7, 0.3, -0.6710464388925615, 0.3694653783992432],
  [2.0, 3.0, 0.5, -0.1952886866349624, 0.1541084939249829],
  [5.0, 1.5, 0.9, -0.05095574911968111, 0.2870974873478926],
  [20.0, 30.0, 0.4, -0.06977511922457008, 0.04638767884524421],
  [20.0, 30.0, 0.5, -0.02276510213033313, 0.018536163294276903],
] as const;

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

function column(rows: readonly (readonly number[])[], i: number): Tensor {
  return tensor(rows.map((row) => row[i] ?? nan));
}

function expectUlps(actual: Tensor, expected: Tensor, most: number): void {
  const single = actual.dtype === 'float32';
  actual.dataSync().forEach((x, i) => {
    const y = expected.dataSync()[i] ?? nan;
    const distance = ulpDistance(x, single ? Math.fround(y) : y, single);
    if (distance > most) throw new Error(`element ${i} is ${x}, not ${y}: ${distance} ulp off`);
  });
}

describe('gammainc and gammaincc', () => {
  const [a, x] = [column(gamma, 0), column(gamma, 1)];

  test('are accurate, both of them, wherever the other is almost 1', () => {
    expectUlps(gammainc(a, x), column(gamma, 2), 16);
    expectUlps(gammaincc(a, x), column(gamma, 3), 16);
    expect(jit(gammainc)(a, x).toArray()).toEqual(gammainc(a, x).toArray());
  });

  test('are rounded once in float32', () => {
    const plain = gamma.filter((row) => row.slice(0, 2).every((t) => Math.fround(t) === t));
    expect(plain.length).toBeGreaterThan(10);
    const [a32, x32] = [0, 1].map((i) => column(plain, i).astype('float32'));
    if (!a32 || !x32) throw new Error('unreachable');
    expect(gammainc(a32, x32).dtype).toBe('float32');
    expectUlps(gammainc(a32, x32), column(plain, 2), 1);
    expectUlps(gammaincc(a32, x32), column(plain, 3), 1);
  });

  test('take a shape of any size', () => {
    const huge = [1e10 + 1e5, 1e10 - 3e5, 1e10, 1e10 + 9e5];
    // Quadrature of the density to 40 digits.
    const exact = [
      0.15865525392742422, 0.9986502201485569, 0.4999986701923986, 1.131332825235313e-19,
    ];
    expectUlps(gammaincc(1e10, tensor(huge)), tensor(exact), 8);
    expect(gammainc(1e300, tensor([1e299, 1e300, 1e301])).toArray()).toEqual([0, 0.5, 1]);
    expect(gammainc(1e-310, tensor([1e-310, 1e308])).toArray()).toEqual([1, 1]);
  });

  test('have their derivatives in the shape and in x', () => {
    const [shape, at] = [column(gammaSlopes, 0), column(gammaSlopes, 1)];
    const slope = (f: (t: Tensor) => Tensor) => (t: Tensor) =>
      jvp(f, [t], [shape.mul(0).add(1)])[1];
    const first = slope((t) => gammainc(t, at));
    const relative = (y: Tensor, i: number): number =>
      y.div(column(gammaSlopes, i)).sub(1).abs().max().item();
    expect(relative(first(shape), 2)).toBeLessThan(1e-13);
    expect(relative(slope(first)(shape), 3)).toBeLessThan(1e-12);
    const density = grad((t: Tensor) => gammainc(2.5, t))(1.5).item();
    expect(density).toBeCloseTo((1.5 ** 1.5 * Math.exp(-1.5)) / (0.75 * Math.sqrt(Math.PI)), 15);
    const [p, q] = [tensor([0.3, 2, 7, 7]), tensor([0.4, 1, 3, 11])];
    checkGrads((s: Tensor, t: Tensor) => gammaincc(s, t), [p, q], { order: 3 });
    checkGrads(
      (s: Tensor, t: Tensor) => gammainc(s, t),
      [p.astype('float32'), q.astype('float32')],
    );
  });

  test('are stated at the ends of their ranges, and NaN outside', () => {
    const shape = tensor([0, 0, 1, 1, 0, inf, inf, -1, 1, nan]);
    const at = tensor([1, inf, 0, inf, 0, 1, inf, 1, -1, 1]);
    expect(gammainc(shape, at).toArray()).toEqual([1, 1, 0, 1, nan, 0, nan, nan, nan, nan]);
    expect(gammaincc(shape, at).toArray()).toEqual([0, 0, 1, 0, nan, 1, nan, nan, nan, nan]);
  });

  test('broadcast, and are mapped over', () => {
    const table = gammainc(tensor([[0.5], [2]]), tensor([1, 2, 3]));
    expect(table.shape).toEqual([2, 3]);
    const rows = vmap((s: Tensor) => gammainc(s, tensor([1, 2, 3])))(tensor([0.5, 2]));
    expect(rows.toArray()).toEqual(table.toArray());
  });
});

// betainc(a, 1, x) = x^a and betainc(1, b, x) = 1 - (1 - x)^b.
test('slopes of betainc in a parameter have the slopes in x that closed forms have', () => {
  const [p, x] = [2.5, 0.3];
  // In x, then in the parameter, then in x again.
  const thirds = (f: (p: Tensor, x: Tensor) => Tensor): [number, number] => {
    const inX = (p: Tensor, x: Tensor): Tensor => grad((v: Tensor) => f(p, v))(x);
    const inBoth = (x: Tensor): Tensor => grad((q: Tensor) => inX(q, x))(tensor(p));
    return [inBoth(tensor(x)).item(), grad(inBoth)(tensor(x)).item()];
  };
  const power = (y: number): [number, number] => [
    y ** (p - 1) * (1 + p * Math.log(y)),
    y ** (p - 2) * (2 * p - 1 + p * (p - 1) * Math.log(y)),
  ];
  const [a1, a2] = power(x);
  const [b1, b2] = power(1 - x);
  const [inA1, inA2] = thirds((a, v) => betainc(a, 1, v));
  expect(inA1).toBeCloseTo(a1, 10);
  expect(inA2).toBeCloseTo(a2, 9);
  const [inB1, inB2] = thirds((b, v) => betainc(1, b, v));
  expect(inB1).toBeCloseTo(b1, 10);
  expect(inB2).toBeCloseTo(-b2, 9);
});

describe('betainc', () => {
  const [a, b, x] = [column(beta, 0), column(beta, 1), column(beta, 2)];

  test('is accurate, also where it is small with a small b', () => {
    expectUlps(betainc(a, b, x), column(beta, 3), 64);
    const plain = beta.filter((row) => row.slice(0, 3).every((t) => Math.fround(t) === t));
    const singles = [0, 1, 2].map((i) => column(plain, i).astype('float32'));
    const [a32, b32, x32] = singles;
    if (!a32 || !b32 || !x32) throw new Error('unreachable');
    expectUlps(betainc(a32, b32, x32), column(plain, 3), 1);
  });

  test('has its derivatives in both parameters and in x', () => {
    const [s, t, u] = [0, 1, 2].map((i) => column(betaSlopes, i));
    if (!s || !t || !u) throw new Error('unreachable');
    const total = (p: Tensor, q: Tensor): Tensor => betainc(p, q, u).sum();
    const slopes = grad(total, { argnums: [0, 1] })(s, t);
    slopes.forEach((slope, i) => {
      expect(
        slope
          .div(column(betaSlopes, 3 + i))
          .sub(1)
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-13);
    });
    expect(grad((v: Tensor) => betainc(2, 3, v))(0.25).item()).toBeCloseTo(
      12 * 0.25 * 0.75 ** 2,
      14,
    );
    const point = [tensor([0.7, 3, 3]), tensor([0.9, 2, 6]), tensor([0.3, 0.8, 0.2])] as const;
    checkGrads((p: Tensor, q: Tensor, v: Tensor) => betainc(p, q, v), point, { order: 2 });
  });

  test('is stated at the ends of its ranges, and NaN outside', () => {
    const p = tensor([0, 1, 0, 1, 1, inf, 2, inf, -1, 1, 1]);
    const q = tensor([1, 0, 0, 2, 2, 2, inf, inf, 1, 1, 1]);
    const v = tensor([0.5, 0.5, 0.5, 0, 1, 0.5, 0.5, 0.5, 0.5, -0.1, 1.1]);
    expect(betainc(p, q, v).toArray()).toEqual([1, 0, nan, 0, 1, 0, 1, nan, nan, nan, nan]);
  });

  test('is 1 less itself with everything exchanged', () => {
    const whole = betainc(tensor([0.3, 2, 30]), tensor([4, 0.2, 7]), 0.4);
    const other = betainc(tensor([4, 0.2, 7]), tensor([0.3, 2, 30]), 0.6);
    expect(whole.add(other).sub(1).abs().max().item()).toBeLessThan(1e-15);
  });
});

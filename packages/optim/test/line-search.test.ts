import { describe, expect, test } from 'vitest';
import { lineSearch } from '../src/line-search.ts';

type Curve = (t: number) => readonly [value: number, slope: number];

/** Searches along a curve of one variable, from 0 upwards. */
async function search(curve: Curve, firstStep: number) {
  let evaluations = 0;
  const evaluate = async (x: Float64Array) => {
    evaluations++;
    const [value, slope] = curve(x[0] ?? 0);
    return { x, value, gradient: Float64Array.of(slope) };
  };
  const start = await evaluate(Float64Array.of(0));
  const result = await lineSearch(evaluate, start, Float64Array.of(1), firstStep);
  return { ...result, evaluations };
}

/** Yanai, Ozawa and Kaneko's function, as in Moré and Thuente (1994), section 5. */
function yanai(beta1: number, beta2: number): Curve {
  const gamma = (beta: number): number => Math.sqrt(1 + beta * beta) - beta;
  const [g1, g2] = [gamma(beta1), gamma(beta2)];
  return (t) => {
    const [r1, r2] = [Math.hypot(1 - t, beta2), Math.hypot(t, beta1)];
    return [g1 * r1 + g2 * r2, (-g1 * (1 - t)) / r1 + (g2 * t) / r2];
  };
}

const curves: Record<string, Curve> = {
  'a rational function with its minimum at √2': (t) => [
    -t / (t * t + 2),
    (t * t - 2) / (t * t + 2) ** 2,
  ],
  'a steep polynomial with its minimum at 1.6': (t) => [
    (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4,
    5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3,
  ],
  'a curve with sharp bends at both ends': yanai(0.001, 0.001),
  'a curve with a sharp bend at the end': yanai(0.01, 0.001),
  'a curve with a sharp bend at the start': yanai(0.001, 0.01),
  'a wave on a slope': (t) => [
    -0.4 * t + 0.05 * t * t - 0.1 * Math.sin(7 * t),
    -0.4 + 0.1 * t - 0.7 * Math.cos(7 * t),
  ],
};

describe('the line search', () => {
  for (const [name, curve] of Object.entries(curves)) {
    test.each([1e-3, 1e-1, 1e1, 1e3])(
      `satisfies the strong Wolfe conditions on ${name} from a first step of %d`,
      async (firstStep) => {
        const [value0, slope0] = curve(0);
        const { kind, best, evaluations } = await search(curve, firstStep);
        expect(kind).toBe('found');
        expect(best.step).toBeGreaterThan(0);
        expect(best.value).toBeLessThanOrEqual(value0 + 1e-4 * best.step * slope0);
        expect(Math.abs(best.slope)).toBeLessThanOrEqual(0.9 * Math.abs(slope0));
        expect(evaluations).toBeLessThan(20);
      },
    );
  }

  test('goes back from values that are not finite', async () => {
    const { kind, best } = await search(
      (t) =>
        t < 0.01 ? [-Math.log(0.01 - t) - 200 * t, 1 / (0.01 - t) - 200] : [Number.NaN, Number.NaN],
      1,
    );
    expect(kind).toBe('found');
    expect(best.step).toBeLessThan(0.01);
  });

  test('judges by slopes where differences of values drown in rounding', async () => {
    const { kind, best } = await search((t) => [1e9 + (t - 1e-9) ** 2, 2 * (t - 1e-9)], 3e-9);
    expect(kind).toBe('found');
    expect(Math.abs(best.slope)).toBeLessThanOrEqual(0.9 * 2e-9);
  });

  test('says that a curve without end falls without end', async () => {
    expect((await search((t) => [-t, -1], 1)).kind).toBe('unbounded');
  });

  test('fails on a curve that rises although its slope says otherwise', async () => {
    expect((await search((t) => [t, -1], 1)).kind).toBe('failed');
  });
});

import { type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { gaussNewton, type LeastSquaresIteration, levenbergMarquardt } from '../src/index.ts';
import { datasets } from './nist/datasets.ts';
import { models } from './nist/models.ts';

type Name = keyof typeof datasets;
// From the far start of BoxBOD the sum falls towards a limit at infinity; that of MGH10 needs tens of
// thousands of steps.
const cases: readonly (readonly [Name, starts: readonly number[]])[] = [
  ['Misra1a', [0, 1]],
  ['Thurber', [0, 1]],
  ['MGH09', [0, 1]],
  ['Hahn1', [0, 1]],
  ['Lanczos3', [0, 1]],
  ['MGH10', [1]],
  ['BoxBOD', [1]],
  ['Eckerle4', [0, 1]],
  ['Rat43', [0, 1]],
  ['Bennett5', [0, 1]],
];

const residualsOf = (name: Name): ((b: Tensor) => Tensor) => {
  const { x, y } = datasets[name];
  const [at, measured] = [tensor(x), tensor(y)];
  return (b) => models[name]((i) => b.at(i - 1), at).sub(measured);
};

describe('levenbergMarquardt finds the certified estimates of NIST', () => {
  for (const [name, starts] of cases) {
    test.each(starts)(`${name}, start %d`, async (which) => {
      const { starts: all, certified, deviations, sum } = datasets[name];
      const { x, value, covariance, status } = await levenbergMarquardt(
        residualsOf(name),
        tensor(all[which] ?? []),
        { maxIterations: 1000, gradientTolerance: 0, stepTolerance: 0 },
      );
      expect(status).toBe('converged');
      expect(Math.abs((2 * value) / sum - 1)).toBeLessThan(1e-10);
      certified.forEach((b, i) => {
        expect(Math.abs(x.at(i).item() / b - 1)).toBeLessThan(1e-8);
        const deviation = Math.sqrt(covariance?.at(i, i).item() ?? Number.NaN);
        expect(Math.abs(deviation / (deviations[i] ?? 0) - 1)).toBeLessThan(1e-8);
      });
    });
  }
});

const rosenbrock = (x: Tensor): Tensor[] => [
  x.at(1).sub(x.at(0).square()).mul(10),
  x.at(0).neg().add(1),
];
const powellSingular = (x: Tensor): Tensor[] => [
  x.at(0).add(x.at(1).mul(10)),
  x.at(2).sub(x.at(3)).mul(Math.sqrt(5)),
  x.at(1).sub(x.at(2).mul(2)).square(),
  x.at(0).sub(x.at(3)).square().mul(Math.sqrt(10)),
];
const wood = (x: Tensor): Tensor[] => [
  x.at(1).sub(x.at(0).square()).mul(10),
  x.at(0).neg().add(1),
  x.at(3).sub(x.at(2).square()).mul(Math.sqrt(90)),
  x.at(2).neg().add(1),
  x.at(1).add(x.at(3)).sub(2).mul(Math.sqrt(10)),
  x.at(1).sub(x.at(3)).div(Math.sqrt(10)),
];

describe('least squares', () => {
  for (const [method, solve] of Object.entries({ gaussNewton, levenbergMarquardt })) {
    test(`${method} finds the bottom of Rosenbrock's valley and of Wood's`, async () => {
      const valley = await solve(rosenbrock, tensor([-1.2, 1]));
      expect(valley.status).toBe('converged');
      expect(valley.value).toBeLessThan(1e-28);
      const four = await solve(wood, tensor([-3, -1, -3, -1]));
      expect(four.status).toBe('converged');
      for (const value of four.x.dataSync()) expect(value).toBeCloseTo(1, 10);
    });
  }

  test('levenbergMarquardt comes to the singular minimum of Powell', async () => {
    const { value, x, status } = await levenbergMarquardt(powellSingular, tensor([3, -1, 0, 1]));
    expect(status).toBe('converged');
    expect(value).toBeLessThan(1e-30);
    for (const component of x.dataSync()) expect(component).toBeCloseTo(0, 6);
  });

  test('a linear problem takes one Gauss-Newton step, and trees keep their structure', async () => {
    const t = tensor([0, 1, 2, 3]);
    const seen: LeastSquaresIteration<{ slope: number; offset: number }>[] = [];
    const { x, iterations, status, covariance } = await gaussNewton(
      ({ slope, offset }) =>
        t
          .mul(slope)
          .add(offset)
          .sub(tensor([1, 3, 4, 8])),
      { slope: 0, offset: 0 },
      { onIteration: (iteration) => void seen.push(iteration) },
    );
    expect([status, iterations]).toEqual(['converged', 1]);
    expect([x.slope.item(), x.offset.item()].map((v) => v.toFixed(12))).toEqual([
      '2.200000000000',
      '0.700000000000',
    ]);
    // s² = 1.8 / 2; (J'J)^-1 has 7/10 for the offset, which ravel puts first, and 1/5 for the slope.
    expect(covariance?.at(0, 0).item()).toBeCloseTo(0.63, 12);
    expect(covariance?.at(1, 1).item()).toBeCloseTo(0.18, 12);
    expect(seen.map(({ iteration, value }) => [iteration, value.toFixed(6)])).toEqual([
      [0, '45.000000'],
      [1, '0.900000'],
    ]);
    expect(seen[1]?.x.slope.item()).toBeCloseTo(2.2, 12);
  });

  test('conjugate gradients come to the same minimum without a Jacobian', async () => {
    const { x, status, covariance } = await levenbergMarquardt(wood, tensor([-3, -1, -3, -1]), {
      solver: 'cg',
    });
    expect([status, covariance]).toEqual(['converged', null]);
    for (const value of x.dataSync()) expect(value).toBeCloseTo(1, 8);
  });

  test('a step into where residuals are NaN is made shorter', async () => {
    const { x, status } = await levenbergMarquardt((b: Tensor) => b.sqrt().sub(0.1), tensor([4]));
    expect(status).toBe('converged');
    expect(x.item()).toBeCloseTo(0.01, 12);
  });

  test('says why it stopped', async () => {
    const stop = await levenbergMarquardt(rosenbrock, tensor([-1.2, 1]), { maxIterations: 2 });
    expect([stop.status, stop.iterations]).toEqual(['maxIterations', 2]);
    const nan = await levenbergMarquardt((x: Tensor) => x.log(), tensor([-1]));
    expect(nan.status).toBe('notFinite');
    const same = await gaussNewton((x: Tensor) => [x.sum().sub(1), x.sum().add(1)], tensor([1, 2]));
    expect([same.status, same.covariance]).toEqual(['singular', null]);
    expect(same.message).toMatch(/full rank.*levenbergMarquardt/);
    const far = datasets.BoxBOD.starts[0] ?? [];
    const lost = await levenbergMarquardt(residualsOf('BoxBOD'), tensor(far));
    expect(lost.status).toBe('noDecrease');
  });

  test('is aborted with the best point so far', async () => {
    const controller = new AbortController();
    const { status, iterations, value } = await levenbergMarquardt(rosenbrock, tensor([-1.2, 1]), {
      signal: controller.signal,
      onIteration: ({ iteration }) => {
        if (iteration === 3) controller.abort();
      },
    });
    expect([status, iterations]).toEqual(['aborted', 3]);
    expect(value).toBeLessThan(12.1);
    const signal = AbortSignal.abort();
    const never = await gaussNewton(rosenbrock, tensor([-1.2, 1]), { signal });
    expect([never.status, never.value]).toEqual(['aborted', Number.NaN]);
  });

  test('refuses what makes no sense', async () => {
    await expect(
      levenbergMarquardt(rosenbrock, tensor([1, 1], { dtype: 'float32' })),
    ).rejects.toThrow(/levenbergMarquardt: the start is float32/);
    await expect(gaussNewton(rosenbrock, tensor([1, 1]), { maxIterations: -1 })).rejects.toThrow(
      /gaussNewton: maxIterations is -1/,
    );
    await expect(
      gaussNewton(rosenbrock, tensor([1, 1]), { stepTolerance: Number.NaN }),
    ).rejects.toThrow(/stepTolerance is NaN/);
    await expect(gaussNewton(() => [], tensor([1]))).rejects.toThrow(/0 residuals of 1 unknowns/);
  });
});

import { grad, log, scan, stack, type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { type MinimizeIteration, minimize } from '../src/index.ts';
import { problems } from './hock-schittkowski.ts';

const parts = (x: Tensor): Tensor[] => Array.from({ length: x.size }, (_, i) => x.at(i));
const none = tensor([]);
const numbers = (x: Tensor): number[] => Array.from(x.dataSync());

describe('minimize finds the published optima of Hock and Schittkowski', () => {
  for (const [name, problem] of Object.entries(problems)) {
    test(name, async () => {
      const { start, lower = -Infinity, upper = Infinity, optimum } = problem;
      const f = (x: Tensor): Tensor => problem.f(parts(x));
      const equalities = (x: Tensor): Tensor =>
        problem.equalities ? stack([...problem.equalities(parts(x))]) : none;
      const inequalities = (x: Tensor): Tensor =>
        problem.inequalities ? stack([...problem.inequalities(parts(x))]) : none;
      const bound = (b: number | readonly number[]): number | Tensor =>
        typeof b === 'number' ? b : tensor(b);
      const end = await minimize(f, tensor(start), {
        bounds: { lower: bound(lower), upper: bound(upper) },
        equalities,
        inequalities,
      });
      expect(end.status).toBe('converged');
      expect(end.violated).toEqual([]);
      expect(Math.abs(end.value - optimum)).toBeLessThan(1e-7 * Math.max(1, Math.abs(optimum)));
      expect(end.iterations).toBeLessThan(60);

      // The conditions of Karush, Kuhn and Tucker, with derivatives taken here.
      const { multipliers: y, x } = end;
      const lagrangian = (at: Tensor): Tensor =>
        f(at)
          .sub(equalities(at).mul(y.equalities).sum())
          .sub(inequalities(at).mul(y.inequalities).sum());
      const slope = numbers(grad(lagrangian)(x).sub(y.lower).sub(y.upper));
      for (const value of slope) expect(Math.abs(value)).toBeLessThan(1e-6);
      for (const value of numbers(equalities(x))) expect(Math.abs(value)).toBeLessThan(1e-7);
      const g = numbers(inequalities(x));
      numbers(y.inequalities).forEach((multiplier, i) => {
        expect(multiplier).toBeGreaterThanOrEqual(0);
        expect(g[i]).toBeGreaterThan(-1e-7);
        expect(Math.abs(multiplier * (g[i] ?? 0))).toBeLessThan(1e-6);
      });
      for (const value of numbers(y.lower)) expect(value).toBeGreaterThanOrEqual(0);
      for (const value of numbers(y.upper)) expect(value).toBeLessThanOrEqual(0);
    });
  }
});

describe('minimize in optimal control', () => {
  /** Van der Pol's oscillator with its cost as a third state. */
  const rhs = ([a, b]: readonly [Tensor, Tensor], u: Tensor): Tensor => {
    const cost = a.square().add(b.square()).add(u.square());
    return stack([b.square().neg().add(1).mul(a).sub(b).add(u), a, cost]);
  };

  test('single shooting comes to the optimum that CasADi publishes', async () => {
    const h = 0.125;
    const step = (y: Tensor, u: Tensor): Tensor => {
      const slope = (at: Tensor): Tensor => rhs([at.at(0), at.at(1)], u);
      const k1 = slope(y);
      const k2 = slope(y.add(k1.mul(h / 2)));
      const k3 = slope(y.add(k2.mul(h / 2)));
      const k4 = slope(y.add(k3.mul(h)));
      return y.add(
        k1
          .add(k2.mul(2))
          .add(k3.mul(2))
          .add(k4)
          .mul(h / 6),
      );
    };
    const simulate = (u: Tensor): [end: Tensor, states: Tensor] =>
      scan(
        (y: Tensor, uk: Tensor) => {
          const [next] = scan((z: Tensor) => [step(z, uk), null], y, null, { length: 4 });
          return [next, next];
        },
        tensor([0, 1, 0]),
        u,
      );
    const cost = (u: Tensor): Tensor => simulate(u)[0].at(2);
    const { status, value } = await minimize(cost, tensor(new Float64Array(20)), {
      bounds: { lower: -1, upper: 1 },
      inequalities: (u) => simulate(u)[1].at(null, 0).add(0.25),
    });
    expect(status).toBe('converged');
    expect(Math.abs(value - 3.732969484782)).toBeLessThan(1e-7);
  });

  test('collocation with 1203 unknowns uses that its constraints have few of them', async () => {
    const n = 400;
    const h = 10 / n;
    const [head, tail] = [
      [0, -1],
      [1, n + 1],
    ] as const;
    const { status, iterations, value, multipliers } = await minimize(
      ({ x, u }: { x: Tensor; u: Tensor }) => {
        const cost = x.square().sum({ axis: 1 }).add(u.square());
        return cost
          .at(head)
          .add(cost.at(tail))
          .sum()
          .mul(h / 2);
      },
      {
        x: tensor(Array.from({ length: n + 1 }, () => [0, 1])),
        u: tensor(new Float64Array(n + 1)),
      },
      {
        bounds: {
          lower: { x: tensor([-0.25, -Infinity]), u: -1 },
          upper: { x: Infinity, u: 1 },
        },
        equalities: ({ x, u }) => {
          const f = rhs([x.at(null, 0), x.at(null, 1)], u)
            .at([0, 2])
            .transpose();
          const mean = f
            .at(head)
            .add(f.at(tail))
            .mul(h / 2);
          return { defects: x.at(tail).sub(x.at(head)).sub(mean), start: x.at(0).sub([0, 1]) };
        },
      },
    );
    expect(status).toBe('converged');
    expect(iterations).toBeLessThan(40);
    expect(value).toBeLessThan(3.732969484782);
    expect(multipliers.equalities?.start.shape).toEqual([2]);
    expect(multipliers.equalities?.defects.shape).toEqual([n, 2]);
  });
});

describe('minimize', () => {
  const disc = (x: Tensor): Tensor => x.square().sum().neg().add(1);

  test('takes L-BFGS where there is nothing but a function', async () => {
    const seen: MinimizeIteration<Tensor>[] = [];
    const { x, status, iterations } = await minimize(
      (x: Tensor) => x.sub(3).square().sum(),
      tensor([1, 5]),
      { callback: (iteration) => void seen.push(iteration) },
    );
    expect(status).toBe('converged');
    expect(numbers(x).map((v) => v.toFixed(8))).toEqual(['3.00000000', '3.00000000']);
    expect(seen.length).toBe(iterations + 1);
    expect(seen[0]?.x.toArray()).toEqual([1, 5]);
  });

  test('multipliers say what a constraint costs', async () => {
    const solve = async (limit: number) =>
      minimize((x: Tensor) => x.sub([3, 0]).square().sum(), tensor([0, 0]), {
        inequalities: (x) => ({ radius: x.square().sum().neg().add(limit) }),
      });
    const { multipliers, value } = await solve(1);
    expect(value).toBeCloseTo(4, 7);
    // f = (3 - sqrt(limit))², so that df / d(limit) = -2 at limit 1.
    expect(multipliers.inequalities.radius.item()).toBeCloseTo(2, 6);
    const change = (await solve(1.001)).value - (await solve(0.999)).value;
    expect(-change / 0.002).toBeCloseTo(multipliers.inequalities.radius.item(), 4);
  });

  test('names the constraints of an infeasible problem, and by how much', async () => {
    const { status, violated, message } = await minimize((x: Tensor) => x.sum(), tensor([1, 5]), {
      inequalities: (x) => ({ disc: disc(x), walls: [x.at(0).sub(3), x.at(1).add(9)] }),
    });
    expect(status).toBe('infeasible');
    expect(violated.map(({ name }) => name)).toEqual([
      'inequalities.walls[0]',
      'inequalities.disc',
    ]);
    // The least of (x - 3)² + (x² - 1)² on the axis: 2 x³ - x - 3 = 0 at x = 1.289623901...
    expect(violated[0]?.amount).toBeCloseTo(3 - 1.28962390147, 7);
    expect(violated[1]?.amount).toBeCloseTo(1.28962390147 ** 2 - 1, 7);
    expect(message).toMatch(
      /2 constraints do not hold; the worst is inequalities.walls\[0\], by 1.71/,
    );
  });

  test('says that a value falls without end', async () => {
    const { status, violated } = await minimize((x: Tensor) => x.sum(), tensor([1, 5]), {
      inequalities: (x) => x.at(0).sub(x.at(1)),
    });
    expect([status, violated]).toEqual(['unbounded', []]);
  });

  test('a variable whose bounds agree stays there', async () => {
    const { x, status } = await minimize((x: Tensor) => x.sub(3).square().sum(), tensor([0, 0]), {
      bounds: { lower: tensor([1, -9]), upper: tensor([1, 9]) },
    });
    expect(status).toBe('converged');
    expect(x.at(0).item()).toBeCloseTo(1, 7);
    expect(x.at(1).item()).toBeCloseTo(3, 7);
  });

  test('says that it ran out of iterations, or started where nothing is defined', async () => {
    const few = await minimize(disc, tensor([0.1, 0.2]), {
      bounds: { lower: 0, upper: 1 },
      maxIterations: 2,
    });
    expect([few.status, few.iterations]).toEqual(['maxIterations', 2]);
    const nan = await minimize((x: Tensor) => log(x).sum(), tensor([-1]), { bounds: { upper: 0 } });
    expect(nan.status).toBe('notFinite');
  });

  test('is aborted at the point it has come to', async () => {
    const controller = new AbortController();
    const { status, iterations } = await minimize(disc, tensor([0.1, 0.2]), {
      bounds: { lower: 0, upper: 1 },
      signal: controller.signal,
      callback: ({ iteration }) => {
        if (iteration === 2) controller.abort();
      },
    });
    expect([status, iterations]).toEqual(['aborted', 2]);
    const { status: never, value } = await minimize(disc, tensor([0.1, 0.2]), {
      bounds: { lower: 0 },
      signal: AbortSignal.abort(),
    });
    expect([never, value]).toEqual(['aborted', Number.NaN]);
  });

  test('refuses what makes no sense', async () => {
    const x0 = tensor([0, 0]);
    await expect(minimize(disc, x0, { method: 'lbfgs', bounds: { lower: 0 } })).rejects.toThrow(
      /lbfgs takes neither bounds nor constraints/,
    );
    await expect(
      minimize(disc, x0, { bounds: { lower: tensor([0, 2]), upper: 1 } }),
    ).rejects.toThrow(/the lower bound of x\[1\] is 2 and the upper one 1/);
    await expect(minimize(disc, x0, { bounds: { lower: { a: 1, b: 2 } } })).rejects.toThrow(
      /bounds.lower has 2 leaves and x 1/,
    );
    await expect(minimize(disc, x0, { tolerance: -1 })).rejects.toThrow(/tolerance is -1/);
    await expect(minimize(disc, x0, { maxIterations: 0.5 })).rejects.toThrow(
      /maxIterations is 0.5/,
    );
    await expect(minimize(disc, tensor([1], { dtype: 'float32' }))).rejects.toThrow(
      /minimize: the start is float32/,
    );
  });
});

import {
  arange,
  exp,
  log,
  matmul,
  scan,
  stopGradient,
  type Tensor,
  tensor,
  where,
  whileLoop,
  zeros,
} from '@grad/core';
import { describe, expect, test, vi } from 'vitest';
import { type LbfgsIteration, lbfgs } from '../src/index.ts';

/** Rosenbrock's valley in n variables; its minimum is 0 at ones. */
const valley = (x: Tensor): Tensor => {
  const [here, next] = [x.at([0, -1]), x.at([1, x.size])];
  const [across, along] = [next.sub(here.square()), here.sub(1)];
  return across.square().mul(100).add(along.square()).sum();
};

/** Rises with x, but for its derivative, which falls. */
const deceptive = (x: Tensor): Tensor => stopGradient(x.mul(2)).sub(x).sum();

const bowl = (x: Tensor): Tensor => x.sub(3).square().sum();

/** x², which takes minutes to compute below a limit. */
const slowBelow =
  (limit: number) =>
  (x: Tensor): Tensor => {
    const total = x.sum();
    const most = stopGradient(where(total.lt(limit), 1e11, 0));
    const steps = whileLoop(
      (n) => n.lt(most),
      (n) => n.add(1),
      0,
    );
    return total.square().add(steps.mul(0));
  };

describe('lbfgs', () => {
  test.each([[[-1.2, 1]], [[-1.2, 1, -1.2, 1, 3, 4, 0]]])(
    'finds the bottom of the valley from %j',
    async (start) => {
      const { x, value, gradientNorm, status, evaluations, iterations } = await lbfgs(
        valley,
        tensor(start),
      );
      expect(status).toBe('converged');
      expect(gradientNorm).toBeLessThanOrEqual(1e-8);
      expect(value).toBeLessThan(1e-16);
      for (const component of x.dataSync()) expect(component).toBeCloseTo(1, 7);
      expect(evaluations).toBeGreaterThan(iterations);
      expect(evaluations).toBeLessThan(120);
    },
  );

  test('minimizes an ill-conditioned quadratic to rounding', async () => {
    const n = 12;
    const scales = tensor(Float64Array.from({ length: n }, (_, i) => 2 ** i));
    const { x, status, iterations } = await lbfgs(
      (v: Tensor) => v.sub(1).square().mul(scales).sum(),
      tensor(new Float64Array(n)),
      { memory: 40, gradientTolerance: 1e-12 },
    );
    expect(status).toBe('converged');
    expect(iterations).toBeLessThan(100);
    for (const component of x.dataSync()) expect(component).toBeCloseTo(1, 12);
  });

  test('reaches a small gradient on top of a large value', async () => {
    const f = (x: Tensor): Tensor => valley(x).add(1e6);
    const { status, x } = await lbfgs(f, tensor([-1.2, 1]), { gradientTolerance: 1e-10 });
    expect(status).toBe('converged');
    expect(x.at(1).item()).toBeCloseTo(1, 9);
  });

  test('takes a tree and gives the minimum in its structure', async () => {
    const { x } = await lbfgs(
      ({ centre, radii }) => centre.sub(3).square().add(bowl(radii[0]).mul(2)),
      {
        centre: 0,
        radii: [
          tensor([
            [1, 2],
            [4, 5],
          ]),
        ],
      },
    );
    expect(x.centre.item()).toBeCloseTo(3, 8);
    expect(x.radii[0].shape).toEqual([2, 2]);
    for (const radius of x.radii[0].dataSync()) expect(radius).toBeCloseTo(3, 8);
  });

  test('compiles value and gradient once', async () => {
    const f = vi.fn(valley);
    const { evaluations } = await lbfgs(f, tensor([-1.2, 1]));
    expect(evaluations).toBeGreaterThan(10);
    expect(f).toHaveBeenCalledTimes(1);
  });

  test('goes back from where the objective is NaN or infinite', async () => {
    const barrier = await lbfgs((x: Tensor) => x.sub(log(x)).sum(), tensor([50, 0.01]));
    expect(barrier.status).toBe('converged');
    for (const component of barrier.x.dataSync()) expect(component).toBeCloseTo(1, 8);
    const steep = await lbfgs((x: Tensor) => exp(x.square()).sum(), tensor([15]));
    expect(steep.status).toBe('converged');
    expect(steep.value).toBeCloseTo(1, 12);
  });

  test('reports the start and each iteration, each no higher than the one before', async () => {
    const seen: LbfgsIteration<Tensor>[] = [];
    const { iterations, value, evaluations } = await lbfgs(valley, tensor([-1.2, 1]), {
      onIteration: (iteration) => seen.push(iteration),
    });
    expect(seen.map(({ iteration }) => iteration)).toEqual(
      Array.from({ length: iterations + 1 }, (_, i) => i),
    );
    expect(seen[0]?.x.toArray()).toEqual([-1.2, 1]);
    expect(seen[0]?.value).toBeCloseTo(24.2, 12);
    for (let i = 1; i < seen.length; i++) {
      expect(seen[i]?.value).toBeLessThan(seen[i - 1]?.value ?? 0);
    }
    expect(seen.at(-1)).toMatchObject({ value, evaluations });
  });

  test('says that the iterations are used up', async () => {
    const { status, iterations, message } = await lbfgs(valley, tensor([-1.2, 1]), {
      maxIterations: 3,
    });
    expect([status, iterations]).toEqual(['maxIterations', 3]);
    expect(message).toMatch(/After 3 iterations/);
  });

  test('says that rounding allows no more, and takes no further steps', async () => {
    const i = arange(10);
    const mixed = exp(i.reshape([10, 1]).sub(i).square().mul(-0.5));
    const f = (x: Tensor): Tensor => {
      const y = matmul(mixed, x);
      return exp(y).sub(y.mul(1.3)).mul(exp(i)).sum();
    };
    const options = { gradientTolerance: 1e-13 };
    const { status, message, ...end } = await lbfgs(f, zeros([10]), options);
    expect(status).toBe('stalled');
    expect(message).toMatch(/rounding allows no more/);
    expect(end.gradientNorm).toBeLessThan(1e-8);
    expect(end.iterations).toBeLessThan(400);
    for (const y of matmul(mixed, end.x).dataSync()) expect(y).toBeCloseTo(Math.log(1.3), 8);
  });

  test('says that the start is not finite', async () => {
    const { status, message } = await lbfgs((x: Tensor) => log(x).sum(), tensor([-1]));
    expect(status).toBe('notFinite');
    expect(message).toMatch(/NaN/);
  });

  test('says that the value falls without end, and gives the lowest point it saw', async () => {
    const { status, x } = await lbfgs((v: Tensor) => exp(v).neg().sum(), tensor([1]));
    expect(status).toBe('unbounded');
    expect(x.item()).toBeGreaterThan(1);
  });

  test('says that the line search fails where the derivative is not that of the value', async () => {
    const { status, message } = await lbfgs(deceptive, tensor([0.5]));
    expect(status).toBe('lineSearchFailed');
    expect(message).toMatch(/gradient is not that of the function/);
  });

  test('keeps the best point when it is aborted', async () => {
    const controller = new AbortController();
    const { status, iterations, value } = await lbfgs(valley, tensor([-1.2, 1]), {
      signal: controller.signal,
      onIteration: ({ iteration }) => {
        if (iteration === 5) controller.abort();
      },
    });
    expect([status, iterations]).toEqual(['aborted', 5]);
    expect(value).toBeLessThan(24.2);
  });

  test('lets timers in, so that one of them can abort it', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1);
    const slow = (): void => {
      const until = performance.now() + 5;
      while (performance.now() < until);
    };
    const { status } = await lbfgs(valley, tensor([-1.2, 1]), {
      signal: controller.signal,
      onIteration: slow,
    });
    expect(status).toBe('aborted');
  });

  test('is aborted in the middle of an evaluation, and keeps the best point', async () => {
    const controller = new AbortController();
    const { x, value, status, iterations, evaluations } = await lbfgs(slowBelow(1), tensor([1.5]), {
      signal: controller.signal,
      onIteration: () => void setTimeout(() => controller.abort()),
    });
    expect([status, iterations, evaluations]).toEqual(['aborted', 0, 1]);
    expect([x.item(), value]).toEqual([1.5, 2.25]);
  });

  test('tells how far a long evaluation has come', async () => {
    const fractions: (number | null)[] = [];
    const { status } = await lbfgs(
      (x: Tensor) =>
        scan((c: Tensor) => [c.mul(0.9999999), null], x, null, { length: 3e6 })[0]
          .square()
          .sum(),
      tensor([1.5]),
      { maxIterations: 0, onProgress: ({ fraction }) => fractions.push(fraction) },
    );
    expect(status).toBe('maxIterations');
    expect(fractions.at(-1)).toBe(1);
    expect(fractions.some((fraction) => fraction !== null && fraction > 0 && fraction < 1)).toBe(
      true,
    );
  });

  test('is aborted before there is any value', async () => {
    const signal = AbortSignal.timeout(1);
    const { x, value, status, evaluations } = await lbfgs(slowBelow(9), tensor([1.5]), { signal });
    expect([x.item(), value, status, evaluations]).toEqual([1.5, Number.NaN, 'aborted', 0]);
  });

  test('gives the same however often it is evaluated', async () => {
    const { x, status, evaluations } = await lbfgs(
      valley,
      tensor([-1.2, 1, -1.2, 1, 1, 1, -1, 2]),
      {
        memory: 1,
        gradientTolerance: 1e-10,
      },
    );
    expect(status).toBe('converged');
    expect(evaluations).toBeGreaterThan(100);
    for (const value of x.dataSync()) expect(value).toBeCloseTo(1, 9);
  });

  test('refuses options that make no sense, and a start that is not float64', async () => {
    await expect(lbfgs(bowl, tensor([1]), { memory: 0 })).rejects.toThrow(/memory is 0/);
    await expect(lbfgs(bowl, tensor([1]), { maxIterations: 1.5 })).rejects.toThrow(/maxIterations/);
    await expect(lbfgs(bowl, tensor([1]), { gradientTolerance: Number.NaN })).rejects.toThrow(
      /gradientTolerance is NaN/,
    );
    await expect(lbfgs(bowl, tensor([1], { dtype: 'float32' }))).rejects.toThrow(
      /float32.*astype\('float64'\)/,
    );
    await expect(lbfgs((x: Tensor) => x, tensor([1, 2]))).rejects.toThrow(/scalar/);
  });
});

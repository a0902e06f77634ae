import { type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { minimize, minimizer } from '../src/index.ts';

/** The point of a disc that is nearest to a centre, with calls of its functions. */
function nearest() {
  const calls = { f: 0, inequalities: 0 };
  interface Data {
    readonly centre: Tensor;
    readonly radius: Tensor;
  }
  const f = (x: Tensor, { centre }: Data): Tensor => {
    calls.f++;
    return x.sub(centre).square().sum();
  };
  const inequalities = (x: Tensor, { radius }: Data): Tensor => {
    calls.inequalities++;
    return radius.square().sub(x.square().sum());
  };
  const start = tensor([0.1, 0.2]);
  const example = { centre: tensor([3, 0]), radius: tensor(1) };
  const solve = minimizer(f, start, example, { inequalities });
  return { calls, f, inequalities, start, solve };
}

describe('a minimizer', () => {
  test('ends as minimize does, bit for bit, without calling the functions again', async () => {
    const { calls, f, inequalities, start, solve } = nearest();
    await solve(start, { centre: tensor([3, 0]), radius: tensor(1) });
    const recorded = { ...calls };
    const data = { centre: tensor([0, -5]), radius: tensor(2) };
    const end = await solve(tensor([1, 1]), data, { tolerance: 1e-9 });
    expect(calls).toEqual(recorded);
    expect(end.x.at(1).item()).toBeCloseTo(-2, 8);
    const fresh = await minimize((x: Tensor) => f(x, data), tensor([1, 1]), {
      inequalities: (x) => inequalities(x, data),
      tolerance: 1e-9,
    });
    expect(end.x.toArray()).toEqual(fresh.x.toArray());
    expect(end.multipliers.inequalities.item()).toBe(fresh.multipliers.inequalities.item());
    expect(end.iterations).toBe(fresh.iterations);
  });

  test('minimizes several at the same time', async () => {
    const { start, solve } = nearest();
    const all = [1, 2, 3].map((radius) => ({ centre: tensor([4, radius]), radius }));
    const together = await Promise.all(all.map((data) => solve(start, data)));
    for (const [i, data] of all.entries()) {
      const alone = await solve(start, data);
      expect(together[i]?.x.toArray()).toEqual(alone.x.toArray());
    }
  });

  test('takes L-BFGS where there is nothing but a function', async () => {
    let calls = 0;
    const solve = minimizer(
      ({ a, b }, at: Tensor) => {
        calls++;
        return a.sub(at).square().add(b.sub(a).square());
      },
      { a: 1, b: 2 },
      0,
    );
    expect((await solve({ a: 0, b: 0 }, 3)).x.b.item()).toBeCloseTo(3, 7);
    const recorded = calls;
    expect((await solve({ a: 9, b: 0 }, -2)).x.b.item()).toBeCloseTo(-2, 7);
    expect(calls).toBe(recorded);
  });

  test('names what does not hold for one, and solves the next', async () => {
    const solve = minimizer((x: Tensor) => x.sum(), tensor([1, 5]), 0, {
      inequalities: (x, wall) => ({ disc: x.square().sum().neg().add(1), wall: x.at(0).sub(wall) }),
    });
    const none = await solve(tensor([1, 5]), 3);
    expect(none.status).toBe('infeasible');
    expect(none.violated.map(({ name }) => name)).toEqual([
      'inequalities.wall',
      'inequalities.disc',
    ]);
    // With x at least 0.6, the least sum on the disc is 0.6 - 0.8.
    const found = await solve(tensor([1, 5]), 0.6);
    expect(found.status).toBe('converged');
    expect(found.value).toBeCloseTo(-0.2, 7);
    expect((await solve(tensor([1, 5]), -2)).value).toBeCloseTo(-Math.SQRT2, 7);
  });

  test('refuses starts and arguments of other shapes and structures', async () => {
    const { start, solve } = nearest();
    const data = { centre: tensor([3, 0]), radius: 1 };
    await expect(solve(tensor([1, 2, 3]), data)).rejects.toThrow(
      'minimizer: a leaf of x0 is [3]; it was prepared for [2]',
    );
    await expect(solve(start, { ...data, radius: tensor([1, 2]) })).rejects.toThrow(
      'minimizer: a leaf of args is [2]; it was prepared for []',
    );
    await expect(
      solve(start, { ...data, radius: tensor(1, { dtype: 'float32' }) }),
    ).rejects.toThrow('minimizer: a leaf of args is float32; it was prepared for float64');
    const more: object = { ...data, more: 1 };
    // @ts-expect-error another structure
    await expect(solve(start, more)).rejects.toThrow('different structures');
    await expect(solve(start, data, { maxIterations: -1 })).rejects.toThrow(
      'minimizer: maxIterations is -1',
    );
    expect(() => minimizer((x: Tensor) => x, tensor([1], { dtype: 'float32' }), 0)).toThrow(
      'minimizer: the start is float32',
    );
  });
});

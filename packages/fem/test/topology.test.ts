import { elasticity, rectangle, type TopologyIteration, topologyOptimization } from '@grad/fem';
import { describe, expect, test } from 'vitest';

const beam = ([nx, ny]: readonly [number, number]) => {
  const mesh = rectangle({ width: nx, height: ny, cells: [nx, ny] });
  return {
    mesh,
    problem: (young: Parameters<typeof elasticity>[0]['young']) =>
      elasticity({
        mesh,
        young,
        poisson: 0.3,
        fixed: [
          { on: 'left', x: 0 },
          { on: [nx], y: 0 },
        ],
        loads: [{ at: ny * (nx + 1), force: [0, -1] }],
      }),
  };
};

describe('topology optimization', () => {
  test('of the MBB beam has the published compliances, to all digits', async () => {
    const steps: TopologyIteration[] = [];
    const result = await topologyOptimization({
      ...beam([60, 20]),
      volume: 0.5,
      filterRadius: 2.4,
      onIteration: (step) => steps.push(step),
    });
    expect(result.history.slice(0, 3).map((c) => c.toFixed(6))).toEqual([
      '1007.022101',
      '583.627944',
      '417.059271',
    ]);
    expect(result.status).toBe('converged');
    expect(result.iterations).toBe(106);
    expect(result.compliance.toFixed(4)).toBe('216.8137');
    expect(steps.map(({ iteration }) => iteration)).toEqual(
      Array.from({ length: 106 }, (_, k) => k + 1),
    );
    for (const { volume } of steps) expect(Math.abs(volume - 0.5)).toBeLessThan(1e-3);
  });

  const small = { ...beam([12, 6]), volume: 0.5, filterRadius: 1.6 };

  test('with a filter of densities comes to fewer grey ones than it started with', async () => {
    const { densities, history } = await topologyOptimization({
      ...small,
      filter: 'density',
      maxIterations: 60,
    });
    expect(history.at(-1)).toBeLessThan(0.6 * (history[0] ?? 0));
    const mean = densities.reduce((sum, x) => sum + x, 0) / densities.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(1e-3);
    expect(Math.max(...densities)).toBeGreaterThan(0.95);
    expect(Math.min(...densities)).toBeLessThan(0.05);
  });

  test('leaves elements empty or full that are to be, and keeps the volume', async () => {
    const full = [0, 1, 2];
    const mesh = { ...small.mesh, regions: { window: Int32Array.of(30, 31, 42, 43) } };
    const made = { ...small, mesh, full, empty: 'window', maxIterations: 20 };
    for (const filter of ['sensitivity', 'density'] as const) {
      const { densities } = await topologyOptimization({ ...made, filter });
      expect([30, 31, 42, 43].map((e) => densities[e])).toEqual([0, 0, 0, 0]);
      expect(full.map((e) => densities[e])).toEqual([1, 1, 1]);
      const mean = densities.reduce((sum, x) => sum + x, 0) / densities.length;
      expect(Math.abs(mean - 0.5)).toBeLessThan(1e-3);
    }
  });

  test('adds up the compliance of several load cases', async () => {
    const both = await topologyOptimization({
      ...small,
      problem: (young) => [small.problem(young), small.problem(young)],
      maxIterations: 3,
    });
    const one = await topologyOptimization({ ...small, maxIterations: 3 });
    both.history.forEach((c, k) => {
      expect(c / (one.history[k] ?? 0)).toBeCloseTo(2, 10);
    });
  });

  test('stops when it is told to, and says so', async () => {
    const stop = new AbortController();
    const result = await topologyOptimization({
      ...small,
      signal: stop.signal,
      onIteration: ({ iteration }) => iteration === 4 && stop.abort(),
    });
    expect(result.status).toBe('aborted');
    expect(result.iterations).toBe(4);
    expect((await topologyOptimization({ ...small, maxIterations: 2 })).status).toBe(
      'maxIterations',
    );
  });

  test('refuses options that make no sense', async () => {
    const run = (more: object) => topologyOptimization({ ...small, ...more });
    await expect(run({ volume: 1.2 })).rejects.toThrow(
      'volume is 1.2; give a number between 0 and 1',
    );
    await expect(run({ filterRadius: 0 })).rejects.toThrow('filterRadius is 0');
    await expect(run({ filter: 'helmholtz' })).rejects.toThrow("filter is 'helmholtz'");
    await expect(run({ full: 'window' })).rejects.toThrow("the mesh has no region 'window'");
    await expect(run({ empty: [72] })).rejects.toThrow('there is no element 72');
    await expect(run({ youngMin: 2 })).rejects.toThrow('youngMin is 2');
  });
});

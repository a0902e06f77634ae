import { jit, type Tensor, tensor, valueAndGrad } from '@grad/core';
import { elasticity, rectangle, solve } from '@grad/fem';
import { expect, test } from 'vitest';

const few = { time: 0, iterations: 5, warmupTime: 0, warmupIterations: 1 };

test('elasticity with 100,000 unknowns: the solution, and its gradient in all moduli and vertices', async ({
  bench,
}) => {
  const n = 223;
  const mesh = rectangle({ cells: [n, n] });
  const compliance = (young: Tensor, vertices: Tensor): Tensor =>
    solve(
      elasticity({
        mesh: { ...mesh, vertices },
        young,
        poisson: 0.3,
        fixed: [{ on: 'left' }],
        loads: [{ on: 'right', traction: [0, 1] }],
      }),
    ).compliance;
  const young = tensor(new Float64Array(n * n).fill(1));
  const { vertices } = mesh;
  const solution = jit(compliance);
  const inModuli = jit(valueAndGrad(compliance));
  const inBoth = jit(valueAndGrad(compliance, { argnums: [0, 1] }));
  // Moduli scale the compliance: the gradient in them sums to minus its value.
  const [value, slopes] = inModuli(young, vertices);
  expect(slopes.sum().add(value).item() / value.item()).toBeCloseTo(0, 6);
  await bench.compare(
    bench('solution', () => void solution(young, vertices).item()),
    bench('solution and gradient in moduli', () => void inModuli(young, vertices)[0].item()),
    bench('solution and gradient in moduli and vertices', () => {
      inBoth(young, vertices)[0].item();
    }),
    few,
  );
}, 120_000);

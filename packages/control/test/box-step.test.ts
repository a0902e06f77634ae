import { eye, matmul, random, type Tensor, tensor, transpose } from '@grad/core';
import { expect, test } from 'vitest';
import { boxStep } from '../src/backward.ts';

test.each([1, 2, 5])(
  '%s controls: a least step between bounds, held where the slope presses',
  (m) => {
    let atBounds = 0;
    for (let seed = 0; seed < 8; seed++) {
      const [a, b] = random.split(random.key(seed));
      const root: Tensor = random.normal(a, [m, m], { dtype: 'float64' });
      const H = matmul(root, transpose(root)).add(eye(m).mul(0.1));
      const g: Tensor = random.normal(b, [m], { dtype: 'float64' });
      const [low, high] = [tensor(Array(m).fill(-0.3)), tensor(Array(m).fill(0.2))];
      const { step, free } = boxStep(H, g, { low, high });
      const slope = g.add(matmul(H, step));
      for (let c = 0; c < m; c++) {
        const [x, pressure] = [step.at(c).item(), slope.at(c).item()];
        expect(x).toBeGreaterThanOrEqual(-0.3);
        expect(x).toBeLessThanOrEqual(0.2);
        if (free.at(c).item() === 1) expect(pressure).toBeCloseTo(0, 9);
        else {
          atBounds++;
          expect(x).toBe(pressure > 0 ? -0.3 : 0.2);
        }
      }
    }
    expect(atBounds).toBeGreaterThan(2);
  },
);

import { customJvp, type Tensor, tensor } from '@grad/core';
import { expect, test } from 'vitest';
import type { Composition } from '../src/composition.ts';
import { examine } from '../src/examine.ts';
import { measures } from '../src/limits.ts';

const composition = (f: (x: Tensor) => Tensor): Composition => ({
  name: 'test',
  title: 'Test',
  packages: [],
  variable: 'x',
  f,
  x: tensor([0.3, 0.7]),
});
const failing = (f: (x: Tensor) => Tensor): string[] =>
  measures(examine(composition(f)))
    .filter(({ error, limit }) => !(error <= limit))
    .map(({ what }) => what);

test('a right function passes, and a wrong derivative is found out', () => {
  const right = (x: Tensor): Tensor => x.sin().mul(x).sum();
  expect(failing(right)).toEqual([]);
  const wrong = customJvp(
    (x: Tensor) => x.sin(),
    ([x], [dx]) => [x.sin(), dx.mul(x.cos()).mul(1.001)],
  );
  expect(failing((x) => wrong(x).mul(x).sum())).toContain('gradient');
});

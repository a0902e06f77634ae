// The project of a user: see `smoke.ts`.

import assert from 'node:assert/strict';
import { version } from 'node:process';
import { grad, jit, sin, tensor } from '@grad/core';
import { checkGrads } from '@grad/core/testing';

const f = (x) => sin(x.mul(x)).sum();
const points = [0, 0.5, 1, 2];
const slopes = jit(grad(f))(tensor(points)).toArray();

for (const [i, x] of points.entries()) {
  assert.ok(Math.abs(slopes[i] - 2 * x * Math.cos(x * x)) < 1e-14, `slope at ${x}: ${slopes[i]}`);
}
checkGrads(f, [tensor(points)], { order: 2 });
console.log(`Node ${version}: the gradient of a compiled function is right`);

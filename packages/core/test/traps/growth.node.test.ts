// Compile time grew with the square of the number of equations. Time is noisy, so the test compares
// the best of several runs of a Program and of one eight times as long: 8 is linear, 64 is quadratic.

import { grad, jit, type Tensor, tanh, tensor } from '@grad/core';
import { expect, test } from 'vitest';

function processorTime(equations: number, salt: number): number {
  const f = (x: Tensor): Tensor => {
    let y = x;
    for (let i = 0; i < equations; i++) y = i % 3 === 0 ? tanh(y) : y.mul(i + salt).add(x);
    return y.sum();
  };
  const start = process.cpuUsage();
  jit(grad(f))(tensor([0.1, 0.2]));
  return process.cpuUsage(start).user;
}

test('compiling a gradient takes time in proportion to the length of the function', () => {
  processorTime(100, 0.25);
  const salts = [1.25, 2.25, 3.25];
  const short = Math.min(...salts.map((salt) => processorTime(200, salt)));
  const long = Math.min(...salts.map((salt) => processorTime(1600, salt)));
  expect(long / short).toBeLessThan(24);
});

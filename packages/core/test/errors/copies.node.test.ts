import { grad, sum, type Tensor, tensor } from '@grad/core';
import { expect, test, vi } from 'vitest';

test('a second copy of the package refuses tensors of the first, and the first those of the second', async () => {
  vi.resetModules();
  const second: typeof import('@grad/core') = await import('@grad/core');
  expect(second.tensor).not.toBe(tensor);
  const [first, other] = [tensor([1, 2]), second.tensor([3, 4])];
  const said = /a tensor of another copy of @grad\/core/;
  expect(() => first.add(other)).toThrow(said);
  expect(() => other.add(first)).toThrow(said);
  expect(() => second.sum(first)).toThrow(said);
  expect(() => grad((x: Tensor) => sum(x))(other)).toThrow(said);
  expect(() => second.jit((x: Tensor) => x.mul(2))(first)).toThrow(said);
  expect(first.add(tensor(other.dataSync())).toArray()).toEqual([4, 6]);
});

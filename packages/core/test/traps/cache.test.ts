// A cache keyed on a description of a function, instead of the function, gave cos what was compiled
// for sin. Functions, operations and static values count by identity here.

import { cos, definePrimitive, fixed, grad, jit, sin, type Tensor, tensor, vmap } from '@grad/core';
import { expect, test } from 'vitest';
import type { CallablePrimitive } from '../../src/primitives/define.ts';

test('two functions of one text are compiled apart', () => {
  const scaled = (factor: number) => jit((x: Tensor) => x.mul(factor));
  expect([scaled(3)(2).item(), scaled(5)(2).item()]).toEqual([6, 10]);
});

test('a function given as a static argument is told from another', () => {
  const apply = jit((f: (x: Tensor) => Tensor, x: Tensor) => f(x), { staticArgs: [0] });
  expect(apply(sin, 1).item()).toBe(sin(1).item());
  expect(apply(cos, 1).item()).toBe(cos(1).item());
  expect(apply(sin, 1).item()).toBe(sin(1).item());
});

test('a fixed value counts by identity, and other static values by what they are', () => {
  const seen: unknown[] = [];
  const f = jit((x: Tensor, how: { mode: string; table: { value: unknown } }) => {
    seen.push(how.table);
    return how.mode === 'double' ? x.mul(2) : x;
  });
  const table = fixed({ rows: [1, 2] });
  expect(f(3, { mode: 'double', table }).item()).toBe(6);
  expect(f(4, { mode: 'double', table }).item()).toBe(8);
  expect(seen).toHaveLength(1);
  expect(f(3, { mode: 'plain', table }).item()).toBe(3);
  expect(f(3, { mode: 'double', table: fixed({ rows: [1, 2] }) }).item()).toBe(6);
  expect(seen).toHaveLength(3);
});

test('two primitives of one name are told apart, also by their derivatives', () => {
  const scaling = (factor: number): CallablePrimitive<1, object> =>
    definePrimitive({
      name: 'scaling',
      arity: 1,
      type: ([x]) => x,
      vmap: ([x]) => x.mul(factor),
      decompose: ([x]) => x.mul(factor),
    });
  const [three, five] = [scaling(3), scaling(5)];
  expect([three(tensor(1)).item(), five(tensor(1)).item()]).toEqual([3, 5]);
  expect([grad((x) => three(x))(1).item(), grad((x) => five(x))(1).item()]).toEqual([3, 5]);
  const both = vmap((x: Tensor) => three(x).add(five(x)));
  expect(both(tensor([1, 2])).toArray()).toEqual([8, 16]);
});

test('a list that the caller changes later does not change what was found for it', () => {
  const shape = [2, 3];
  const x = tensor([1, 2, 3, 4, 5, 6]);
  const f = jit((y: Tensor) => y.reshape(shape));
  const [first, compiled] = [x.reshape(shape), f(x)];
  shape.reverse();
  expect([first.shape, compiled.shape, f(x).shape]).toEqual(Array(3).fill([2, 3]));
  expect(x.reshape(shape).shape).toEqual([3, 2]);
  expect(x.reshape([2, 3]).shape).toEqual([2, 3]);
});

test('a number that a function closes over is taken anew where no jit keeps it', () => {
  let rate = 2;
  const f = (x: Tensor): Tensor => x.mul(rate);
  expect(grad(f)(1).item()).toBe(2);
  rate = 7;
  expect(grad(f)(1).item()).toBe(7);
});

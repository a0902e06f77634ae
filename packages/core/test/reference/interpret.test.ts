import { definePrimitive, grad, scan, type Tensor, take, tensor, whileLoop } from '@grad/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReferenceExecutor } from '../../src/backends/reference/executor.ts';
import type { CallablePrimitive } from '../../src/primitives/define.ts';
import { type Executor, setExecutor } from '../../src/trace/executor.ts';

describe('the reference interpreter', () => {
  let before: Executor | undefined;
  beforeAll(() => {
    before = setExecutor(new ReferenceExecutor());
  });
  afterAll(() => {
    if (before) setExecutor(before);
  });

  test('runs scans in both directions, each y at the place of its x', () => {
    const step = (carry: Tensor, x: Tensor): [Tensor, Tensor] => [carry.mul(2).add(x), carry];
    const [last, seen] = scan(step, 1, tensor([1, 2, 3]));
    expect([last.item(), seen.toArray()]).toEqual([19, [1, 3, 8]]);
    const [first, back] = scan(step, 1, tensor([1, 2, 3]), { reverse: true });
    expect([first.item(), back.toArray()]).toEqual([25, [12, 5, 1]]);
  });

  test('runs loops of unknown length, forwards and through their stacks of residuals', () => {
    const f = (x: Tensor): Tensor =>
      whileLoop(
        (c) => c.lt(100),
        (c) => c.mul(c),
        x,
      );
    expect(f(tensor(3)).item()).toBe(6561);
    expect(grad(f)(3).item()).toBe(8 * 3 ** 7);
    expect(f(tensor(200)).item()).toBe(200);
  });

  test('keeps the residuals of a loop within a loop on stacks of stacks', () => {
    const inner = (x: Tensor): Tensor =>
      whileLoop(
        (c) => c.lt(10),
        (c) => c.mul(x),
        x,
      );
    const outer = (x: Tensor): Tensor =>
      whileLoop(
        (c) => c.lt(200),
        (c) => c.mul(inner(x)),
        x,
      );
    expect(outer(tensor(3)).item()).toBe(3 ** 7);
    expect(grad(outer)(3).item()).toBe(7 * 3 ** 6);
  });

  test('stops a loop that takes too many steps', () => {
    const endless = (): Tensor =>
      whileLoop(
        (c) => c.lt(1),
        (c) => c.mul(1),
        0,
        { maxSteps: 5 },
      );
    expect(endless).toThrow(/^whileLoop: the condition still holds after maxSteps = 5 steps/);
  });

  test('runs an operation without a rule of its own by its decomposition', () => {
    const cube: CallablePrimitive<1, object> = definePrimitive({
      name: 'cube',
      arity: 1,
      type: ([x]) => x,
      vmap: ([x]) => cube(x),
      decompose: ([x]): Tensor => x.mul(x).mul(x).add(0.25),
    });
    expect(cube(tensor([1, 2])).toArray()).toEqual([1.25, 8.25]);
    expect(grad((x) => cube(x))(2).item()).toBe(12);
  });

  test('refuses an index outside its axis', () => {
    expect(() => take(tensor([1, 2]), tensor([2], { dtype: 'int32' }))).toThrow(/index 2/);
  });
});

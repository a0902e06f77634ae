import { closureConvert, customVjp, grad, jit, type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';

describe('closureConvert', () => {
  test('makes arguments of what a function closes over', () => {
    const weights = tensor([2, 3]);
    const f = (x: Tensor): Tensor => x.mul(weights).sum();
    const [converted, captured] = closureConvert(f, tensor([1, 1]));
    expect(captured.map((c) => c.toArray())).toEqual([[2, 3]]);
    expect(converted(captured, tensor([1, 2])).item()).toBe(8);
    expect(converted([tensor([0, 1])], tensor([1, 2])).item()).toBe(2);
  });

  test('lets a rule of reverse mode reach what an outer transform differentiates', () => {
    const f = (a: Tensor): Tensor => {
      const [converted, captured] = closureConvert((x: Tensor) => x.mul(a), 1);
      const ruled = customVjp((x: Tensor, c: readonly Tensor[]) => converted(c, x), {
        fwd: (x, c) => [converted(c, x), x],
        bwd: (x, ct) => [ct.mul(0), [ct.mul(x).mul(10)]],
      });
      return ruled(3, captured);
    };
    expect(grad(f)(5).item()).toBe(30);
    expect(jit(grad(f))(5).item()).toBe(30);
  });

  test('keeps trees, and refuses what is no function', () => {
    const [converted, captured] = closureConvert(({ a }: { a: Tensor }) => ({ b: a.add(1) }), {
      a: 1,
    });
    expect(captured).toEqual([]);
    expect(converted([], { a: 2 }).b.item()).toBe(3);
    expect(() => Reflect.apply(closureConvert, undefined, [3])).toThrow(/closureConvert/);
  });
});

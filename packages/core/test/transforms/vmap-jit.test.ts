import { grad, jit, jvp, matmul, sin, stack, sum, type Tensor, tensor, vmap } from '@grad/core';
import { describe, expect, test } from 'vitest';

describe('vmap', () => {
  test('maps over the first axis', () => {
    const dot = (x: Tensor, y: Tensor): Tensor => sum(x.mul(y));
    const xs = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(vmap(dot)(xs, xs).toArray()).toEqual([5, 25, 61]);
    expect(vmap(dot, { inAxes: [0, null] })(xs, tensor([1, 1])).toArray()).toEqual([3, 7, 11]);
  });

  test('takes and places the mapped axis where it is told', () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const twice = vmap((column: Tensor) => column.mul(2), { inAxes: 1, outAxes: 1 });
    expect(twice(x).toArray()).toEqual([
      [2, 4, 6],
      [8, 10, 12],
    ]);
  });

  test('nests, and gives every gradient of a batch at once', () => {
    const f = (x: Tensor): Tensor => sin(x).sum();
    const xs = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(vmap(grad(f))(xs).toArray()).toEqual([
      [Math.cos(1), Math.cos(2)],
      [Math.cos(3), Math.cos(4)],
    ]);
    const outer = vmap(
      vmap((x: Tensor, y: Tensor) => x.mul(y), { inAxes: [null, 0] }),
      {
        inAxes: [0, null],
      },
    );
    expect(outer(tensor([1, 2]), tensor([3, 4, 5])).toArray()).toEqual([
      [3, 4, 5],
      [6, 8, 10],
    ]);
  });

  test('repeats a result that does not depend on the mapped argument', () => {
    expect(vmap((_: Tensor) => tensor(7))(tensor([1, 2, 3])).toArray()).toEqual([7, 7, 7]);
  });

  test('refuses axes that do not agree', () => {
    const f = (x: Tensor, y: Tensor): Tensor => x.add(y);
    expect(() => vmap(f)(tensor([1, 2]), tensor([1, 2, 3]))).toThrow(
      'mapped axes have different extents: argument 1 of shape [3] has 3 on axis 0, not 2',
    );
    expect(() => vmap(f)(tensor([1, 2]), 3)).toThrow('argument 1 is a scalar');
  });

  test('refuses to look at values', () => {
    const f = (x: Tensor): Tensor => (x.item() > 0 ? x : x.neg());
    expect(() => vmap(f)(tensor([1, 2]))).toThrow(
      'item: the value is not known while vmap records the function',
    );
  });
});

describe('jit', () => {
  test('records once for each shape and dtype', () => {
    let runs = 0;
    const f = jit((x: Tensor) => {
      runs += 1;
      return x.mul(3);
    });
    expect(f(tensor([1, 2])).toArray()).toEqual([3, 6]);
    expect(f(tensor([4, 5])).toArray()).toEqual([12, 15]);
    expect(runs).toBe(1);
    expect(f(tensor([4, 5, 6])).toArray()).toEqual([12, 15, 18]);
    f(new Float32Array([1, 2]));
    expect(runs).toBe(3);
  });

  test('keeps functions apart that differ only in what they call', () => {
    const apply = jit((x: Tensor, op: (t: Tensor) => Tensor) => op(x));
    const negate = (t: Tensor): Tensor => t.neg();
    const double = (t: Tensor): Tensor => t.mul(2);
    expect(apply(tensor(3), negate).item()).toBe(-3);
    expect(apply(tensor(3), double).item()).toBe(6);
  });

  test('compiles once for each value of a static argument', () => {
    const power = jit((x: Tensor, n: number) => x.pow(n), { staticArgs: [1] });
    expect(power(tensor(2), 3).item()).toBe(8);
    expect(power(tensor(2), 4).item()).toBe(16);
  });

  test('does not keep a value of an outer trace', () => {
    const f = (x: Tensor): Tensor => jit((y: Tensor) => y.mul(x))(tensor(2));
    expect(grad(f)(3).item()).toBe(2);
    const g = jit((y: Tensor) => y.square());
    const h = (x: Tensor): Tensor => g(x).mul(x);
    expect(grad(h)(2).item()).toBe(12);
    expect(grad(h)(3).item()).toBe(27);
  });

  test('commutes with grad, vmap and jvp', () => {
    const w = tensor([
      [1, -2],
      [0.5, 3],
    ]);
    const f = (x: Tensor): Tensor => sum(sin(matmul(w, x)));
    const xs = stack([tensor([1, 2]), tensor([-0.3, 0.4]), tensor([5, -6])]);
    const reference = vmap(grad(f))(xs).dataSync();
    for (const g of [jit(vmap(grad(f))), vmap(jit(grad(f))), vmap(grad(jit(f)))]) {
      expect(Array.from(g(xs).dataSync())).toEqual(
        Array.from(reference, (value) => expect.closeTo(value, 13)),
      );
    }
    const x = tensor([1, 2]);
    const dx = tensor([0.5, -1]);
    const [, along] = jvp(jit(grad(f)), [x], [dx]);
    const [, again] = jvp(grad(f), [x], [dx]);
    expect(along.toArray()).toEqual(again.toArray());
  });

  test('refuses to look at values, with advice', () => {
    expect(() => jit((x: Tensor) => (x.item() > 0 ? x : x.neg()))(1)).toThrow(
      'Use where, cond or whileLoop instead of a JavaScript condition',
    );
    expect(() => jit((x: Tensor) => (Number(x) > 0 ? x : x.neg()))(1)).toThrow(
      'was used where JavaScript needs a plain number',
    );
  });
});

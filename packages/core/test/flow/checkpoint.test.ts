import {
  checkpoint,
  exp,
  grad,
  jit,
  jvp,
  program,
  scan,
  sin,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

type Policy = 'store' | 'recompute';

const chain = (x: Tensor): Tensor => exp(sin(tanh(x).mul(x)).mul(x));
const loop =
  (policy: Policy) =>
  (x: Tensor): Tensor =>
    scan((c) => [chain(c).mul(0.5), c.at(0)], x, null, {
      length: 6,
      checkpoint: policy,
    }).reduce<Tensor>((total, t) => total.add(t.square().sum()), tensor(0));
const free =
  (policy: Policy) =>
  (x: Tensor): Tensor =>
    whileLoop(
      (c) => c.sum().lt(9),
      (c) => c.mul(chain(c).mul(0.1).add(1.2)),
      x,
      { checkpoint: policy },
    ).sum();
const x = tensor([0.3, -0.7, 1.1]);

describe('checkpoint', () => {
  test('changes neither values nor derivatives, of any order, in any mode', () => {
    const direct = (t: Tensor): Tensor => chain(chain(t)).sum();
    const again = (t: Tensor): Tensor =>
      checkpoint((s: Tensor) => chain(checkpoint(chain)(s)))(t).sum();
    expect(again(x).item()).toBe(direct(x).item());
    expect(grad(again)(x).toArray()).toEqual(grad(direct)(x).toArray());
    expect(jit(grad(again))(x).toArray()).toEqual(jit(grad(direct))(x).toArray());
    expect(jvp(again, [x], [x])[1].item()).toBe(jvp(direct, [x], [x])[1].item());
    const second = (f: (t: Tensor) => Tensor) => grad((t: Tensor) => sum(grad(f)(t).mul(x)))(x);
    second(again)
      .dataSync()
      .forEach((value, i) => {
        expect(value).toBeCloseTo(second(direct).at(i).item(), 12);
      });
    expect(vmap(grad(again))(x.reshape([1, 3])).toArray()).toEqual([grad(direct)(x).toArray()]);
  });

  test('keeps the arguments alone', () => {
    const residuals = (f: (t: Tensor) => Tensor): number =>
      String(program(grad(f))(x)).match(/f64\[6,3\]/g)?.length ?? 0;
    expect(residuals(loop('store'))).toBeGreaterThan(1);
    expect(residuals(loop('recompute'))).toBe(1);
  });

  test('gives loops the same gradients, bit for bit', () => {
    for (const f of [loop, free]) {
      const stored = jit(grad(f('store')))(x).toArray();
      expect(jit(grad(f('recompute')))(x).toArray()).toEqual(stored);
      expect(vmap(grad(f('recompute')))(x.reshape([1, 3])).toArray()).toEqual([stored]);
    }
  });
});

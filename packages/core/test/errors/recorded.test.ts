// Values that are not known while a function is recorded, and failures while a compiled call runs.

import {
  checkpoint,
  cond,
  foriLoop,
  grad,
  IndexError,
  jit,
  jvp,
  mod,
  nonzero,
  StepLimitError,
  scan,
  scatter,
  type Tensor,
  take,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

const v = tensor([1, 2, 3]);
const i = tensor([0, 1], { dtype: 'int32' });
const seven = tensor([7], { dtype: 'int32' });

type Case = readonly [what: string, call: () => unknown, message: RegExp];

function provoke(cases: readonly Case[]): void {
  test.each(cases)('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
}

describe('a value that is not known yet', () => {
  const branch = (y: Tensor): Tensor => (y.item() > 0 ? y : y.neg());
  const message = (name: string): RegExp =>
    new RegExp(
      `^item: the value is not known while ${name} records the function\\. Use where, cond or whileLoop`,
    );
  provoke([
    ['is not read under jit', () => jit(branch)(1), message('jit')],
    ['is not read under vmap', () => vmap(branch)(v), message('vmap')],
    [
      'is not read in a scan',
      () => scan((c: Tensor, y: Tensor) => [branch(y).add(c), null], 0, v),
      message('scan'),
    ],
    [
      'is not read in a whileLoop',
      () => whileLoop((c) => c.gt(0), branch, 1),
      message('whileLoop'),
    ],
    ['is not read in a checkpoint', () => checkpoint(branch)(1), message('checkpoint')],
    [
      'is not read under jit inside grad',
      () => grad((y: Tensor) => jit(branch)(y))(1),
      message('jit'),
    ],
    [
      'is not read by toArray',
      () => jit((y: Tensor) => tensor(y.toArray()))(v),
      /^toArray: the value is not known while jit/,
    ],
    [
      'is not read by dataSync',
      () => jit((y: Tensor) => tensor(y.dataSync()))(v),
      /^dataSync: the value is not known while jit/,
    ],
    [
      'is not read by read',
      () => jit((y: Tensor) => y.read(() => y))(v),
      /^read: the value is not known while jit/,
    ],
    [
      'does not say how many elements are not 0',
      () => jit((y: Tensor) => nonzero(y))(v),
      /^nonzero: how many elements of float64 of shape \[3\] are not 0 is unknown/,
    ],
    [
      'is not compared as a number',
      () => jit((y: Tensor) => (Number(y) > 0 ? y : y.neg()))(1),
      /^A tensor \(f64\[\]~\) was used where JavaScript needs a plain number/,
    ],
  ]);

  test('is known in a plain grad, where it may decide', () => {
    expect(grad(branch)(-2).item()).toBe(-1);
  });

  test('is known in every trace where it depends on no argument', () => {
    const table = v.mul(2);
    const scale = (y: Tensor): Tensor => y.mul(table.add(1).square().sum().item());
    const expected = table.add(1).square().sum().item();
    for (const f of [scale, jit(scale), grad(jit(scale)), jit(grad(scale))]) {
      expect(f(tensor(1)).item()).toBe(expected);
    }
    expect(vmap(scale)(v).toArray()).toEqual(v.mul(expected).toArray());
    const [end] = scan((c: Tensor, y: Tensor) => [scale(y).add(c), null], 0, v);
    expect(end.item()).toBeCloseTo(v.sum().mul(expected).item(), 12);
    const outer = jit((x: Tensor) => jit((y: Tensor) => y.mul(x.add(1).item()))(1));
    expect(() => outer(2)).toThrow(message('jit'));
    const mixed = jit((y: Tensor) => y.mul(table.add(y).sum().item()));
    expect(() => mixed(1)).toThrow(message('jit'));
  });

  test('kept after the transform has ended is refused by name, type and transform', () => {
    const kept: Tensor[] = [];
    jit((y: Tensor) => {
      kept.push(y);
      return y;
    })(v);
    const [leaked = v] = kept;
    expect(() => leaked.add(1)).toThrow(
      /^add: a value of type float64 of shape \[3\] was kept after the jit that made it had ended/,
    );
    expect(() => leaked.toArray()).toThrow(/^toArray: the value is not known while jit/);
  });
});

describe('while a call runs', () => {
  const out = /take: index 7 is out of range for an axis of extent 3; indices run from 0 to 2/;
  const limit = /whileLoop: the condition still holds after maxSteps = 3 steps/;
  const place = /\(at .*recorded\.test\.ts:\d+:\d+\)/;
  const loop = (y: Tensor): Tensor =>
    whileLoop(
      (c) => c.gt(0),
      (c) => c.mul(2),
      y,
      { maxSteps: 3 },
    );
  const gathered = (y: Tensor): Tensor => take(y, seven).sum();

  test('an index out of range is an error, eager, compiled, in loops and derivatives', () => {
    const eager = (): unknown => take(v, seven);
    expect(eager).toThrow(out);
    expect(eager).toThrow(IndexError);
    const recorded: (() => unknown)[] = [
      () => jit(gathered)(v),
      () => grad(gathered)(v),
      () => jit(grad(gathered))(v),
      () => jvp(gathered, [v], [v]),
      () => vmap(gathered)(tensor([[1, 2, 3]])),
      () => foriLoop(5, 8, (k, c) => c.add(take(v, k)), 0),
      () => grad((y: Tensor) => foriLoop(5, 8, (k, c) => c.add(take(y, k)), 0))(v),
      () =>
        jit((k: Tensor) =>
          cond(
            k.gt(3),
            (n: Tensor) => take(v, n),
            () => tensor(0),
            k,
          ),
        )(seven.at(0)),
    ];
    for (const call of recorded) {
      expect(call).toThrow(IndexError);
      expect(call).toThrow(place);
    }
    expect(() => jit((k: Tensor) => scatter(v, k, 1))(seven)).toThrow(
      /index 7 is out of range.*\(at /,
    );
    expect(() => jit((k: Tensor) => take(tensor([]), k))(seven)).toThrow(
      /an empty axis has no elements to index/,
    );
  });

  test('a loop beyond its limit and an integer division by zero are errors', () => {
    for (const call of [() => jit(loop)(1), () => grad(loop)(1), () => vmap(loop)(v)]) {
      expect(call).toThrow(StepLimitError);
      expect(call).toThrow(limit);
    }
    expect(() => jit(loop)(1)).toThrow(place);
    expect(() => loop(tensor(1))).toThrow(limit);
    expect(() => jit((n: Tensor) => mod(i, n))(tensor(0, { dtype: 'int32' }))).toThrow(
      /mod: integer division by zero\. Select where the divisor is not 0\. ?\(at /,
    );
  });
});

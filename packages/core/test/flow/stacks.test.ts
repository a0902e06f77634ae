import {
  foriLoop,
  grad,
  implicitRoot,
  jvp,
  scan,
  sin,
  sum,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { ReferenceExecutor } from '../../src/backends/reference/executor.ts';
import { emptyLike } from '../../src/flow/empty-stack.ts';
import { scanOperation } from '../../src/flow/scan-operation.ts';
import { sumOf } from '../../src/flow/sum-of-stacks.ts';
import { iota } from '../../src/primitives/create.ts';
import type { ScanParams } from '../../src/program/loops.ts';
import type { Program } from '../../src/program/program.ts';
import { stackType, tensorType } from '../../src/tensor/type.ts';
import { executor } from '../../src/trace/executor.ts';
import { bind, trace, traceClosed } from '../../src/trace/trace.ts';

/** A loop of a length that is not known beforehand, whose derivative keeps a stack. */
const grow = (x: Tensor): Tensor =>
  whileLoop(
    ({ i }) => i.lt(2.5),
    ({ i, y }) => ({ i: i.add(1), y: y.mul(1.1).add(sin(y).mul(0.2)) }),
    { i: tensor(0), y: x },
  ).y;

const xs = tensor([0.7, 1.1]);

/** That second derivatives by reverse mode twice are those of forward over reverse mode, and right. */
function expectSecond(f: (x: Tensor) => Tensor, x: Tensor): void {
  checkGrads(f, [x], { order: 2 });
  const along = tensor(Array.from({ length: x.size }, (_, i) => 1 + i / 3)).reshape(x.shape);
  const [, expected] = jvp(grad(f), [x], [along]);
  const reverse = grad((t: Tensor) => sum(grad(f)(t).mul(along)))(x);
  const difference = reverse.sub(expected).abs().max().item();
  expect(difference).toBeLessThan(1e-13 * (1 + expected.abs().max().item()));
}

describe('second derivatives of loops', () => {
  test('where one stack serves all steps of a loop around', () => {
    const contract = (matvec: (v: Tensor) => Tensor, b: Tensor): Tensor =>
      foriLoop(0, 60, (_, v: Tensor) => v.add(b.sub(matvec(v))), b);
    const image = (x: Tensor, a: Tensor): Tensor => grow(x).mul(0.2).add(a);
    const f = (a: Tensor): Tensor =>
      implicitRoot(
        (x: Tensor, at: Tensor) => x.sub(image(x, at)),
        (at) => foriLoop(0, 60, (_, x: Tensor) => image(x, at), at),
        a,
        { linearSolve: contract },
      );
    expectSecond(f, tensor(0.9));
    expectSecond((x: Tensor) => sum(vmap(f)(x)), xs);
  });

  test('where a gradient inside a loop reads what was kept before it', () => {
    const f = (x: Tensor): Tensor => {
      const slope = grad((t: Tensor) => grow(t).square());
      return scan((c) => [c.add(slope(x).mul(slope(c)).mul(1e-3)), null], x, null, {
        length: 3,
      })[0];
    };
    expectSecond(f, tensor(0.9));
    expectSecond((x: Tensor) => sum(vmap(f)(x)), xs);
  });

  test('where the body does not depend on what it starts from', () => {
    const f = (x: Tensor): Tensor =>
      whileLoop(
        ({ i }) => i.lt(x.mul(0).add(2.5)),
        ({ i, y }) => ({ i: i.add(1), y: sum(y.mul(0).add(grow(x)).reshape([1])) }),
        { i: tensor(0), y: x },
      ).y;
    expectSecond(f, tensor(0.9));
  });
});

describe('a stack without elements', () => {
  const element = tensorType('float64', [2]);
  const stack = stackType(element);
  const filled = (count: Tensor): Tensor[] => {
    const body = traceClosed(
      [tensorType('int32', [])],
      (i) => (i ? [i.add(1), ones(i)] : []),
      'scan',
    );
    return bind(scanOperation, [count, tensor(0, { dtype: 'int32' })], loop(body, 1));
  };
  const ones = (i: Tensor): Tensor =>
    i
      .astype('float64')
      .add(1)
      .reshape([1])
      .mul(iota([], { size: 2, dtype: 'float64' }).add(1));
  const loop = (body: Program, carry: number) =>
    ({ body, consts: 0, carry, length: null, reverse: false }) satisfies ScanParams;
  const total = (count: Tensor, all: Tensor): Tensor[] => {
    const body = traceClosed([element, element], (c, x) => (c && x ? [c.add(x)] : []), 'scan');
    return bind(scanOperation, [count, tensor([0, 0]), all], loop(body, 1));
  };

  test('reads as zeros, and changes no sum', () => {
    const run = (f: (count: Tensor) => readonly Tensor[]): number[] => {
      const three = tensor(3, { dtype: 'int32' });
      const { program, captures } = trace([three.type], (n) => (n ? f(n) : []), { name: 'test' });
      const [compiled] = executor().run(program, [...captures, three]);
      const [read] = new ReferenceExecutor().run(program, [...captures, three]);
      expect(compiled?.dataSync()).toEqual(read?.dataSync());
      return Array.from(compiled?.dataSync() ?? []);
    };
    expect(run((n) => total(n, emptyLike(stack)))).toEqual([0, 0]);
    expect(run((n) => filled(n).flatMap((all, i) => (i === 1 ? total(n, all) : [])))).toEqual([
      6, 12,
    ]);
    const both = (n: Tensor, all: Tensor): Tensor[] => [
      ...total(n, sumOf(stack, emptyLike(stack), all)),
      ...total(n, sumOf(stack, all, emptyLike(stack))),
    ];
    expect(run((n) => both(n, filled(n)[1] ?? n).slice(0, 1))).toEqual([6, 12]);
    expect(run((n) => both(n, filled(n)[1] ?? n).slice(1))).toEqual([6, 12]);
  });
});

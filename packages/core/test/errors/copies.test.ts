// Two copies of the package in one program: what one makes is unknown to the other, and it says so.

import * as core from '@grad/core';
import { grad, isTensor, jit, sum, type Tensor, tensor, vmap } from '@grad/core';
import { describe, expect, test } from 'vitest';

/** What another copy makes, as far as this one can see. */
function foreign(kind: string): object {
  class Foreign {
    readonly shape = [3];
    readonly dtype = 'float64';
    get [Symbol.for('@grad/core')](): object {
      return { kind, copy: {} };
    }
  }
  return new Foreign();
}

const theirs = foreign('a tensor');
const ours = tensor([1, 2, 3]);

/** A call with arguments that types would not let pass. */
function wrongly(f: unknown, ...args: readonly unknown[]): () => unknown {
  if (typeof f !== 'function') throw new TypeError('not a function');
  return () => Reflect.apply(f, undefined, args);
}

const said =
  /a tensor of another copy of @grad\/core.*npm ls @grad\/core.*tensor\(x\.dataSync\(\)\)/;

describe('a tensor of another copy of the package', () => {
  test('is no tensor', () => {
    expect(isTensor(theirs)).toBe(false);
    expect(isTensor(ours)).toBe(true);
  });

  test.each([
    ['an operand', wrongly(core.add, ours, theirs)],
    ['the only operand', wrongly(core.sin, theirs)],
    ['data', wrongly(tensor, theirs)],
    ['an operand of a method', wrongly((x: never) => ours.mul(x), theirs)],
    ['an index', wrongly(core.take, ours, theirs)],
    ['one of a list', wrongly(core.stack, [ours, theirs])],
    ['a key', wrongly(core.random.normal, theirs, [3])],
    ['an argument of a compiled function', wrongly(jit(sum), theirs)],
    [
      'an argument of a gradient',
      wrongly(
        grad((x: Tensor) => sum(x)),
        theirs,
      ),
    ],
    [
      'a part of an argument',
      wrongly(
        jit((p: { w: Tensor }) => p.w),
        { w: theirs },
      ),
    ],
    [
      'an argument of a batch',
      wrongly(
        vmap((x: Tensor) => x),
        theirs,
      ),
    ],
    ['a result', wrongly(jit(wrongly(() => theirs)), ours)],
    ['a carry', wrongly(core.foriLoop, 0, 2, (_: unknown, c: unknown) => c, theirs)],
    [
      'a value of a sparse matrix',
      wrongly(core.sparse.csr, { shape: [1, 3], indptr: [0, 3], indices: [0, 1, 2], data: theirs }),
    ],
  ])('is refused as %s, with what to do', (_, call) => {
    expect(call).toThrow(said);
  });
});

test('so are other things of another copy', () => {
  expect(wrongly(core.tree.map, (x: unknown) => x, foreign('a value in fixed()'))).toThrow(
    'a value in fixed() of another copy of @grad/core',
  );
  const pattern = foreign('a sparsity pattern');
  expect(wrongly(core.sparse.matvec, { data: ours, pattern }, ours)).toThrow(
    'a sparsity pattern of another copy of @grad/core',
  );
});

test('an object that has the mark for other reasons is an object', () => {
  for (const value of [null, 3, {}, { kind: 'a tensor' }]) {
    const marked = { [Symbol.for('@grad/core')]: value };
    expect(wrongly(core.sin, marked)).toThrow(/is an object/);
  }
});

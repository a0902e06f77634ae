// A law says something about a primitive only where it has cases: the samples of each must include
// an empty tensor, one element, an odd extent, and special values where it acts on floats one by one.
// Strided and broadcast operands are made of these by the laws themselves.

import { describe, expect, test } from 'vitest';
import { definePrimitive } from '../../src/primitives/define.ts';
import { add, transpose } from '../../src/primitives/index.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { TensorType } from '../../src/tensor/type.ts';
import { casesOf, primitives } from './cases.ts';
import { isElementwiseOnFloats, missingSamples } from './sample-coverage.ts';

describe('samples', () => {
  test.each(primitives.map((primitive) => [primitive.name, primitive] as const))(
    'of %s include empty, single, odd and special cases',
    (_, primitive) => {
      expect(missingSamples(primitive)).toEqual([]);
    },
  );

  test('that lack cases are told by what they lack', () => {
    const samples = [{ title: 'a pair', operands: [{ shape: [2] }], params: {} }];
    const rules = {
      name: 'poor',
      arity: 1,
      type: ([x]: readonly [TensorType]) => x,
      vmap: ([x]: readonly [Tensor]) => x,
      samples: () => samples,
    } as const;
    const plain = definePrimitive({ ...rules, decompose: ([x]) => x });
    expect(missingSamples(plain)).toEqual(['empty', 'of size 1', 'of odd extent']);
    const elementwise = definePrimitive({
      ...rules,
      lower: { kind: 'pull', cost: 'math', at: ([read], index) => read(index) },
    });
    expect(missingSamples(elementwise)).toContain('with NaN');
  });

  test('of primitives that act on floats one by one are recognized', () => {
    const names = primitives.filter(isElementwiseOnFloats).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['add', 'pow', 'select', 'lt', 'cast', 'sqrt']));
    for (const other of ['take', 'dot', 'transpose', 'not', 'iota']) {
      expect(names).not.toContain(other);
    }
  });

  test('are made reproducibly, in both float dtypes', () => {
    const [first, again] = [casesOf(add), casesOf(add)];
    expect(first.map(({ operands }) => operands.map((x) => x.toArray()))).toEqual(
      again.map(({ operands }) => operands.map((x) => x.toArray())),
    );
    const dtypes = new Set(casesOf(transpose).map(({ operands }) => operands[0]?.dtype));
    expect([...dtypes].sort()).toEqual(['bool', 'float32', 'float64']);
  });
});

// A law says something about a primitive only where it has cases: the samples of each must include
// an empty tensor, one element, an odd extent, and special values where it acts on floats one by one.
// Strided and broadcast operands are made of these by the laws themselves.

import { describe, expect, test } from 'vitest';
import { definePrimitive, type Primitive } from '../../src/primitives/define.ts';
import { add, transpose } from '../../src/primitives/index.ts';
import { casesOf, primitives } from './cases.ts';
import { missingSamples } from './sample-coverage.ts';

/** Elementwise: results have the shape of the operands, and depend on elements at their place only. */
const elementwise = new Set(
  'add sub mul div neg tangentMul abs sign floor sqrt exp expm1 log log1p sin cos tan tanh sigmoid pow maximum minimum eq ne lt le gt ge select'.split(
    ' ',
  ),
);

describe('samples', () => {
  test.each(primitives.map((primitive) => [primitive.name, primitive] as const))(
    'of %s include empty, single, odd and special cases',
    (name, primitive) => {
      expect(missingSamples(primitive, elementwise.has(name))).toEqual([]);
    },
  );

  test('that lack cases are told by what they lack', () => {
    const poor: Primitive = definePrimitive({
      name: 'poor',
      arity: 1,
      type: ([x]) => x,
      vmap: ([x]) => x,
      decompose: ([x]) => x,
      samples: [{ title: 'a pair', operands: [{ shape: [2] }], params: {} }],
    });
    expect(missingSamples(poor, false)).toEqual(['empty', 'of size 1', 'of odd extent']);
    expect(missingSamples(poor, true)).toContain('with NaN');
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

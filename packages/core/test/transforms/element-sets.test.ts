import { describe, expect, test } from 'vitest';
import { ElementSets } from '../../src/primitives/element-sets.ts';

/** Sets from lists of their members. */
function sets(...rows: readonly (readonly number[])[]): ElementSets {
  const starts = rows.map((_, i) => rows.slice(0, i).flat().length);
  return ElementSets.of(
    Int32Array.of(...starts, rows.flat().length),
    Int32Array.of(...rows.flat()),
  );
}

function rows({ starts, members, size }: ElementSets): number[][] {
  return Array.from({ length: size }, (_, i) => [...members.subarray(starts[i], starts[i + 1])]);
}

describe('what elements depend on together', () => {
  test.each([
    {
      title: 'nothing in common',
      a: [[1], [2]],
      b: [[3], [1]],
      both: [
        [1, 3],
        [1, 2],
      ],
    },
    { title: 'the same', a: [[1, 4], [2]], b: [[1, 4], [2]], both: [[1, 4], [2]] },
    { title: 'less', a: [[1, 4, 6], [2]], b: [[4], []], both: [[1, 4, 6], [2]] },
    { title: 'more', a: [[], [2]], b: [[5], [2, 3]], both: [[5], [2, 3]] },
    { title: 'less in one, more in another', a: [[1, 2], []], b: [[2], [9]], both: [[1, 2], [9]] },
    {
      title: 'more only at the end',
      a: [[1, 2, 3], [4]],
      b: [[1], [4, 5]],
      both: [
        [1, 2, 3],
        [4, 5],
      ],
    },
    { title: 'other members of the same number', a: [[1, 3]], b: [[1, 2]], both: [[1, 2, 3]] },
  ])('$title', ({ a, b, both }) => {
    expect(rows(sets(...a).union(sets(...b)))).toEqual(both);
    expect(rows(sets(...b).union(sets(...a)))).toEqual(both);
  });

  test('is the value itself where another has no other parts', () => {
    const [a, b, nothing] = [sets([1, 4, 6], [2]), sets([4], [3]), ElementSets.none(2)];
    const both = a.union(b);
    expect(both.union(a)).toBe(both);
    expect(b.union(both)).toBe(both);
    expect(both.union(b.union(a))).toBe(both);
    expect(a.union(nothing)).toBe(a);
    expect(nothing.union(a)).toBe(a);
  });

  test('is right of more parts than a union is kept as', () => {
    const parts = Array.from({ length: 200 }, (_, i) => sets([(7 * i) % 200], [i % 3]));
    const all = parts.reduce((union, part) => union.union(part));
    expect(rows(all)).toEqual([Array.from({ length: 200 }, (_, i) => i), [0, 1, 2]]);
    expect(rows(all.union(sets([5, 300], [])))[0]).toEqual([...all.members.subarray(0, 200), 300]);
  });
});

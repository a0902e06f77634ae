import { describe, expect, test } from 'vitest';
import { ElementSets } from '../../src/primitives/element-sets.ts';

/** Sets from lists of their members. */
function sets(...rows: readonly (readonly number[])[]): ElementSets {
  const starts = rows.map((_, i) => rows.slice(0, i).flat().length);
  return new ElementSets(
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

  test('is the value itself where another depends on no more', () => {
    const [all, part] = [sets([1, 4, 6], [2]), sets([4], [2])];
    expect(all.union(part)).toBe(all);
    expect(part.union(all)).toBe(all);
  });
});

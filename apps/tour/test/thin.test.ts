import { expect, test } from 'vitest';
import { thin, thinningNote } from '../src/thin.ts';

const items = Array.from({ length: 7001 }, (_, index) => index);

test('what a figure has room for is drawn whole, without a word', () => {
  expect(thin(items.slice(0, 3000))).toEqual(items.slice(0, 3000));
  expect(thinningNote(items.slice(0, 3000), 'points')).toBe('');
});

test('more than that is drawn in even parts, and the caption says so', () => {
  const thinned = thin(items);
  expect(thinned.slice(0, 3)).toEqual([0, 3, 6]);
  expect(thinned).toHaveLength(2334);
  expect(thinningNote(items, 'points')).toBe(' Of the 7001 points one in 3 is drawn.');
});

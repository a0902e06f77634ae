import { expect, test } from 'vitest';
import { areas } from '../src/areas/index.ts';
import { selectLines } from '../src/selection.ts';

test('every line has a name of its own, and says what it asks for', () => {
  const lines = selectLines(areas, undefined);
  expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
  for (const { id, line } of lines) {
    expect(id).toMatch(/^[a-z]+\/[a-z0-9-]+$/);
    expect(line.asks).toMatch(/[.)]$/);
  }
});

test('areas and single lines are chosen by name', () => {
  const ids = (only: string): string[] => selectLines(areas, only).map(({ id }) => id);
  expect(ids('fem/cook')).toEqual(['fem/cook']);
  expect(ids('fem, iterators/kepler')).toContain('fem/patch-test');
  expect(ids('fem, iterators/kepler')).toContain('iterators/kepler');
  expect(ids('fem')).not.toContain('iterators/kepler');
  expect(() => ids('fems')).toThrow("There is no area or line 'fems'. The areas are: ");
  expect(() => ids('fem/coo')).toThrow("There is no area or line 'fem/coo'");
});

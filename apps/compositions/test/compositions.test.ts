import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compositions } from '../src/compositions/index.ts';
import { examine, type Findings } from '../src/examine.ts';
import { measures } from '../src/limits.ts';
import { renderPage } from '../src/page.ts';

const known = new Map<string, Findings>();

describe.each(compositions)('$name', (composition) => {
  test('has the derivatives of differences, compiled, in batches and twice', () => {
    const found = examine(composition);
    known.set(composition.name, found);
    for (const { what, error, limit } of measures(found)) {
      expect(error, what).toBeLessThanOrEqual(limit);
    }
    // Zero would agree with zero and prove nothing.
    const { value, slope, curvature } = found;
    for (const number of [value, slope, curvature]) {
      expect(Math.abs(number)).toBeGreaterThan(1e-3);
      expect(Number.isFinite(number)).toBe(true);
    }
  });
});

test('the page of the guide is up to date; npm start in apps/compositions writes it', () => {
  const all = compositions.map((composition) => ({
    composition,
    found: known.get(composition.name) ?? examine(composition),
  }));
  const page = readFileSync(
    new URL('../../../docs/guide/compositions.md', import.meta.url),
    'utf8',
  );
  expect(page).toBe(renderPage(all));
});

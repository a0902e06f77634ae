// A slice of what `npm run fuzz` does: random functions with loops, branches and transforms inside
// them, held to the laws, and the functions that once broke one.

import { describe, expect, test } from 'vitest';
import { check, failure, lawsFor } from './check.ts';
import { keptFailures } from './kept.ts';
import { laws } from './laws.ts';
import { randomRecipe } from './recipe.ts';
import { addOutcome, newTally, weakLaws } from './tally.ts';

const seeds = Array.from({ length: 56 }, (_, i) => 20_261_126 + i);

describe('on random functions', () => {
  test.each(Object.keys(laws))('%s', (law) => {
    const tally = newTally();
    for (const seed of seeds) addOutcome(tally, seed, check(randomRecipe(seed), seed, [law]));
    expect(tally.failures).toEqual([]);
    expect(weakLaws(tally.counts)).toEqual([]);
    expect(tally.counts[law]?.['holds']).toBeGreaterThan(8);
  });

  test('each is held to the cheap laws and to some of the others, the same each time', () => {
    const drawn = seeds.map((seed) => lawsFor(seed, false));
    expect(new Set(drawn.flat())).toEqual(new Set(Object.keys(laws)));
    expect(drawn).toEqual(seeds.map((seed) => lawsFor(seed, false)));
  });
});

test('what broke a law once does so no longer', () => {
  const broken = keptFailures().filter(([, { recipe, seed, law }]) => failure(recipe, seed, law));
  expect(broken.map(([name]) => name)).toEqual([]);
});

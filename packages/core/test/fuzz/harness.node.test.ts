import { add, sin, type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { agree, LawBroken, Side, sameBits } from './agree.ts';
import { catalog } from './operations/index.ts';
import { type Block, type Recipe, randomRecipe } from './recipe.ts';
import { shrink } from './shrink.ts';
import { Subject } from './subject.ts';
import {
  addOutcome,
  addWork,
  formatTally,
  newTally,
  seedsLeft,
  type Tally,
  weakLaws,
} from './tally.ts';

function operationsIn({ steps }: Block): string[] {
  return steps.flatMap(({ op, blocks = [] }) => [op, ...blocks.flatMap(operationsIn)]);
}

const recipes = Array.from({ length: 600 }, (_, seed) => randomRecipe(seed));

describe('random functions', () => {
  test('are the same for the same seed, and use every operation', () => {
    expect(randomRecipe(7)).toEqual(recipes[7]);
    const used = new Set(recipes.flatMap(operationsIn));
    const all = catalog.flatMap(({ operations }) => Object.keys(operations));
    expect(all.filter((name) => !used.has(name))).toEqual([]);
  });

  test('have inputs of all kinds, and floats of one dtype', () => {
    const { recorded } = new Subject(recipes[3] ?? randomRecipe(3), 3);
    const dtypes = new Set(
      recorded.program.outputs.map(({ type }) => (type.kind === 'tensor' ? type.dtype : 'stack')),
    );
    expect([...dtypes].filter((dtype) => dtype.startsWith('float'))).toHaveLength(1);
    expect(new Set(recipes.flatMap(({ inputs }) => inputs.map(({ kind }) => kind)))).toEqual(
      new Set(['float', 'int', 'bool']),
    );
  });

  test('can be built whatever is taken out of them', () => {
    for (const recipe of recipes.slice(0, 20)) {
      const shrunken = shrink(
        recipe,
        (candidate) => {
          expect(new Subject(candidate, 1).recorded.program.outputs).not.toEqual([]);
          return operationsIn(candidate).length > 2;
        },
        40,
      );
      expect(operationsIn(shrunken).length).toBeGreaterThan(2);
    }
  });
});

describe('shrinking', () => {
  const isNested = (recipe: Recipe): boolean =>
    recipe.steps.some(
      ({ op, blocks = [] }) => op === 'scan' && blocks.flatMap(operationsIn).includes('erf'),
    );

  test('leaves what the failure needs and no more', () => {
    const recipe: Recipe = {
      dtype: 'float32',
      inputs: [
        { kind: 'float', shape: [2, 3] },
        { kind: 'int', shape: [4] },
      ],
      steps: [
        { op: 'sin', picks: [5, 9] },
        {
          op: 'scan',
          picks: [11, 12, 13],
          blocks: [
            {
              steps: [
                { op: 'neg', picks: [1] },
                { op: 'erf', picks: [2] },
              ],
              results: [3],
            },
            { steps: [{ op: 'cos', picks: [1] }], results: [1] },
          ],
        },
        { op: 'sum', picks: [8] },
      ],
      results: [5],
    };
    expect(shrink(recipe, isNested)).toEqual({
      dtype: 'float64',
      inputs: [{ kind: 'float', shape: [] }],
      steps: [
        {
          op: 'scan',
          picks: [],
          blocks: [
            { steps: [{ op: 'erf', picks: [] }], results: [] },
            { steps: [], results: [] },
          ],
        },
      ],
      results: [0],
    });
  });
});

describe('agreement', () => {
  const x = [tensor([0.3, 1.7])];
  const sine = new Side((y) => [sin(y ?? 0)], x);

  test('is between what differs by rounding alone', () => {
    const other = new Side((y) => [add(sin(y ?? 0), 1).sub(1)], x);
    expect(agree(sine, other)).toBe('holds');
  });

  test('ends where a difference is larger than rounding', () => {
    const other = new Side((y) => [sin(y ?? 0).mul(1 + 1e-13)], x);
    expect(() => agree(sine, other)).toThrow(LawBroken);
    expect(() => agree(sine, other)).toThrow('the two sides differ');
  });

  test('is not decided where a comparison hangs on rounding', () => {
    const turned = (y: Tensor): Tensor => sin(y).mul(3).div(3);
    const left = new Side((y) => [turned(y ?? tensor(0)).eq(sin(y ?? 0))], x);
    const right = new Side((y) => [sin(y ?? 0).eq(turned(y ?? tensor(0)).add(1e-16))], x);
    expect(agree(left, right)).toBe('undecided');
  });

  test('to the last bit tells the zeros apart', () => {
    expect(sameBits('a', [Float64Array.of(0, Number.NaN)], [Float64Array.of(0, Number.NaN)])).toBe(
      'holds',
    );
    expect(() => sameBits('a', [Float64Array.of(0)], [Float64Array.of(-0)])).toThrow(LawBroken);
  });
});

describe('the tally', () => {
  const verdicts = { a: 'holds' } as const;
  const failure = { seed: 3, law: 'a', message: 'LawBroken: 1 and 2' };

  test('counts verdicts by law and names laws that say too little', () => {
    const tally = newTally();
    for (let seed = 0; seed < 40; seed++) {
      addOutcome(tally, seed, {
        verdicts: { a: 'holds', b: seed % 2 ? 'holds' : 'undecided' },
        failures: [],
      });
    }
    expect(weakLaws(tally.counts)).toEqual(['b']);
    expect(formatTally(tally, 'Programs')).toContain(
      '40 Programs in 0 min of one core. 0 break a law; the others are those of seeds 0 to 39.',
    );
    expect(formatTally(tally, 'Programs')).toContain('| b | 20 | 0 | 20 | 0 | 0 |');
  });

  test('knows which seeds are left, whatever the order and however often they come', () => {
    const tally = newTally();
    for (const seed of [5, 3, 9, 4, 0, 9]) addOutcome(tally, seed, { verdicts, failures: [] });
    expect(tally.done).toEqual([
      [0, 1],
      [3, 6],
      [9, 10],
    ]);
    expect(seedsLeft(tally, 0, 12)).toEqual([
      [1, 3],
      [6, 9],
      [10, 12],
    ]);
    expect(seedsLeft(tally, 4, 6)).toEqual([]);
    expect(seedsLeft(tally, 20, 22)).toEqual([[20, 22]]);
  });

  test('has a seed that breaks a law tried again, and forgets the failure when it is mended', () => {
    const tally = newTally();
    addOutcome(tally, 2, { verdicts, failures: [] });
    addOutcome(tally, 3, { verdicts: { a: 'broken' }, failures: [failure] });
    addOutcome(tally, 3, { verdicts: { a: 'broken' }, failures: [failure] });
    addOutcome(tally, 7, {
      verdicts: { b: 'broken' },
      failures: [{ ...failure, seed: 7, law: 'b' }],
    });
    expect(seedsLeft(tally, 2, 4)).toEqual([[3, 4]]);
    expect(formatTally(tally, 'Programs')).toContain(
      '3 Programs in 0 min of one core. 2 break a law; ',
    );
    expect(formatTally(tally, 'Programs')).toContain('| a | 1 | 1 | 0 | 0 | 0 |');
    addOutcome(tally, 3, { verdicts, failures: [] });
    expect(seedsLeft(tally, 2, 4)).toEqual([]);
    expect(formatTally(tally, 'Programs')).toContain('| a | 2 | 0 | 0 | 0 | 0 |');
    expect(tally.failures.map(({ seed }) => seed)).toEqual([7]);
  });

  test('adds up over sittings, from the file that it is kept in', () => {
    const first = newTally();
    addOutcome(first, 0, { verdicts, failures: [] });
    addWork(first, { version: 'commit one', programs: 1, seconds: 60 });
    const second: Tally = JSON.parse(JSON.stringify(first));
    addOutcome(second, 1, { verdicts, failures: [] });
    addWork(second, { version: 'commit two', programs: 1, seconds: 60 });
    addWork(second, { version: 'commit two', programs: 2, seconds: 120 });
    const text = formatTally(second, 'Programs');
    expect(text).toContain('2 Programs in 4 min of one core.');
    expect(text).toMatch(/\| commit one \| \d{4}-\d\d-\d\d \| 1 \| 1 min \|/);
    expect(text).toMatch(/\| commit two \| \d{4}-\d\d-\d\d \| 3 \| 3 min \|/);
  });
});

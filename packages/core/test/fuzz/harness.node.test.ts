import { add, sin, type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { agree, LawBroken, Side, sameBits } from './agree.ts';
import { catalog } from './operations/index.ts';
import { type Block, type Recipe, randomRecipe } from './recipe.ts';
import { shrink } from './shrink.ts';
import { Subject } from './subject.ts';
import { addOutcome, formatTally, newTally, weakLaws } from './tally.ts';

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
  test('counts verdicts by law and names laws that say too little', () => {
    const tally = newTally('laws', 5);
    for (let i = 0; i < 40; i++) {
      addOutcome(tally, {
        verdicts: { a: 'holds', b: i % 2 ? 'holds' : 'undecided' },
        failures: [],
      });
    }
    expect(tally.programs).toBe(40);
    expect(weakLaws(tally.counts)).toEqual(['b']);
    expect(formatTally(tally)).toContain('| b | 20 | 0 | 20 | 0 | 0 |');
  });
});

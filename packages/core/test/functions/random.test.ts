import { grad, jit, random, type Tensor, vmap } from '@grad/core';
import { describe, expect, test } from 'vitest';

const n = 20000;
const seeded = random.key(7);

describe('keys', () => {
  test('give the published words of Threefry-2x32-20', () => {
    const zero = random.key(0);
    expect(random.bits(zero, [1]).at(0).item() >>> 0).toBe(0x6b200159);
    const both = ((0x6b200159 >>> 5) * 2 ** 26 + (0x99ba4efe >>> 6)) / 2 ** 53;
    expect(random.uniform(zero).item()).toBe(both);
  });

  test('give the same numbers again, and others after a split or a fold', () => {
    expect(random.bits(seeded, [3]).toArray()).toEqual(random.bits(random.key(7), [3]).toArray());
    expect(random.bits(seeded, [5]).at([0, 3]).toArray()).toEqual(
      random.bits(seeded, [3]).toArray(),
    );
    const drawn = [
      ...random.split(seeded, 3),
      random.foldIn(seeded, 1),
      random.foldIn(seeded, 2),
      seeded,
    ].map((k) => String(random.bits(k, [2]).toArray()));
    expect(new Set(drawn).size).toBe(6);
    expect(random.key(2 ** 32).toArray()).toEqual([1, 0]);
  });

  test('are refused when they are no keys', () => {
    expect(() => random.key(0.5)).toThrow('a whole number below 2^53');
    expect(() => random.foldIn(seeded, 0.5)).toThrow('0.5 is not a whole number');
    expect(() => random.uniform(random.keys(seeded, 2))).toThrow('Use vmap for a batch of keys');
  });

  test('are mapped over, under jit as well', () => {
    const draw = (k: Tensor): Tensor => random.uniform(k, [2]);
    const batch = random.keys(seeded, 3);
    const each = [0, 1, 2].map((i) => draw(batch.at(i)).toArray());
    expect(vmap(draw)(batch).toArray()).toEqual(each);
    expect(jit(vmap(draw))(batch).toArray()).toEqual(each);
  });
});

describe('distributions', () => {
  test('uniform keeps to its interval in both precisions', () => {
    for (const dtype of ['float64', 'float32'] as const) {
      const u = random.uniform(seeded, [n], { dtype });
      expect(u.dtype).toBe(dtype);
      expect(u.min().item()).toBeGreaterThanOrEqual(0);
      expect(u.max().item()).toBeLessThan(1);
    }
  });

  // The words with 24 leading ones, of which there is one in 2^24: where u was rounded to 1.
  test.each([
    [93_470, 13],
    [943_750, 1],
    [1_130_460, 14],
  ])('normal and Gumbel numbers of the largest words are finite', (fold, element) => {
    const key = random.foldIn(random.key(0), fold);
    expect(random.bits(key, [16]).at(element).item() >>> 8).toBe(2 ** 24 - 1);
    const draw = { dtype: 'float32' } as const;
    const normal = random.normal(key, [16], draw).at(element).item();
    expect(normal).toBeCloseTo(5.2947041, 5); // the quantile of 1 - 2^-24
    const gumbel = random.gumbel(key, [16], draw).at(element).item();
    expect(gumbel).toBeCloseTo(24 * Math.LN2, 5);
    const narrow = random.truncatedNormal(key, [16], { ...draw, low: -1, high: 9 });
    expect(narrow.at(element).item()).toBeCloseTo(5.2947041, 1);
  });

  test('randint keeps to its range, and says when there is none', () => {
    const dice = random.randint(seeded, 1, 7, [n]);
    expect([dice.min().item(), dice.max().item()]).toEqual([1, 6]);
    expect(dice.dtype).toBe('int32');
    expect(() => random.randint(seeded, 3, 3)).toThrow('[3, 3) is not a range');
  });

  test('permutation keeps every element', () => {
    const order = random.permutation(seeded, 100);
    expect(order.toArray()).not.toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(Array.from(order.dataSync()).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    const rows = random.uniform(seeded, [4, 2]);
    expect(random.permutation(seeded, rows).sum().item()).toBeCloseTo(rows.sum().item(), 14);
  });

  test('are differentiated in their parameters', () => {
    const mean = (scale: Tensor): Tensor => random.normal(seeded, [n]).mul(scale).square().mean();
    expect(Math.abs(grad(mean)(2).item() - 4)).toBeLessThan(0.12);
    const bound = (high: Tensor): Tensor => random.uniform(seeded, [n], { high }).mean();
    expect(Math.abs(grad(bound)(3).item() - 0.5)).toBeLessThan(0.008);
  });
});

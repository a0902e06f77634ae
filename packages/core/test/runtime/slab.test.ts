import { expect, it } from 'vitest';
import { Slab } from '../../src/runtime/slab.ts';
import { allocate, dtypes } from '../../src/tensor/dtype.ts';

it('copies of all dtypes and lengths keep what they were given, whatever is copied after them', () => {
  const slab = new Slab();
  const copies = Array.from({ length: 400 }, (_, i) => {
    const dtype = dtypes[i % dtypes.length] ?? 'float64';
    const from = allocate(dtype, (i * 7) % 90).fill(i % 100);
    const copy = slab.copy(dtype, from);
    from.fill(111);
    return { copy, value: i % 100, length: from.length };
  });
  for (const { copy, value, length } of copies) {
    expect(copy.length).toBe(length);
    expect(copy.every((x) => x === value)).toBe(true);
  }
  const buffers = new Set(copies.map(({ copy }) => copy.buffer));
  expect(buffers.size).toBeLessThan(copies.length / 2);
});

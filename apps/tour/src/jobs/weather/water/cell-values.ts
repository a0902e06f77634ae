import type { Tensor } from '@grad/core';
import { cells, extent } from './basin.ts';

/** Depth and flow in the middle of each cell, in km, m and m/s. */
export function cellValues(
  state: Tensor,
): { x: number; y: number; h: number; u: number; v: number }[] {
  const values = state.dataSync();
  const at = (field: number, j: number, i: number): number =>
    values[(field * cells + (j % cells)) * cells + (i % cells)] ?? Number.NaN;
  const width = extent / cells;
  return Array.from({ length: cells ** 2 }, (_, k) => {
    const [j, i] = [Math.floor(k / cells), k % cells];
    return {
      x: (i + 0.5) * width,
      y: (j + 0.5) * width,
      h: at(0, j, i),
      u: (at(1, j, i) + at(1, j, i + 1)) / 2,
      v: (at(2, j, i) + at(2, j + 1, i)) / 2,
    };
  });
}

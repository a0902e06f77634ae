import type { Tensor } from '@grad/core';
import { readMatrix } from '@grad/data';
import type { DataFolder } from './data-folder.ts';

/** UCI's optical digits: pixels in [0, 1], `[n, 64]`, and classes. */
export interface Digits {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** The rows to learn from (`tra`) or to test with (`tes`). */
export async function digits(data: DataFolder, part: 'tra' | 'tes'): Promise<Digits> {
  const table = await readMatrix(data.bytes(`digits/optdigits.${part}`), { dtype: 'float64' });
  return { x: table.at(null, [0, 64]).div(16), y: table.at(null, 64).astype('int32') };
}

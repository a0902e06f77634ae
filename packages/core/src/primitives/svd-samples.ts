import type { Sample } from './define.ts';
import { apart } from './matrix-samples.ts';
import type { SvdParams } from './svd-packing.ts';

const shapes = [
  [0, 3],
  [1, 1],
  [1, 3],
  [3, 3],
  [3, 2],
  [2, 5],
  [2, 2, 3],
];

/** Whole bases of spaces of more dimensions than one, to which no values belong, are not unique. */
export const svdSamples = (): readonly Sample<SvdParams>[] =>
  (['none', 'thin', 'full'] as const).flatMap((vectors) => [
    ...shapes
      .filter((shape) => vectors !== 'full' || spare(shape) <= 1)
      .map((shape) => ({
        title: `${shape.join(' by ')}, ${vectors}`,
        operands: [apart(shape)],
        params: { vectors },
      })),
    {
      title: `columns of one length, ${vectors}`,
      operands: [{ shape: [2, 2], values: [2, 1, 1, 2] }],
      params: { vectors },
    },
  ]);

function spare(shape: readonly number[]): number {
  const [m = 0, n = 0] = shape.slice(-2);
  return Math.abs(m - n);
}

import type { Sample, SampleOperand } from './define.ts';

const shapes = [[], [0], [1], [7], [3, 5], [2, 1, 9]] as const;

/** Every shape of interest with operands drawn from a range each, for elementwise primitives. */
export function rangeSamples(...ranges: readonly Omit<SampleOperand, 'shape'>[]): Sample<object>[] {
  return shapes.map((shape) => ({
    title: `shape [${shape}]`,
    operands: ranges.map((range) => ({ shape, ...range })),
    params: {},
  }));
}

/** A case at given points, one list for each operand. */
export function pointSamples(
  title: string,
  ...operands: readonly (readonly number[])[]
): Sample<object> {
  return {
    title,
    operands: operands.map((values) => ({ shape: [values.length], values })),
    params: {},
    smooth: false,
  };
}

/** Zeros, infinities, NaN and the ends of the range. */
export const specials: readonly number[] = [
  0,
  -0,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  1e-40,
  -1e-310,
  3e38,
  -1,
  1,
];

/** All pairs of special values, as two operands. */
export const specialPairs: readonly [number[], number[]] = [
  specials.flatMap((x) => specials.map(() => x)),
  specials.flatMap(() => [...specials]),
];

import type { Primitive } from '../../src/primitives/define.ts';
import type { Equation } from '../../src/program/program.ts';
import type { Data } from '../../src/tensor/dtype.ts';
import { uniqueEigen, uniqueSingular } from './unique-vectors.ts';

/** How far compiled code of one primitive may be from the reference, on each element. */
export interface Accuracy {
  /** Representable numbers between the two. */
  readonly ulps: number;
  /** Results smaller than this are measured in ulps of it. */
  readonly floor: number;
  /** What of a result is unique, where not all of it is. */
  readonly unique?: (result: Data, equation: Equation) => Data;
}

const stated: Readonly<Record<string, Accuracy>> = {
  // Its zeros below 0 are no floats, and next to them only an absolute error can be kept small.
  lgamma: { ulps: 4, floor: 1 },
  digamma: { ulps: 4, floor: 1 },
  // Differences of terms below 0.
  polygamma: { ulps: 2, floor: 1 },
  // Sums of as many terms as it takes, whose derivatives in a change their sign.
  incompleteGamma: { ulps: 8, floor: 0.25 },
  incompleteBeta: { ulps: 8, floor: 0.25 },
  // The sum of two logarithms.
  logGammaDraw: { ulps: 4, floor: 4 },
  // Errors are those of the largest value, and of vectors those divided by the gaps.
  eigh: { ulps: 16, floor: 8, unique: uniqueEigen },
  svd: { ulps: 16, floor: 8, unique: uniqueSingular },
};

/** What is stated for a primitive; else 2 ulp for elementary functions, and equality. */
export function accuracyOf({ name, lower }: Primitive): Accuracy {
  const math = lower?.kind === 'pull' && lower.cost === 'math';
  return stated[name] ?? { ulps: math ? 2 : 0, floor: 0 };
}

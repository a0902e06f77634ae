import type { Primitive } from '../../src/primitives/define.ts';

/** How far compiled code of one primitive may be from the reference, on each element. */
export interface Accuracy {
  /** Representable numbers between the two. */
  readonly ulps: number;
  /** Results smaller than this are measured in ulps of it. */
  readonly floor: number;
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
};

/** What is stated for a primitive; else 2 ulp for elementary functions, and equality. */
export function accuracyOf({ name, lower }: Primitive): Accuracy {
  const math = lower?.kind === 'pull' && lower.cost === 'math';
  return stated[name] ?? { ulps: math ? 2 : 0, floor: 0 };
}

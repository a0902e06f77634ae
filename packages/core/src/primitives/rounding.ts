import { unary } from '../kernel/scalars.ts';
import type { CallablePrimitive } from './define.ts';
import { elementwise, elementwiseLaws } from './elementwise.ts';
import type { Laws } from './for-laws.ts';
import { pointSamples, rangeSamples, specials } from './samples.ts';

type Unary = CallablePrimitive<1, object>;

const halves = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999999999999994, 4503599627370495.5, -0.2];

function roundsBy(name: 'ceil' | 'nearest', self: () => Unary): Unary {
  return elementwise({
    name: name === 'nearest' ? 'round' : name,
    arity: 1,
    accepts: 'float',
    linearize: ([x]) => [self()(x), null],
    lower: ([x]) => unary(name, x),
  });
}

/* @__NO_SIDE_EFFECTS__ */
function roundsByLaws(primitive: Unary, reference: (x: number) => number): Laws {
  return elementwiseLaws<1>(primitive, {
    reference: ([x]) => reference(x),
    samples: () => [
      ...rangeSamples({ from: 0.1, to: 0.4 }),
      pointSamples('special values', specials),
      pointSamples('halves', halves),
    ],
  });
}

/** Smallest whole number not below x. Its derivative is 0. */
export const ceil: Unary = roundsBy('ceil', () => ceil);

/** What the laws hold `ceil` to. */
export const ceilLaws: Laws = roundsByLaws(ceil, Math.ceil);

/** The nearest whole number, and the even one of two. Its derivative is 0. */
export const round: Unary = roundsBy('nearest', () => round);

/** What the laws hold `round` to. */
export const roundLaws: Laws = roundsByLaws(round, (x) => {
  const low = Math.floor(x);
  const rest = x - low;
  const up = rest > 0.5 || (rest === 0.5 && low % 2 !== 0);
  // -0.2 rounds to -0.
  return up ? low + 1 || Math.sign(x) * 0 : low;
});

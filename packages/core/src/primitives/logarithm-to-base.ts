import * as maths from '../kernel/maths/functions.ts';
import { div, tangentMul } from './arithmetic.ts';
import { filledLike } from './create.ts';
import type { CallablePrimitive } from './define.ts';
import { smooth, smoothLaws } from './elementary.ts';
import type { Laws } from './for-laws.ts';

type Unary = CallablePrimitive<1, object>;

/** The logarithm to the base 2; whole for a power of 2. */
export const log2: Unary = smooth(maths.log2, (x) => {
  const slope = div(filledLike(x, Math.LOG2E), x);
  return [log2(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `log2` to. */
export const log2Laws: Laws = smoothLaws(log2, Math.log2, { from: 0.1, to: 9 });

/** The logarithm to the base 10; whole for a power of 10. */
export const log10: Unary = smooth(maths.log10, (x) => {
  const slope = div(filledLike(x, Math.LOG10E), x);
  return [log10(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `log10` to. */
export const log10Laws: Laws = smoothLaws(log10, Math.log10, { from: 0.1, to: 9 });

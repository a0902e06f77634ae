import * as maths from '../kernel/maths/functions.ts';
import { div, tangentMul } from './arithmetic.ts';
import { filledLike } from './create.ts';
import type { CallablePrimitive } from './define.ts';
import { smooth } from './elementary.ts';

type Unary = CallablePrimitive<1, object>;

/** The logarithm to the base 2; whole for a power of 2. */
export const log2: Unary = smooth(
  maths.log2,
  { from: 0.1, to: 9 },
  (x) => {
    const slope = div(filledLike(x, Math.LOG2E), x);
    return [log2(x), (dx) => tangentMul(slope, dx)];
  },
  Math.log2,
);

/** The logarithm to the base 10; whole for a power of 10. */
export const log10: Unary = smooth(
  maths.log10,
  { from: 0.1, to: 9 },
  (x) => {
    const slope = div(filledLike(x, Math.LOG10E), x);
    return [log10(x), (dx) => tangentMul(slope, dx)];
  },
  Math.log10,
);

/**
 * How to run n steps backwards with room for the states of s of them (the first state is one of
 * these): advance over the first k steps and keep the state there, treat the later n - k steps with
 * the s - 1 other places, give the place back, and treat the first k steps with all s. One step alone
 * is run once more, with all that its derivative needs, and its derivative at once. The least
 * number of forward steps obeys
 *
 *     t(1, s) = 0,  t(n, 1) = n (n - 1) / 2,  t(n, s) = min over k of k + t(k, s) + t(n - k, s - 1).
 *
 * With b(s, r) = C(s + r, s) the number of steps that can be treated when none is advanced over more
 * than r times, b(s, r) = b(s, r - 1) + b(s - 1, r): the first part has been advanced over once
 * already, the second has one place less. So b(s, j) - b(s, j - 1) steps are advanced over j times, up
 * to the least r with n <= b(s, r), and adding up
 *
 *     t(n, s) = sum over j < r of j (b(s, j) - b(s, j - 1)) + r (n - b(s, r - 1))
 *             = r n - (b(s, 0) + ... + b(s, r - 1)) = r n - b(s + 1, r - 1).
 *
 * A split k is a best one if the first part fits r - 1 and the second r, and neither could do with
 * one less: b(s, r - 2) <= k <= b(s, r - 1) and b(s - 1, r - 1) <= n - k <= b(s - 1, r). The largest
 * such k is the smaller of b(s, r - 1) and n - b(s - 1, r - 1). It is found when it is needed, from
 * two numbers, so that a schedule takes no memory.
 *
 * The first way to the last state counts as well: its last step is the one that is run with all
 * that its derivative needs.
 *
 * @see Griewank and Walther, Algorithm 799: Revolve, ACM TOMS 26 (2000).
 */

import { le, logicalAnd, lt, minimum, sub, where } from '../functions/elementwise.ts';
import { filled } from '../primitives/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { tensorType } from '../tensor/type.ts';
import { whileLoop } from './while-loop.ts';

/**
 * Over how many of `steps` >= 2 steps to advance before the next state is kept, given the number of
 * places, the one of the first state included; int32 scalars. Exact while steps * places < 2^53.
 */
export function binomialSplit(steps: Tensor, places: Tensor): Tensor {
  const n = steps.astype('float64');
  const s = places.astype('float64');
  const one = filled(tensorType('float64', []), 1);
  // With one place there is nothing to choose, and r would be as large as n.
  const { r, below } = whileLoop(
    ({ reach }) => logicalAnd(lt(reach, n), lt(one, s)),
    ({ r: before, reach }) => {
      const next = before.add(one);
      return { r: next, reach: reach.mul(s.add(next)).div(next), below: reach };
    },
    { r: filled(tensorType('float64', []), 0), reach: one, below: one },
  );
  const later = below.mul(s).div(s.add(r).sub(one));
  const k = where(le(s, one), sub(n, one), minimum(below, sub(n, later)));
  return k.astype('int32');
}

/**
 * erf and its inverse in float32 arithmetic. Polynomials are minimax (Lawson's iteration on a fine
 * grid), with coefficients rounded one after the other, the lowest first, and the rest fitted anew.
 */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { expInside, horner, log } from './single.ts';

/** Where one polynomial of `erf` takes over from the other. */
const split = 0.84;

/** erf(x) / x - 1 in x^2 for |x| < 0.84; relative error of erf: 2^-27 */
const erfTail = [
  0.12837916612625122, -0.37612593173980713, 0.11282918602228165, -0.02681003324687481,
  0.0050630210898816586, -0.0006383189465850592,
];

/** -log(erfc(x)) / x - 1 for 0.84 <= x <= 4; error of erf: 2^-28 */
const exponentTail = [
  0.12852828204631805, 0.6356712579727173, 0.10532376170158386, -0.022929588332772255,
  0.003227284410968423, -0.00021547687356360257,
];

export function erf(ops: LaneOps, x: Node): Node {
  const size = ops.unary('abs', x);
  const near = ops.add(size, ops.mul(size, horner(ops, ops.mul(x, x), erfTail)));
  // Beyond 4 all is 1.
  const bounded = ops.binary('min', size, ops.f32(4));
  const exponent = ops.add(bounded, ops.mul(bounded, horner(ops, bounded, exponentTail)));
  const far = ops.sub(ops.f32(1), expInside(ops, ops.unary('neg', exponent)));
  const y = ops.select(ops.compare('lt', size, ops.f32(split)), near, far);
  return ops.binary('copysign', y, x);
}

/** erfinv(x) / x - 1 in w = -log(1 - x^2) below 4.5; relative error of erfinv: 2^-29 */
const central = [
  -0.11377307027578354, 0.23201347887516022, 0.011550724506378174, -0.002339154714718461,
  -0.00012179717305116355, 4.084740794496611e-5, 5.40534620085964e-6, -2.2923202322999714e-6,
  2.5874427933558763e-7, -1.066241228642184e-8,
];

/** erfinv(x) / x in w - 9 beyond, up to the last float before 1; relative error: 2^-27 */
const outer = [
  2.832976818084717, 0.1669459044933319, -0.004374999087303877, 0.00020764926739502698,
  -9.549879905534908e-6, 1.2636130009013868e-7, 5.524381663235545e-8, -1.0192290567090367e-8,
  1.078289901812468e-9, -6.658319035013349e-11, 1.7969831352104837e-12,
];

/**
 * The variable is that of Giles, Approximating the erfinv function (GPU Computing Gems, 2011). At 1 it
 * is infinite, and so is the polynomial; beyond, it is the logarithm of a negative number.
 */
export function erfinv(ops: LaneOps, x: Node): Node {
  const size = ops.unary('abs', x);
  const complement = ops.sub(ops.f32(1), size);
  // 1 - x^2, to the last bits near 1, where the complement is exact.
  const product = ops.sub(ops.add(complement, complement), ops.mul(complement, complement));
  const w = ops.unary('neg', log(ops, product));
  const near = ops.add(size, ops.mul(size, horner(ops, w, central)));
  const far = ops.mul(size, horner(ops, ops.sub(w, ops.f32(9)), outer));
  const y = ops.select(ops.compare('lt', w, ops.f32(4.5)), near, far);
  return ops.binary('copysign', y, x);
}

/**
 * Reduction of large arguments modulo pi/2 (Payne and Hanek, 1983). |x| = m 2^e with an integer m
 * of 53 bits. Bits of 2/pi whose product with 2^e is a multiple of 4 do not matter, and 192 bits
 * after them suffice: no float comes nearer to a multiple of pi/2 than 2^-62 of its quotient.
 */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { fastTwoSum, leading, twoSum } from './arithmetic.ts';
import type { Reduced } from './trigonometric.ts';

/** 64 zeros and then the fraction of 2/pi, 64 bits each. */
const digits = [
  0n,
  0xa2f9836e4e441529n,
  0xfc2757d1f534ddc0n,
  0xdb6295993c439041n,
  0xfe5163abdebbc561n,
  0xb7246e3a424dd2e0n,
  0x06492eea09d1921cn,
  0xfe1deb1cb129a73en,
  0xe88235f52ebb4484n,
  0xe99c7026b45f7e41n,
  0x3991d639835339f4n,
  0x9c845f8bbdf9283bn,
  0x1ff897ffde05980fn,
  0xef2f118b5a0a6d1fn,
  0x6d367ecf27cb09b7n,
  0x4f463f669e5fea2dn,
  0x7527bac7ebe5f17bn,
  0x3d0739f78a5292ean,
  0x6bfb5fb11f8d5d08n,
  0x56033046fc7b6babn,
].map((word) => BigInt.asIntN(64, word));

const halfPi = { high: 1.5707963267948966, low: 6.123233995736766e-17 };

/** For scalars |x| >= 1 alone. */
export function reduceLarge(ops: LaneOps, x: Node): Reduced {
  const bits = ops.bits('i64', ops.unary('abs', x));
  const mantissa = ops.binary(
    'or',
    ops.binary('and', bits, ops.i64(0xfffffffffffffn)),
    ops.i64(0x10000000000000n),
  );
  // x = mantissa 2^e; the first bit of weight below 4 is number e - 2 of 2/pi, after the zeros.
  const exponent = ops.sub(ops.shift('shr_u', bits, 52), ops.i64(1075n));
  const start = ops.add(exponent, ops.i64(62n));
  const first = ops.shift('shr_u', start, 6);
  const shift = ops.convert('i32', ops.binary('and', start, ops.i64(63n)));
  const words = [0n, 1n, 2n, 3n].map((i) => digit(ops, ops.add(first, ops.i64(i))));
  const [w0, w1, w2, w3] = words;
  if (!w0 || !w1 || !w2 || !w3) throw new Error('Four words are read.');
  const window = [w0, w1, w2].map((word, i) => joined(ops, word, words[i + 1] ?? w3, shift));
  const [top, middle, bottom] = window;
  if (!top || !middle || !bottom) throw new Error('Three words are made.');
  // The lowest 192 bits of the product: two for the quadrant, the rest for the fraction.
  const low = ops.mul(mantissa, bottom);
  const carried = highProduct(ops, mantissa, bottom);
  const inMiddle = ops.mul(mantissa, middle);
  const mid = ops.add(inMiddle, carried);
  const overflow = carry(ops, mid, carried);
  const high = ops.add(
    ops.add(ops.mul(mantissa, top), highProduct(ops, mantissa, middle)),
    overflow,
  );
  const fraction = shifted(ops, high, mid);
  const behind = shifted(ops, mid, low);
  // Rounded to the nearest quadrant: the fraction is read as a signed number.
  const negative = ops.shift('shr_u', fraction, 63);
  const quadrant = ops.add(ops.shift('shr_u', high, 62), negative);
  return withSign(ops, x, quadrant, radians(ops, fraction, behind, negative));
}

function digit(ops: LaneOps, i: Node): Node {
  return digits.reduce<Node>(
    (word, value, at) =>
      ops.select(ops.compare('eq', i, ops.i64(BigInt(at))), ops.i64(value), word),
    ops.i64(0n),
  );
}

/** 64 bits of two words, from bit `shift` of the first. */
function joined(ops: LaneOps, word: Node, next: Node, shift: Node): Node {
  const rest = ops.shift('shr_u', next, 1);
  const back = ops.sub(ops.i32(63), shift);
  return ops.binary('or', ops.binary('shl', word, shift), ops.binary('shr_u', rest, back));
}

function shifted(ops: LaneOps, word: Node, next: Node): Node {
  return ops.binary('or', ops.shift('shl', word, 2), ops.shift('shr_u', next, 62));
}

/** Upper 64 bits of a product of unsigned numbers. */
function highProduct(ops: LaneOps, a: Node, b: Node): Node {
  const mask = ops.i64(0xffffffffn);
  const [a0, b0] = [a, b].map((x) => ops.binary('and', x, mask));
  const [a1, b1] = [a, b].map((x) => ops.shift('shr_u', x, 32));
  if (!a0 || !b0 || !a1 || !b1) throw new Error('Both factors have halves.');
  const cross = ops.add(ops.mul(a1, b0), ops.shift('shr_u', ops.mul(a0, b0), 32));
  const other = ops.add(ops.mul(a0, b1), ops.binary('and', cross, mask));
  const upper = ops.add(ops.shift('shr_u', cross, 32), ops.shift('shr_u', other, 32));
  return ops.add(ops.mul(a1, b1), upper);
}

/** 1 when an unsigned sum is below one of its terms. */
function carry(ops: LaneOps, sum: Node, term: Node): Node {
  const offset = ops.i64(-(2n ** 63n));
  const below = ops.compare('lt', ops.binary('xor', sum, offset), ops.binary('xor', term, offset));
  return ops.select(below, ops.i64(1n), ops.i64(0n));
}

/** (fraction 2^-64 + behind 2^-128) pi/2 as two floats. */
function radians(
  ops: LaneOps,
  fraction: Node,
  behind: Node,
  negative: Node,
): { readonly y: Node; readonly low: Node } {
  // The magnitude: bits inverted where negative; the one that is missing is 2^-128.
  const inversion = ops.sub(ops.i64(0n), negative);
  const [upper, lower] = [fraction, behind].map((word) => ops.binary('xor', word, inversion));
  if (!upper || !lower) throw new Error('Both words are there.');
  const part = (word: Node, isHigh: boolean, weight: number): Node => {
    const half = isHigh
      ? ops.shift('shr_u', word, 32)
      : ops.binary('and', word, ops.i64(0xffffffffn));
    return ops.mul(ops.convert('f64', half), ops.f64(weight));
  };
  const front = fastTwoSum(ops, part(upper, true, 2 ** -32), part(upper, false, 2 ** -64));
  const back = ops.add(part(lower, true, 2 ** -96), part(lower, false, 2 ** -128));
  const { sum, error } = fastTwoSum(ops, front.sum, ops.add(front.error, back));
  // Product with pi/2 by halves whose products are exact.
  const a = leading(ops, sum, 27);
  const b = ops.sub(sum, a);
  const c = leading(ops, ops.f64(halfPi.high), 27);
  const d = ops.sub(ops.f64(halfPi.high), c);
  const cross = twoSum(ops, ops.mul(a, c), ops.add(ops.mul(a, d), ops.mul(b, c)));
  const small = ops.add(
    ops.mul(b, d),
    ops.add(ops.mul(sum, ops.f64(halfPi.low)), ops.mul(error, ops.f64(halfPi.high))),
  );
  const { sum: y, error: low } = fastTwoSum(ops, cross.sum, ops.add(cross.error, small));
  const sign = ops.shift('shl', negative, 63);
  const signed = (value: Node): Node =>
    ops.bits('f64', ops.binary('xor', ops.bits('i64', value), sign));
  return { y: signed(y), low: signed(low) };
}

/** The reduction of -|x| is minus that of |x|. */
function withSign(
  ops: LaneOps,
  x: Node,
  quadrant: Node,
  { y, low }: { readonly y: Node; readonly low: Node },
): Reduced {
  const below = ops.compare('lt', x, ops.f64(0));
  const negated = (value: Node): Node => ops.select(below, ops.unary('neg', value), value);
  return {
    y: negated(y),
    low: negated(low),
    quadrant: ops.select(below, ops.sub(ops.i64(0n), quadrant), quadrant),
  };
}

/**
 * x = n pi/2 + y with |y| <= pi/4; for sin and cos of float32 see `single-trigonometric.ts`. Up to 2^20, n pi/2 is taken from x in three parts of pi/2 of
 * 33 bits, whose products with n are exact, and a rest (Cody and Waite); beyond, x is multiplied
 * by as many bits of 2/pi as matter (Payne and Hanek, in `payne-hanek.ts`).
 */
import { type LaneFunction, ofOne } from '../lane/lane-function.ts';
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { fastTwoSum, leading, nearest, type Precision, polynomial, twoSum } from './arithmetic.ts';
import { reduceLarge } from './payne-hanek.ts';

const twoOverPi = 0.6366197723675814;
const parts = [
  1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32,
] as const;

/** Largest argument of the short reduction: n has 20 bits. */
export const large = 2 ** 20;

/** x = n pi/2 + y + low, with n in the low bits of `quadrant`. */
export interface Reduced {
  readonly y: Node;
  readonly low: Node;
  readonly quadrant: Node;
}

export function reduce(ops: LaneOps, x: Node, precision: Precision): Reduced {
  const { value: n, bits: quadrant } = nearest(ops, ops.mul(x, ops.f64(twoOverPi)));
  const [first, second, third, fourth] = parts.map((part) =>
    ops.mul(n, ops.unary('neg', ops.f64(part))),
  );
  if (!first || !second || !third || !fourth) throw new Error('pi/2 has four parts.');
  const a = ops.add(x, first);
  if (precision === 'single') return { y: ops.add(a, second), low: ops.f64(0), quadrant };
  const b = twoSum(ops, a, second);
  const c = twoSum(ops, b.sum, third);
  const rest = ops.add(ops.add(b.error, c.error), fourth);
  const { sum: y, error: low } = fastTwoSum(ops, c.sum, rest);
  return { y, low, quadrant };
}

/** (sin(y) - y) / y^3 in y^2; relative error of sin: 2^-57. */
const sinTail = [
  -0.1666666666666663, 0.008333333333322005, -0.00019841269829495487, 2.7557313587617437e-6,
  -2.505074230768921e-8, 1.589590473159553e-10,
] as const;

/** (cos(y) - 1 + y^2 / 2) / y^4 in y^2; error: 2^-64. */
const cosTail = [
  0.0416666666666666, -0.001388888888887399, 2.4801587289394916e-5, -2.7557314326027453e-7,
  2.087571955823621e-9, -1.135944865500432e-11,
] as const;

/** (tan(y) - y) / y^3 in y^2; relative error of tan: 2^-60 and 2^-33. */
const tanTail: { readonly [P in Precision]: readonly number[] } = {
  double: [
    0.3333333333333338, 0.13333333333325564, 0.05396825397278126, 0.021869488402682262,
    0.008863237867426974, 0.003592101460404656, 0.0014560413975241643, 0.0005888853946156188,
    0.00024367680923022503, 8.374874250290963e-5, 6.687673346465478e-5, -2.5197895858019044e-5,
    4.827266123581836e-5, -2.4094312711606447e-5, 9.759148366842425e-6,
  ],
  single: [
    0.33333331822021445, 0.13333411670260262, 0.05395446495750733, 0.021985855400003026,
    0.008326892271606308, 0.005002089360290747, -0.0006058961323645119, 0.002045525226035244,
  ],
};

function sinNear(ops: LaneOps, { y, low }: Reduced): Node {
  const z = ops.mul(y, y);
  const cube = ops.mul(z, y);
  const [first, ...others] = sinTail;
  const rest = ops.mul(cube, polynomial(ops, z, others));
  const second = ops.sub(ops.mul(z, ops.sub(ops.mul(ops.f64(0.5), low), rest)), low);
  return ops.sub(y, ops.sub(second, ops.mul(cube, ops.f64(first))));
}

function cosNear(ops: LaneOps, { y, low }: Reduced): Node {
  const z = ops.mul(y, y);
  const one = ops.f64(1);
  const half = ops.mul(ops.f64(0.5), z);
  const rest = ops.mul(ops.mul(z, z), polynomial(ops, z, cosTail));
  const w = ops.sub(one, half);
  const lost = ops.sub(ops.sub(one, w), half);
  return ops.add(w, ops.add(lost, ops.sub(rest, ops.mul(y, low))));
}

function tanNear(ops: LaneOps, { y, low, quadrant }: Reduced, precision: Precision): Node {
  const z = ops.mul(y, y);
  const cubic = ops.mul(ops.mul(z, y), polynomial(ops, z, tanTail[precision]));
  const odd = isOdd(ops, quadrant);
  const minusOne = ops.f64(-1);
  if (precision === 'single') {
    const t = ops.add(y, cubic);
    return ops.select(odd, ops.div(minusOne, t), t);
  }
  const rough = ops.add(y, cubic);
  const slope = ops.add(ops.f64(1), ops.mul(rough, rough));
  const rest = ops.add(cubic, ops.mul(low, slope));
  const t = ops.add(y, rest);
  // -1 / (y + rest) by one Newton step on leading parts, whose product is exact.
  const front = leading(ops, t, 32);
  const behind = ops.add(ops.sub(y, front), rest);
  const inverse = ops.div(minusOne, t);
  const start = leading(ops, inverse, 32);
  const defect = ops.add(ops.add(ops.f64(1), ops.mul(start, front)), ops.mul(start, behind));
  return ops.select(odd, ops.add(start, ops.mul(inverse, defect)), t);
}

function isOdd(ops: LaneOps, quadrant: Node): Node {
  const one = ops.i64(1n);
  return ops.compare('eq', ops.binary('and', quadrant, one), one);
}

/** Changes the sign of y where bit 1 of the quadrant is set. */
function flip(ops: LaneOps, y: Node, quadrant: Node): Node {
  const sign = ops.shift('shl', ops.binary('and', quadrant, ops.i64(2n)), 62);
  return ops.bits('f64', ops.binary('xor', ops.bits('i64', y), sign));
}

type Near = (ops: LaneOps, reduced: Reduced, precision: Precision) => Node;

const sinOf: Near = (ops, reduced) => {
  const { quadrant } = reduced;
  const sine = sinNear(ops, reduced);
  const cosine = cosNear(ops, reduced);
  return flip(ops, ops.select(isOdd(ops, quadrant), cosine, sine), quadrant);
};

const cosOf: Near = (ops, reduced, precision) => {
  const next = ops.add(reduced.quadrant, ops.i64(1n));
  return sinOf(ops, { ...reduced, quadrant: next }, precision);
};

type Unary = (ops: LaneOps, x: Node, precision: Precision) => Node;

/** A function of one large argument; NaN for infinities. */
/* @__NO_SIDE_EFFECTS__ */
function ofLarge(name: string, near: Near): LaneFunction {
  return ofOne(name, 'f64', (ops, x) => {
    const y = near(ops, reduceLarge(ops, x), 'double');
    return ops.add(y, ops.sub(x, x));
  });
}

/* @__NO_SIDE_EFFECTS__ */
function ofAny(near: Near, beyond: LaneFunction): Unary {
  return (ops, x, precision) => {
    const isLarge = ops.compare('gt', ops.unary('abs', x), ops.f64(large));
    return ops.rare(isLarge, near(ops, reduce(ops, x, precision), precision), beyond, [x]);
  };
}

/** The same, where tiny arguments are their own values. */
/* @__NO_SIDE_EFFECTS__ */
function oddOfAny(near: Near, beyond: LaneFunction): Unary {
  const of = ofAny(near, beyond);
  return (ops, x, precision) => {
    const isTiny = ops.compare('lt', ops.unary('abs', x), ops.f64(2 ** -27));
    return ops.select(isTiny, x, of(ops, x, precision));
  };
}

export const sinLarge = ofLarge('sin large f64', sinOf);
export const cosLarge = ofLarge('cos large f64', cosOf);
export const sin = oddOfAny(sinOf, sinLarge);
export const cos = ofAny(cosOf, cosLarge);
export const tan = oddOfAny(tanNear, ofLarge('tan large f64', tanNear));

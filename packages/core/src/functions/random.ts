/**
 * Random numbers from explicit keys. A function of a key always gives the same numbers, on every
 * machine; keys are split, never used twice. Words come from Threefry; distributions are made from
 * them by functions that can be differentiated in their parameters.
 */

import { logGammaDraw } from '../primitives/gamma-draw.ts';
import { checkChoice, checkOptions, checkWhole, describeValue } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import {
  broadcastShapes,
  checkShape,
  formatShape,
  type Shape,
  ShapeError,
} from '../tensor/shape.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { bitwiseOr, rightShiftLogical } from './bitwise.ts';
import {
  add,
  clip,
  div,
  exp,
  floor,
  gt,
  log,
  log1p,
  lt,
  mul,
  neg,
  sigmoid,
  sqrt,
  sub,
  where,
} from './elementwise.ts';
import { argmax } from './extremum-position.ts';
import { take } from './index-by-tensor.ts';
import { stretch, toFloat } from './promote.ts';
import { checkKey, counters, halves, split, words } from './random-keys.ts';
import { broadcastTo } from './shape.ts';
import { argsort } from './sort.ts';
import { erfc, erfinv } from './special.ts';
import { softmax } from './statistics.ts';
import { asTensor } from './tensor.ts';

export { bits, foldIn, key, keys, split } from './random-keys.ts';

/** Element type of drawn floats. */
export interface FloatOption {
  readonly dtype?: 'float64' | 'float32';
}

/** Uniform in [0, 1): multiples of 2^-53, or of 2^-24 in float32. */
function unit(name: string, from: Tensor, shape: Shape, dtype: 'float64' | 'float32'): Tensor {
  return steps(name, from, shape, dtype, (lowest) => lowest);
}

/**
 * Uniform in the open interval (0, 1): the odd multiples of 2^-53, or of 2^-24 in float32. Every one of
 * them is a float of its type, so that none is rounded to 1.
 */
function openUnit(name: string, from: Tensor, shape: Shape, dtype: 'float64' | 'float32'): Tensor {
  return steps(name, from, shape, dtype, (lowest) => bitwiseOr(lowest, 1));
}

/** Words as multiples of the smallest step; `change` sees the word with the lowest bits. */
function steps(
  name: string,
  from: Tensor,
  shape: Shape,
  dtype: 'float64' | 'float32',
  change: (lowest: Tensor) => Tensor,
): Tensor {
  checkChoice(`random.${name}`, 'the dtype', dtype, ['float64', 'float32']);
  const high = words(name, from, shape, 0);
  if (dtype === 'float32') {
    return mul(change(rightShiftLogical(high, 8)).astype('float32'), 2 ** -24);
  }
  const upper = mul(rightShiftLogical(high, 5).astype('float64'), 2 ** -27);
  const lower = change(rightShiftLogical(words(name, from, shape, 1), 6)).astype('float64');
  return add(upper, mul(lower, 2 ** -53));
}

/** Uniform in [low, high), 0 and 1 unless said otherwise. */
export function uniform(
  from: Tensor,
  shape: Shape = [],
  options: FloatOption & { low?: TensorLike; high?: TensorLike } = {},
): Tensor {
  checkOptions('random.uniform', options, ['dtype', 'low', 'high']);
  const { dtype = 'float64', low = 0, high = 1 } = options;
  const u = unit('uniform', from, shape, dtype);
  if (low === 0 && high === 1) return u;
  const least = asTensor(low, 'random.uniform', 'low');
  return add(least, mul(u, sub(asTensor(high, 'random.uniform', 'high'), least)));
}

/** Normal with mean 0 and standard deviation 1, by the inverse of the distribution function. */
export function normal(from: Tensor, shape: Shape = [], options: FloatOption = {}): Tensor {
  checkOptions('random.normal', options, ['dtype']);
  const { dtype = 'float64' } = options;
  const u = openUnit('normal', from, shape, dtype);
  return mul(erfinv(sub(mul(u, 2), 1)), Math.SQRT2);
}

/**
 * Normal with mean 0 and standard deviation 1, kept between low and high: by the inverse of the
 * distribution function, however far out the bounds are. Numbers or tensors, which broadcast;
 * differentiable in both.
 */
export function truncatedNormal(
  from: Tensor,
  shape: Shape = [],
  options: FloatOption & { low?: TensorLike; high?: TensorLike } = {},
): Tensor {
  checkOptions('random.truncatedNormal', options, ['dtype', 'low', 'high']);
  const {
    dtype = 'float64',
    low = Number.NEGATIVE_INFINITY,
    high = Number.POSITIVE_INFINITY,
  } = options;
  const u = openUnit('truncatedNormal', from, shape, dtype).astype('float64');
  const [first, last] = [low, high].map((bound) =>
    toFloat(bound, 'random.truncatedNormal').astype('float64'),
  );
  if (!first || !last) throw new Error('unreachable');
  // Mirrored so that what is left of both bounds is small where they are far out.
  const mirrored = gt(first, 0);
  const left = where(mirrored, neg(last), first);
  const right = where(mirrored, neg(first), last);
  const below = (x: Tensor): Tensor => erfc(mul(x, -Math.SQRT1_2));
  const share = add(below(left), mul(u, sub(below(right), below(left))));
  const x = mul(erfcInverse(share), -Math.SQRT2);
  return clip(where(mirrored, neg(x), x), first, last).astype(dtype);
}

/** The number whose erfc is q, by Newton's method in log q where 1 - q has lost the digits of q. */
function erfcInverse(q: Tensor): Tensor {
  const isSmall = lt(q, 1e-3);
  const small = where(isSmall, q, 1e-3);
  const size = neg(log(small));
  // From the leading terms of log erfc.
  const start = sqrt(
    sub(size, mul(0.5, log(mul(Math.PI, sub(size, mul(0.5, log(mul(Math.PI, size)))))))),
  );
  const refined = [0, 1, 2].reduce<Tensor>((y) => {
    const tail = erfc(y);
    const slope = div(mul(exp(neg(mul(y, y))), -2 / Math.sqrt(Math.PI)), tail);
    return sub(y, div(add(log(tail), size), slope));
  }, start);
  return where(isSmall, refined, erfinv(sub(1, where(isSmall, 1, q))));
}

/** Exponential with rate 1. */
export function exponential(from: Tensor, shape: Shape = [], options: FloatOption = {}): Tensor {
  checkOptions('random.exponential', options, ['dtype']);
  const { dtype = 'float64' } = options;
  return neg(log1p(neg(unit('exponential', from, shape, dtype))));
}

/** Standard Gumbel: -log(-log(u)). */
export function gumbel(from: Tensor, shape: Shape = [], options: FloatOption = {}): Tensor {
  checkOptions('random.gumbel', options, ['dtype']);
  const { dtype = 'float64' } = options;
  return neg(log(neg(log(openUnit('gumbel', from, shape, dtype)))));
}

/** Masks that are true with probability p, a number or a tensor that broadcasts to the shape. */
export function bernoulli(
  from: Tensor,
  p: TensorLike = 0.5,
  shape: Shape = asTensor(p, 'random.bernoulli', 'p').shape,
): Tensor {
  return lt(
    unit('bernoulli', from, shape, 'float64'),
    toFloat(p, 'random.bernoulli').astype('float64'),
  );
}

/** Positions along the last axis with probabilities proportional to exp(logits), as int32. */
export function categorical(
  from: Tensor,
  logits: TensorLike,
  shape: Shape = asTensor(logits, 'random.categorical', 'logits').shape.slice(0, -1),
): Tensor {
  checkKey('categorical', from);
  const made = toFloat(logits, 'random.categorical');
  const classes = made.shape.at(-1);
  if (classes === undefined || classes === 0) {
    throw new ShapeError(
      `random.categorical: logits of shape ${formatShape(made.shape)} have no classes on a last axis.`,
    );
  }
  checkShape('random.categorical', shape);
  const noise = gumbel(from, [...shape, classes]);
  return argmax(add(noise, made.astype('float64')), { axis: -1 });
}

/**
 * Whole numbers in [low, high), as int32; each is at most 2^-21 of its probability off.
 *
 * @throws RangeError when there is no whole number between the bounds.
 */
export function randint(from: Tensor, low: number, high: number, shape: Shape = []): Tensor {
  if (!Number.isInteger(low) || !Number.isInteger(high) || high <= low || high - low > 2 ** 31) {
    throw new RangeError(
      `random.randint: [${describeValue(low)}, ${describeValue(high)}) is not a range of int32 whole numbers.`,
    );
  }
  const u = unit('randint', from, shape, 'float64');
  return floor(add(mul(u, high - low), low)).astype('int32');
}

/** The rows of a tensor, or the numbers below a whole number, in random order. */
export function permutation(from: Tensor, x: number | Tensor): Tensor {
  if (typeof x === 'number') checkWhole('random.permutation', 'the number', x, 0);
  else if (!isTensor(x)) {
    throw new TypeError(
      `random.permutation: takes a number or a tensor of rows; it is ${describeValue(x)}.`,
    );
  }
  const count = typeof x === 'number' ? x : x.shape[0];
  if (count === undefined) {
    throw new ShapeError('random.permutation: a scalar has no rows; pass a number or a tensor.');
  }
  const order = argsort(unit('permutation', from, [count], 'float64'));
  return typeof x === 'number' ? order : take(x, order);
}

function floatOf(name: string, options: FloatOption): 'float64' | 'float32' {
  checkOptions(`random.${name}`, options, ['dtype']);
  const { dtype = 'float64' } = options;
  checkChoice(`random.${name}`, 'the dtype', dtype, ['float64', 'float32']);
  return dtype;
}

/** Logarithms of gamma variables in float64, for the shapes `alpha` stretched to a shape. */
function logGammas(name: string, from: Tensor, alpha: TensorLike, shape: Shape): Tensor {
  checkShape(`random.${name}`, shape);
  const [k0, k1] = halves(name, from).map((half) => stretch(half, shape));
  if (!k0 || !k1) throw new Error('unreachable');
  const shapes = broadcastTo(toFloat(alpha, `random.${name}`).astype('float64'), shape);
  return logGammaDraw(k0, k1, counters(shape), shapes);
}

/**
 * Gamma with shape parameter alpha > 0 and scale 1; divide by a rate. NaN where alpha is not positive
 * and finite. Differentiable in alpha, by the implicit derivative -(dF/dalpha) / (dF/dz) of the
 * distribution function F(alpha, z), to any order.
 *
 * @param alpha a number or a tensor that broadcasts to the shape
 * @see Marsaglia and Tsang, A simple method for generating gamma variables, ACM Transactions on
 *   Mathematical Software 26 (2000) 363-372; Figurnov, Mohamed and Mnih, Implicit Reparameterization
 *   Gradients, NeurIPS 2018.
 */
export function gamma(
  from: Tensor,
  alpha: TensorLike,
  shape: Shape = asTensor(alpha, 'random.gamma', 'alpha').shape,
  options: FloatOption = {},
): Tensor {
  const dtype = floatOf('gamma', options);
  return exp(logGammas('gamma', from, alpha, shape)).astype(dtype);
}

/**
 * The logarithm of a gamma variable with the same key: for a small alpha, of which most variables are
 * below the smallest float.
 */
export function logGamma(
  from: Tensor,
  alpha: TensorLike,
  shape: Shape = asTensor(alpha, 'random.logGamma', 'alpha').shape,
  options: FloatOption = {},
): Tensor {
  const dtype = floatOf('logGamma', options);
  return logGammas('logGamma', from, alpha, shape).astype(dtype);
}

/**
 * Beta with parameters a, b > 0: x / (x + y) of two gamma variables. Differentiable in both.
 *
 * @param a a number or a tensor that broadcasts with b, and to the shape
 */
export function beta(
  from: Tensor,
  a: TensorLike,
  b: TensorLike,
  shape: Shape = betaShape(a, b),
  options: FloatOption = {},
): Tensor {
  checkKey('beta', from);
  const dtype = floatOf('beta', options);
  const [first, second] = split(from);
  const x = logGammas('beta', first, a, shape);
  return sigmoid(sub(x, logGammas('beta', second, b, shape))).astype(dtype);
}

function betaShape(a: TensorLike, b: TensorLike): Shape {
  const name = 'random.beta';
  return broadcastShapes(name, asTensor(a, name, 'a').shape, asTensor(b, name, 'b').shape);
}

/**
 * Dirichlet: points of a simplex, with parameters alpha > 0 along the last axis. Differentiable in
 * them.
 *
 * @param alpha shape [..., k]
 * @param shape of the points, without the last axis; alpha's when left out
 * @returns shape [...shape, k], with sums of 1 along the last axis
 * @throws ShapeError when alpha is a scalar.
 */
export function dirichlet(
  from: Tensor,
  alpha: TensorLike,
  shape: Shape = asTensor(alpha, 'random.dirichlet', 'alpha').shape.slice(0, -1),
  options: FloatOption = {},
): Tensor {
  const dtype = floatOf('dirichlet', options);
  checkShape('random.dirichlet', shape);
  const made = toFloat(alpha, 'random.dirichlet');
  const count = made.shape.at(-1);
  if (count === undefined) {
    throw new ShapeError(
      'random.dirichlet: alpha is a scalar; one parameter for each coordinate is needed on its last axis.',
    );
  }
  return softmax(logGammas('dirichlet', from, made, [...shape, count])).astype(dtype);
}

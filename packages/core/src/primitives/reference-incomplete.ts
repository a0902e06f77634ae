/**
 * Incomplete gamma and beta functions in plain JavaScript for reference rules: power series and
 * continued fractions of a fixed length, from the inside out, in twice the precision.
 */
import {
  type Double,
  exactly,
  exp,
  log,
  minus,
  negate,
  one,
  over,
  plus,
  times,
  toNumber,
} from './double-double.ts';
import { factorial, type Jet, Jets, type Ring } from './jet.ts';
import { logGammaOf, logGammaSlopesOf } from './reference-math.ts';

const doubles: Ring<Double> = { number: exactly, add: plus, mul: times, div: over };

/** x^a e^-x / gamma(1 + a) as a series in a. */
function gammaPower(jets: Jets<Double>, a: number, x: number): Jet<Double> {
  const exponent = minus(
    minus(times(exactly(a), log(exactly(x))), exactly(x)),
    logGammaOf(plus(one, exactly(a))),
  );
  const { value, k } = exp(exponent);
  const slopes = logGammaSlopesOf(plus(one, exactly(a)), jets.size - 1);
  const h = [
    undefined,
    ...slopes.map((slope, i) => (i === 0 ? minus(log(exactly(x)), slope) : negate(slope))),
  ];
  return jets.exp(h, [value[0] * 2 ** k, value[1] * 2 ** k]);
}

/** 1 + x / (a + 1) (1 + x / (a + 2) (...)) */
function lowerSeries(jets: Jets<Double>, a: number, x: number): Jet<Double> {
  let sum = jets.constant(one);
  let term = sum;
  for (
    let n = 1;
    term.some((t, i) => t && Math.abs(t[0]) > 1e-32 * Math.abs(sum[i]?.[0] ?? 0));
    n++
  ) {
    const ratio = jets.inverse(jets.linear(plus(exactly(a), exactly(n)), one, { first: true }));
    term = jets.scale(jets.mul(ratio, term), exactly(x));
    sum = jets.add(sum, term);
  }
  return sum;
}

/** 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (...))) */
function upperFraction(jets: Jets<Double>, a: number, x: number): Jet<Double> {
  const denominator = (n: number): Jet<Double> =>
    jets.linear(minus(plus(exactly(x), exactly(2 * n + 1)), exactly(a)), exactly(-1), {
      first: true,
    });
  const count = Math.ceil(a + 500 / x + 40);
  let fraction = denominator(count);
  for (let n = count; n > 0; n--) {
    const numerator = jets.linear(times(exactly(n), minus(exactly(a), exactly(n))), exactly(n), {
      first: true,
    });
    fraction = jets.add(denominator(n - 1), jets.mul(numerator, jets.inverse(fraction)));
  }
  return jets.inverse(fraction);
}

/** The function at the ends of the ranges; undefined inside. */
function atEnds(
  of: 'lower' | 'upper' | 'density',
  order: number,
  a: number,
  x: number,
): number | undefined {
  if (!(a >= 0 && x >= 0) || (a === 0 && x === 0) || Math.min(a, x) === Number.POSITIVE_INFINITY)
    return Number.NaN;
  const ends = a === 0 || x === 0 || Math.max(a, x) === Number.POSITIVE_INFINITY;
  if (!ends) return undefined;
  if (order > 0) return 0;
  if (of === 'density') {
    if (x > 0 || a === Number.POSITIVE_INFINITY) return 0;
    return a < 1 ? Number.POSITIVE_INFINITY : Number(a === 1);
  }
  const lower = Number(a === 0 || x === Number.POSITIVE_INFINITY);
  return of === 'lower' ? lower : 1 - lower;
}

/** See `incompleteGamma`. */
export function incompleteGammaReference(
  of: 'lower' | 'upper' | 'density',
  order: number,
  a: number,
  x: number,
): number {
  const end = atEnds(of, order, a, x);
  if (end !== undefined) return end;
  const jets = new Jets(doubles, order);
  const power = gammaPower(jets, a, x);
  const ofA = jets.linear(exactly(a), one, { first: true });
  if (of === 'density') {
    return toNumber(jets.derivative(jets.scale(jets.mul(power, ofA), over(one, exactly(x)))));
  }
  const above = x > Math.max(a + 1, 3);
  const part = above
    ? jets.mul(jets.mul(power, ofA), upperFraction(jets, a, x))
    : jets.mul(power, lowerSeries(jets, a, x));
  if (above === (of === 'upper')) return toNumber(jets.derivative(part));
  const rest = jets.add(jets.constant(one), jets.scale(part, exactly(-1)));
  return toNumber(jets.derivative(rest));
}

/** x^a y^b gamma(1 + a + b) / (gamma(1 + a) gamma(1 + b)) as a series in a and b, where y = 1 - x. */
function betaPower(
  jets: Jets<Double>,
  inA: number,
  inB: number,
  a: number,
  b: number,
  x: Double,
): Jet<Double> {
  const y = minus(one, x);
  const [nextA, nextB] = [plus(one, exactly(a)), plus(one, exactly(b))];
  const next = plus(nextA, exactly(b));
  const powers = plus(times(exactly(a), log(x)), times(exactly(b), log(y)));
  const exponent = plus(
    powers,
    minus(minus(logGammaOf(next), logGammaOf(nextA)), logGammaOf(nextB)),
  );
  const { value, k } = exp(exponent);
  const total = logGammaSlopesOf(next, inA + inB);
  const [ofA, ofB] = [logGammaSlopesOf(nextA, inA), logGammaSlopesOf(nextB, inB)];
  const h = new Array<Double | undefined>(jets.size).fill(undefined);
  for (let i = 0; i <= inA; i++) {
    for (let j = 0; j <= inB; j++) {
      const at = jets.place(i, j) ?? 0;
      const slope = total[i + j - 1];
      if (!slope) continue;
      const own = j === 0 ? ofA[i - 1] : i === 0 ? ofB[j - 1] : undefined;
      const choices = exactly(factorial(i + j) / (factorial(i) * factorial(j)));
      const difference = own ? minus(slope, own) : times(slope, choices);
      h[at] = i + j === 1 ? plus(difference, log(i === 1 ? x : y)) : difference;
    }
  }
  return jets.exp(h, [value[0] * 2 ** k, value[1] * 2 ** k]);
}

/** 1 + x (a + b) / (a + 1) (1 + x (a + b + 1) / (a + 2) (...)), in the variables of the first parameter. */
function betaSeries(
  jets: Jets<Double>,
  a: number,
  b: number,
  x: Double,
  first: 'first' | 'second',
): Jet<Double> {
  let sum = jets.constant(one);
  let term = sum;
  const matters = (t: Double | undefined, i: number): boolean =>
    t !== undefined && Math.abs(t[0]) > 1e-32 * Math.abs(sum[i]?.[0] ?? 0);
  for (let n = 1; term.some(matters); n++) {
    const total = plus(plus(exactly(a), exactly(b)), exactly(n - 1));
    const above = jets.linear(total, one, { first: true, second: true });
    const below = jets.inverse(jets.linear(plus(exactly(a), exactly(n)), one, { [first]: true }));
    term = jets.scale(jets.mul(jets.mul(term, above), below), x);
    sum = jets.add(sum, term);
  }
  return sum;
}

interface BetaParams {
  readonly of: 'integral' | 'density';
  readonly inA: number;
  readonly inB: number;
}

function betaAtEnds(
  { of, inA, inB }: BetaParams,
  a: number,
  b: number,
  x: number,
): number | undefined {
  const infinite = Number.POSITIVE_INFINITY;
  const first = a === 0 || b === infinite;
  const second = b === 0 || a === infinite;
  const clash = (a === 0 && b === 0) || (a === infinite && b === infinite);
  if (!(a >= 0 && b >= 0 && x >= 0 && x <= 1) || clash) return Number.NaN;
  if ((first && x === 0) || (second && x === 1)) return Number.NaN;
  if (!first && !second && x > 0 && x < 1) return undefined;
  if (inA + inB > 0) return 0;
  if (of === 'integral') return Number(first || (x === 1 && !second));
  if (first || second) return 0;
  const [near, far] = x === 0 ? [a, b] : [b, a];
  return near < 1 ? infinite : near > 1 ? 0 : far;
}

/** See `incompleteBeta`. */
export function incompleteBetaReference(
  params: BetaParams,
  a: number,
  b: number,
  x: number,
): number {
  const end = betaAtEnds(params, a, b, x);
  if (end !== undefined) return end;
  const { of, inA, inB } = params;
  const jets = new Jets(doubles, inA, inB);
  const place = exactly(x);
  const rest = minus(one, place);
  const total = jets.linear(plus(exactly(a), exactly(b)), one, { first: true, second: true });
  const shared = jets.mul(betaPower(jets, inA, inB, a, b, place), jets.inverse(total));
  const ofA = jets.linear(exactly(a), one, { first: true });
  const ofB = jets.linear(exactly(b), one, { second: true });
  if (of === 'density') {
    const scaled = jets.scale(jets.mul(jets.mul(shared, ofA), ofB), over(one, times(place, rest)));
    return toNumber(jets.derivative(scaled));
  }
  if (x <= 0.5) {
    const series = betaSeries(jets, a, b, place, 'first');
    return toNumber(jets.derivative(jets.mul(jets.mul(shared, ofB), series)));
  }
  const series = betaSeries(jets, b, a, rest, 'second');
  const part = jets.mul(jets.mul(shared, ofA), series);
  return toNumber(jets.derivative(jets.add(jets.constant(one), jets.scale(part, exactly(-1)))));
}

import * as grad from '../../packages/core/src/index.ts';

type Precision = 'float64' | 'float32';
type Tensor = grad.Tensor;

/** Arguments: evenly between two numbers, or of sizes 2^from to 2^to with or without both signs. */
type Range =
  | { readonly from: number; readonly to: number }
  | { readonly sizes: readonly [number, number]; readonly signed?: boolean };

interface Domain {
  /** For each argument, ranges that its values come from in turns. */
  readonly [precision: string]: readonly (readonly Range[])[];
}

export interface Subject {
  readonly name: string;
  ours(...x: Tensor[]): Tensor;
  readonly domain: Domain;
  /** Errors are in units of the last place of max(|y|, 1): the function has zeros. */
  readonly aroundOne?: boolean;
}

const least = { float64: -1074, float32: -149 } as const;
const most = { float64: 1023.9, float32: 127.9 } as const;

/** The same ranges in both precisions. */
const both = (...ranges: (readonly Range[])[]): Domain => ({ float64: ranges, float32: ranges });
/** Ranges that depend on the exponents there are. */
const each = (of: (least: number, most: number) => readonly Range[]): Domain => ({
  float64: [of(least.float64, most.float64)],
  float32: [of(least.float32, most.float32)],
});
const between = (from: number, to: number): Range => ({ from, to });
const sizes = (from: number, to: number): Range => ({ sizes: [from, to] });
const signed = (from: number, to: number): Range => ({ sizes: [from, to], signed: true });

const everywhere = each((lo, hi) => [signed(lo, hi), signed(-8, 8)]);
const positive = each((lo, hi) => [sizes(lo, hi), between(0.5, 2)]);
const unit = each((lo) => [signed(lo, 0), between(-1, 1)]);
const exponent = (lo: number, hi: number, single: readonly [number, number]): Domain => ({
  float64: [[between(lo, hi), signed(-60, 0)]],
  float32: [[between(...single), signed(-30, 0)]],
});

/** Every transcendental function, where its result is a number that is not too large. */
export const subjects: readonly Subject[] = [
  { name: 'exp', ours: grad.exp, domain: exponent(-745, 709.7, [-103, 88.7]) },
  { name: 'expm1', ours: grad.expm1, domain: exponent(-40, 709.7, [-20, 88.7]) },
  { name: 'log', ours: grad.log, domain: positive },
  { name: 'log1p', ours: grad.log1p, domain: each((lo, hi) => [sizes(lo, hi), between(-1, 1)]) },
  { name: 'log2', ours: grad.log2, domain: positive },
  { name: 'log10', ours: grad.log10, domain: positive },
  { name: 'sin', ours: grad.sin, domain: everywhere },
  { name: 'cos', ours: grad.cos, domain: everywhere },
  { name: 'tan', ours: grad.tan, domain: everywhere },
  { name: 'asin', ours: grad.asin, domain: unit },
  { name: 'acos', ours: grad.acos, domain: unit },
  { name: 'atan', ours: grad.atan, domain: everywhere },
  {
    name: 'atan2',
    ours: grad.atan2,
    domain: both([signed(-30, 30), between(-2, 2)], [signed(-30, 30), between(-2, 2)]),
  },
  {
    name: 'hypot',
    ours: grad.hypot,
    domain: both([signed(-60, 60), between(-2, 2)], [signed(-60, 60), between(-2, 2)]),
  },
  { name: 'sinh', ours: grad.sinh, domain: exponent(-710, 710, [-89, 89]) },
  { name: 'cosh', ours: grad.cosh, domain: exponent(-710, 710, [-89, 89]) },
  { name: 'asinh', ours: grad.asinh, domain: everywhere },
  {
    name: 'acosh',
    ours: grad.acosh,
    domain: both([between(1, 10), between(1, 1.001), sizes(1, 100)]),
  },
  { name: 'atanh', ours: grad.atanh, domain: unit },
  { name: 'tanh', ours: grad.tanh, domain: everywhere },
  { name: 'sigmoid', ours: grad.sigmoid, domain: exponent(-745, 40, [-103, 20]) },
  { name: 'softplus', ours: grad.softplus, domain: exponent(-745, 745, [-103, 103]) },
  { name: 'sqrt', ours: grad.sqrt, domain: positive },
  { name: 'rsqrt', ours: grad.rsqrt, domain: positive },
  {
    name: 'pow',
    ours: grad.pow,
    domain: {
      float64: [[sizes(-20, 20), between(0.9, 1.1)], [between(-35, 35)]],
      float32: [[sizes(-20, 20), between(0.9, 1.1)], [between(-5, 5)]],
    },
  },
  { name: 'erf', ours: grad.erf, domain: each((lo) => [signed(lo, 3), between(-6, 6)]) },
  {
    name: 'erfc',
    ours: grad.erfc,
    domain: { float64: [[between(-6, 26.5)]], float32: [[between(-4, 10)]] },
  },
  { name: 'erfinv', ours: grad.erfinv, domain: unit },
  {
    name: 'lgamma, x > 0',
    ours: grad.lgamma,
    domain: each((lo) => [sizes(lo, 40), between(0, 4)]),
  },
  { name: 'lgamma, x < 0', ours: grad.lgamma, aroundOne: true, domain: both([between(-50, 0)]) },
  {
    name: 'digamma',
    ours: grad.digamma,
    aroundOne: true,
    domain: both([sizes(-10, 40), between(0, 4), between(-50, 0)]),
  },
  {
    name: 'polygamma(1, x)',
    ours: (x) => grad.polygamma(1, x),
    domain: both([sizes(-10, 20), between(0, 10)]),
  },
  {
    name: 'gammainc',
    ours: grad.gammainc,
    domain: both([between(0.1, 30)], [between(0.05, 40)]),
  },
  {
    name: 'gammaincc',
    ours: grad.gammaincc,
    domain: both([between(0.1, 30)], [between(0.05, 40)]),
  },
  {
    name: 'betainc',
    ours: grad.betainc,
    domain: both([between(0.1, 20)], [between(0.1, 20)], [between(0, 1)]),
  },
];

function valueIn(range: Range, place: number, fraction: number, isNegative: boolean): number {
  if ('from' in range) return range.from + (range.to - range.from) * place;
  const [from, to] = range.sizes;
  const size = 2 ** (from + (to - from) * place) * (1 + fraction * 2 ** -20);
  return range.signed && isNegative ? -size : size;
}

/** So many arguments of a subject, the same ones each time. */
export function argumentsOf(
  { name, domain }: Subject,
  precision: Precision,
  count: number,
): Float64Array[] {
  let key = grad.random.key([...name].reduce((sum, c) => (31 * sum + c.charCodeAt(0)) % 65521, 7));
  const uniform = (): Float64Array => {
    const [next, own] = grad.random.split(key);
    key = next;
    return Float64Array.from(grad.random.uniform(own, [count]).dataSync());
  };
  return (domain[precision] ?? []).map((ranges) => {
    const [place, fraction, sign] = [uniform(), uniform(), uniform()];
    return place.map((u, i) => {
      const range = ranges[i % ranges.length] ?? { from: 0, to: 1 };
      const value = valueIn(range, u, fraction[i] ?? 0, (sign[i] ?? 0) < 0.5);
      return precision === 'float32' ? Math.fround(value) : value;
    });
  });
}

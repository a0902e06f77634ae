/**
 * Forward derivatives of scalar programs in plain TypeScript: numbers with a slope. They share nothing
 * with @grad, and are exact but for rounding, which makes them an independent reference.
 */
export interface Dual {
  readonly v: number;
  readonly d: number;
}

export const dual = (v: number, d = 0): Dual => ({ v, d });
export const add = (a: Dual, b: Dual): Dual => ({ v: a.v + b.v, d: a.d + b.d });
export const sub = (a: Dual, b: Dual): Dual => ({ v: a.v - b.v, d: a.d - b.d });
export const mul = (a: Dual, b: Dual): Dual => ({ v: a.v * b.v, d: a.d * b.v + a.v * b.d });
export const div = (a: Dual, b: Dual): Dual => ({
  v: a.v / b.v,
  d: (a.d - (a.v / b.v) * b.d) / b.v,
});
export const scale = (a: Dual, k: number): Dual => ({ v: k * a.v, d: k * a.d });
export const sin = (a: Dual): Dual => ({ v: Math.sin(a.v), d: Math.cos(a.v) * a.d });
export const cos = (a: Dual): Dual => ({ v: Math.cos(a.v), d: -Math.sin(a.v) * a.d });
export const sqrt = (a: Dual): Dual => ({ v: Math.sqrt(a.v), d: a.d / (2 * Math.sqrt(a.v)) });
export const exp = (a: Dual): Dual => ({ v: Math.exp(a.v), d: Math.exp(a.v) * a.d });
export const log = (a: Dual): Dual => ({ v: Math.log(a.v), d: a.d / a.v });
export const tanh = (a: Dual): Dual => {
  const v = Math.tanh(a.v);
  return { v, d: (1 - v * v) * a.d };
};
export const sigmoid = (a: Dual): Dual => {
  const v = 1 / (1 + Math.exp(-a.v));
  return { v, d: v * (1 - v) * a.d };
};
export const sumOf = (terms: readonly Dual[]): Dual => terms.reduce(add, dual(0));

/** Seeds: the values as duals, the k-th with slope 1. */
export const seeded = (values: readonly number[], k: number): Dual[] =>
  values.map((v, i) => dual(v, i === k ? 1 : 0));

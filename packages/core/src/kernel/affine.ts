import { rowMajorStrides, type Shape } from '../tensor/shape.ts';
import type { Expr, Loop } from './expr.ts';

/** `base + sum(coefficient * factor)`: an element offset or a position along an axis. */
export interface Affine {
  readonly base: number;
  readonly terms: readonly AffineTerm[];
}

export interface AffineTerm {
  readonly coefficient: number;
  /** An int32 expression: a loop variable, a checked index, or anything else. */
  readonly factor: Expr;
}

/** A position in a tensor: one offset per axis. */
export type Index = readonly Affine[];

export function affineConst(base: number): Affine {
  return { base, terms: [] };
}

export const affineZero: Affine = affineConst(0);

const loopFactors = new WeakMap<Loop, Expr>();

/** The variable of a loop as an offset. */
export function affineLoop(loop: Loop): Affine {
  let factor = loopFactors.get(loop);
  if (factor === undefined) {
    factor = { op: 'loop', type: 'int32', loop };
    loopFactors.set(loop, factor);
  }
  return { base: 0, terms: [{ coefficient: 1, factor }] };
}

/** Any int32 expression as an offset. */
export function affineOf(expr: Expr): Affine {
  if (expr.op === 'const') return affineConst(expr.value);
  if (expr.op === 'index') return expr.index;
  return { base: 0, terms: [{ coefficient: 1, factor: expr }] };
}

export function affineAdd(a: Affine, b: Affine): Affine {
  if (b.terms.length === 0) return affineShift(a, b.base);
  if (a.terms.length === 0) return affineShift(b, a.base);
  const terms = [...a.terms];
  for (const term of b.terms) {
    const at = terms.findIndex((t) => sameFactor(t.factor, term.factor));
    const old = terms[at];
    if (old === undefined) terms.push(term);
    else terms[at] = { coefficient: old.coefficient + term.coefficient, factor: old.factor };
  }
  return { base: a.base + b.base, terms: terms.filter((t) => t.coefficient !== 0) };
}

export function affineScale(a: Affine, by: number): Affine {
  if (by === 0) return affineZero;
  return {
    base: a.base * by,
    terms: a.terms.map((t) => ({ coefficient: t.coefficient * by, factor: t.factor })),
  };
}

export function affineShift(a: Affine, by: number): Affine {
  return by === 0 ? a : { base: a.base + by, terms: a.terms };
}

export function sameAffine(a: Affine, b: Affine): boolean {
  const difference = affineAdd(a, affineScale(b, -1));
  return difference.base === 0 && difference.terms.length === 0;
}

function sameFactor(a: Expr, b: Expr): boolean {
  return a === b || (a.op === 'loop' && b.op === 'loop' && a.loop === b.loop);
}

/** Inclusive bounds of a factor, where they are known. */
function factorRange(factor: Expr): [number, number] | undefined {
  if (factor.op === 'loop' && factor.loop.extent !== undefined) return [0, factor.loop.extent - 1];
  if (factor.op === 'check') return [0, factor.extent - 1];
  if (factor.op === 'binary' && factor.fn === 'rem' && factor.y.op === 'const') {
    const inner = factor.x.op === 'index' ? affineRange(factor.x.index) : undefined;
    if (inner && inner[0] >= 0) return [0, factor.y.value - 1];
  }
  if (factor.op === 'binary' && factor.fn === 'div' && factor.y.op === 'const') {
    const { value } = factor.y;
    const inner = factor.x.op === 'index' ? affineRange(factor.x.index) : undefined;
    if (inner && inner[0] >= 0) return [Math.floor(inner[0] / value), Math.floor(inner[1] / value)];
  }
  return undefined;
}

/** Inclusive bounds of an offset, where they are known. */
export function affineRange(a: Affine): [number, number] | undefined {
  let lo = a.base;
  let hi = a.base;
  for (const { coefficient, factor } of a.terms) {
    const range = factorRange(factor);
    if (range === undefined) return undefined;
    lo += Math.min(coefficient * range[0], coefficient * range[1]);
    hi += Math.max(coefficient * range[0], coefficient * range[1]);
  }
  return [lo, hi];
}

/** A lower bound of an offset; -Infinity where none is known. */
function lowerBound(a: Affine): number {
  let bound = a.base;
  for (const { coefficient, factor } of a.terms) {
    const [lo, hi] = factorRange(factor) ?? (factor.op === 'loop' ? [0, Infinity] : []);
    if (lo === undefined || hi === undefined) return -Infinity;
    bound += Math.min(coefficient * lo, coefficient * hi);
  }
  return bound;
}

/**
 * Quotient and remainder of a non-negative offset by a positive number. Terms that are whole
 * multiples leave without a division when the rest is known to lie in [0, by). A rest that is divided
 * is never negative, since division in kernels rounds towards zero.
 */
function affineDivide(a: Affine, by: number): [quotient: Affine, remainder: Affine] {
  if (by === 1) return [a, affineZero];
  const whole = a.terms.filter((t) => t.coefficient % by === 0);
  const terms = a.terms.filter((t) => t.coefficient % by !== 0);
  const base = a.base - Math.floor(a.base / by) * by;
  const lowest = lowerBound({ base, terms });
  if (lowest === -Infinity) return dividedBy(affineZero, a, by);
  const rest = { base: base + by * Math.max(0, Math.ceil(-lowest / by)), terms };
  const quotient: Affine = {
    base: (a.base - rest.base) / by,
    terms: whole.map((t) => ({ coefficient: t.coefficient / by, factor: t.factor })),
  };
  const range = affineRange(rest);
  if (range && range[1] < by) return [quotient, rest];
  return dividedBy(quotient, rest, by);
}

function dividedBy(quotient: Affine, rest: Affine, by: number): [Affine, Affine] {
  const x: Expr = { op: 'index', type: 'int32', index: rest };
  const y: Expr = { op: 'const', type: 'int32', value: by };
  const div: Expr = { op: 'binary', type: 'int32', fn: 'div', x, y };
  const rem: Expr = { op: 'binary', type: 'int32', fn: 'rem', x, y };
  return [affineAdd(quotient, affineOf(div)), affineOf(rem)];
}

/** The divisor and the dividend of a quotient or remainder that `affineDivide` made. */
function divided(factor: Expr, fn: 'div' | 'rem'): { of: Affine; by: number } | undefined {
  if (factor.op !== 'binary' || factor.fn !== fn) return undefined;
  const { x, y } = factor;
  return x.op === 'index' && y.op === 'const' ? { of: x.index, by: y.value } : undefined;
}

/** The offset with each pair of `by (a / by)` and `rem(a, by)` put together again. */
export function rejoined(a: Affine): Affine {
  for (const quotient of a.terms) {
    const whole = divided(quotient.factor, 'div');
    if (!whole) continue;
    const remainder = a.terms.find(({ coefficient, factor }) => {
      const part = divided(factor, 'rem');
      return (
        part?.by === whole.by &&
        coefficient * whole.by === quotient.coefficient &&
        sameAffine(part.of, whole.of)
      );
    });
    if (!remainder) continue;
    const others = a.terms.filter((term) => term !== quotient && term !== remainder);
    const both = affineScale(whole.of, remainder.coefficient);
    return rejoined(affineAdd({ base: a.base, terms: others }, both));
  }
  return a;
}

/** Row-major offset of a position. A checked index stays in it, for its check to be made. */
export function flattenIndex(index: Index, shape: Shape): Affine {
  const strides = rowMajorStrides(shape);
  let offset = affineZero;
  index.forEach((position, axis) => {
    if (shape[axis] !== 1 || position.terms.some(({ factor }) => factor.op === 'check'))
      offset = affineAdd(offset, affineScale(position, strides[axis] ?? 1));
  });
  return rejoined(offset);
}

/** Position of a row-major offset. */
export function unflattenIndex(offset: Affine, shape: Shape): Index {
  const index = new Array<Affine>(shape.length).fill(affineZero);
  let rest = offset;
  for (let axis = shape.length - 1; axis > 0; axis--) {
    const extent = shape[axis] ?? 1;
    if (extent === 1) continue;
    const [quotient, remainder] = affineDivide(rest, extent);
    index[axis] = remainder;
    rest = quotient;
  }
  if (shape.length > 0 && shape[0] !== 1) index[0] = rest;
  return index;
}

/** The functions of floats that kernels have, each in both precisions. */

import type { MathFunction } from '../expr.ts';
import { type LaneFunction, ofOne, ofTwo, widened } from '../lane/lane-function.ts';
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import type { Precision } from './arithmetic.ts';
import * as gammas from './digamma.ts';
import * as errors from './error-function.ts';
import * as exponentials from './exponential.ts';
import * as hyperbolics from './hyperbolic.ts';
import * as inverses from './inverse-trigonometric.ts';
import * as logGammas from './log-gamma.ts';
import * as logarithms from './logarithm.ts';
import * as logarithmsToBase from './logarithm-to-base.ts';
import * as powers from './power.ts';
import * as remainders from './remainder.ts';
import * as singles from './single.ts';
import * as singleErrors from './single-error-function.ts';
import * as singleTrigonometrics from './single-trigonometric.ts';
import * as trigonometrics from './trigonometric.ts';

/** A function of floats, by its name, and how either dtype of them is computed. */
export interface FloatFunction<Name extends MathFunction = MathFunction> {
  readonly name: Name;
  readonly float64: LaneFunction;
  readonly float32: LaneFunction;
}

type Unary = (ops: LaneOps, x: Node, precision: Precision) => Node;
type Binary = (ops: LaneOps, x: Node, y: Node, precision: Precision) => Node;

/** Most functions of float32 are computed in float64; `single` is one in float32 arithmetic. */
/* @__NO_SIDE_EFFECTS__ */
function unary<Name extends MathFunction>(
  name: Name,
  of: Unary,
  single?: (ops: LaneOps, x: Node) => Node,
): FloatFunction<Name> {
  const inDouble = (precision: Precision): LaneFunction =>
    ofOne(`${name} f64`, 'f64', (ops, x) => of(ops, x, precision));
  const float32 = `${name} f32`;
  return {
    name,
    float64: inDouble('double'),
    float32: single ? ofOne(float32, 'f32', single) : widened(float32, inDouble('single')),
  };
}

/* @__NO_SIDE_EFFECTS__ */
function binary<Name extends MathFunction>(name: Name, of: Binary): FloatFunction<Name> {
  const inDouble = (precision: Precision): LaneFunction =>
    ofTwo(`${name} f64`, 'f64', (ops, x, y) => of(ops, x, y, precision));
  return { name, float64: inDouble('double'), float32: widened(`${name} f32`, inDouble('single')) };
}

export const exp = unary('exp', exponentials.exp, singles.exp);
export const expm1 = unary('expm1', exponentials.expm1, singles.expm1);
export const log = unary('log', logarithms.log, singles.log);
export const log1p = unary('log1p', logarithms.log1p, singles.log1p);
export const log2 = unary('log2', logarithmsToBase.log2);
export const log10 = unary('log10', logarithmsToBase.log10);
export const sigmoid = unary('sigmoid', exponentials.sigmoid, singles.sigmoid);
export const tanh = unary('tanh', exponentials.tanh, singles.tanh);
export const sin = unary('sin', trigonometrics.sin, singleTrigonometrics.sin);
export const cos = unary('cos', trigonometrics.cos, singleTrigonometrics.cos);
export const tan = unary('tan', trigonometrics.tan);
export const asin = unary('asin', inverses.asin);
export const acos = unary('acos', inverses.acos);
export const atan = unary('atan', inverses.atan);
/** The angle of (x, y), of y and x. */
export const atan2 = binary('atan2', inverses.atan2);
export const sinh = unary('sinh', hyperbolics.sinh);
export const cosh = unary('cosh', hyperbolics.cosh);
export const erf = unary('erf', errors.erf, singleErrors.erf);
export const erfc = unary('erfc', errors.erfc);
export const erfinv = unary('erfinv', errors.erfinv, singleErrors.erfinv);
export const lgamma = unary('lgamma', logGammas.lgamma);
export const digamma = unary('digamma', gammas.digamma);
export const pow = binary('pow', powers.pow);
/** The remainder with the sign of the divisor. */
export const mod = binary('mod', remainders.mod);

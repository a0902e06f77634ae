import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import type { Precision } from './arithmetic.ts';
import { digamma, digammaNegative } from './digamma.ts';
import { erf, erfc, erfinv } from './error-function.ts';
import { exp, expm1, sigmoid, tanh } from './exponential.ts';
import { cosh, sinh } from './hyperbolic.ts';
import { acos, asin, atan, atan2 } from './inverse-trigonometric.ts';
import { lgamma, lgammaNegative } from './log-gamma.ts';
import { log, log1p } from './logarithm.ts';
import { log2, log10 } from './logarithm-to-base.ts';
import { pow } from './power.ts';
import { mod, remainder, remainderFar } from './remainder.ts';
import { singles } from './single.ts';
import { trigonometric, trigonometricLarge } from './trigonometric.ts';

/** A function of lanes: straight-line code over values in f64. */
export interface LaneFunction {
  readonly arity: number;
  build(ops: LaneOps, args: readonly Node[]): Node;
}

const unary = {
  exp,
  expm1,
  log,
  log1p,
  log2,
  log10,
  sigmoid,
  tanh,
  sin: trigonometric('sin'),
  cos: trigonometric('cos'),
  tan: trigonometric('tan'),
  asin,
  acos,
  atan,
  sinh,
  cosh,
  erf,
  erfc,
  erfinv,
  lgamma,
  digamma,
};

const binary = { pow, atan2, mod };

/** What the others call for arguments that are rare. */
const rare: { readonly [name: string]: LaneFunction } = {
  'lgamma negative f64': ofOne(lgammaNegative),
  'digamma negative f64': ofOne(digammaNegative),
  'remainder f64': ofTwo(remainder),
  'remainder far f64': ofTwo(remainderFar),
};

function ofOne(of: (ops: LaneOps, x: Node) => Node): LaneFunction {
  return { arity: 1, build: (ops, args) => of(ops, argument(args, 0)) };
}

function ofTwo(of: (ops: LaneOps, x: Node, y: Node) => Node): LaneFunction {
  return {
    arity: 2,
    build: (ops, args) => of(ops, argument(args, 0), argument(args, 1)),
  };
}

function argument(args: readonly Node[], i: number): Node {
  const arg = args[i];
  if (!arg) throw new Error(`A function misses argument ${i}.`);
  return arg;
}

function* all(): Generator<[name: string, definition: LaneFunction]> {
  const suffixes: readonly [string, Precision][] = [
    ['f64', 'double'],
    ['f32 in f64', 'single'],
  ];
  for (const [suffix, precision] of suffixes) {
    for (const [name, of] of Object.entries(unary)) {
      if (precision === 'single' && singles.has(`${name} f32`)) continue;
      yield [`${name} ${suffix}`, ofOne((ops, x) => of(ops, x, precision))];
    }
    for (const [name, of] of Object.entries(binary)) {
      yield [`${name} ${suffix}`, ofTwo((ops, x, y) => of(ops, x, y, precision))];
    }
  }
  for (const name of ['sin', 'cos', 'tan'] as const) {
    for (const kind of ['f64', 'f32 in f64']) {
      yield [`${name} large ${kind}`, ofOne(trigonometricLarge(name))];
    }
  }
  yield* Object.entries(rare);
}

/** By name: that of the kernel IR and the kind; a float32 function may be computed in float64. */
export const definitions: ReadonlyMap<string, LaneFunction> = new Map(all());

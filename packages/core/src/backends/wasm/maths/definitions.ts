import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import type { Precision } from './arithmetic.ts';
import { exp, expm1, sigmoid, tanh } from './exponential.ts';
import { log, log1p } from './logarithm.ts';
import { pow } from './power.ts';
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
  sigmoid,
  tanh,
  sin: trigonometric('sin'),
  cos: trigonometric('cos'),
  tan: trigonometric('tan'),
};

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
      yield [
        `${name} ${suffix}`,
        { arity: 1, build: (ops, args) => of(ops, argument(args, 0), precision) },
      ];
    }
    yield [
      `pow ${suffix}`,
      {
        arity: 2,
        build: (ops, args) => pow(ops, argument(args, 0), argument(args, 1), precision),
      },
    ];
  }
  for (const name of ['sin', 'cos', 'tan'] as const) {
    const of = trigonometricLarge(name);
    yield [`${name} large f64`, { arity: 1, build: (ops, args) => of(ops, argument(args, 0)) }];
  }
}

/** By name: that of the kernel IR and the kind; a float32 function may be computed in float64. */
export const definitions: ReadonlyMap<string, LaneFunction> = new Map(all());

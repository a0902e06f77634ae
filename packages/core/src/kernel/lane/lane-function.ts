import type { Node } from './node.ts';
import { LaneOps } from './ops.ts';

/** A function of lanes: straight-line code, printed once for each number of lanes. */
export interface LaneFunction {
  /** What tells it from others, such as `exp f32`. */
  readonly name: string;
  /** Kind of its arguments and its result. */
  readonly kind: 'f64' | 'f32';
  readonly arity: number;
  build(ops: LaneOps, args: readonly Node[]): Node;
}

/** A function of one number. */
/* @__NO_SIDE_EFFECTS__ */
export function ofOne(
  name: string,
  kind: 'f64' | 'f32',
  of: (ops: LaneOps, x: Node) => Node,
): LaneFunction {
  return { name, kind, arity: 1, build: (ops, args) => of(ops, argument(ops, args, 0)) };
}

/** A function of two numbers. */
/* @__NO_SIDE_EFFECTS__ */
export function ofTwo(
  name: string,
  kind: 'f64' | 'f32',
  of: (ops: LaneOps, x: Node, y: Node) => Node,
): LaneFunction {
  return {
    name,
    kind,
    arity: 2,
    build: (ops, args) => of(ops, argument(ops, args, 0), argument(ops, args, 1)),
  };
}

/** A function of float32 by one of float64, half a vector at a time. */
/* @__NO_SIDE_EFFECTS__ */
export function widened(name: string, { arity, build }: LaneFunction): LaneFunction {
  return {
    name,
    kind: 'f32',
    arity,
    build: (ops, args) => {
      const narrow = new LaneOps(ops.graph, ops.lanes === 1 ? 1 : 2);
      const single = (parts: readonly Node[]): Node =>
        narrow.convert(
          'f32',
          build(
            narrow,
            parts.map((part) => narrow.convert('f64', part)),
          ),
        );
      if (ops.lanes < 4) return single(args);
      const half = (upper: boolean): Node =>
        single(args.map((arg) => ops.half(ops.spread(arg), upper)));
      return ops.join(half(false), half(true));
    },
  };
}

function argument(ops: LaneOps, args: readonly Node[], i: number): Node {
  const arg = args[i];
  if (!arg) throw new Error(`A function misses argument ${i}.`);
  return ops.spread(arg);
}

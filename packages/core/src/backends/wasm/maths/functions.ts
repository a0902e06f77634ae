import { FunctionEmitter } from '../emit/function.ts';
import type { ModuleParts } from '../emit/parts.ts';
import type { FunctionBuilder } from '../encode/module.ts';
import type { Lanes, Node } from '../lane/node.ts';
import { LaneOps } from '../lane/ops.ts';
import { valueType } from '../lane/print.ts';
import { definitions, type LaneFunction } from './definitions.ts';
import { singles } from './single.ts';

function definition(name: string): LaneFunction {
  const found = singles.get(name) ?? definitions.get(name);
  if (!found) throw new Error(`There is no function ${name}.`);
  return found;
}

/** Whether a function takes and gives float32, and is computed in float64. */
function isWidened(name: string): boolean {
  return name.endsWith(' f32') && !singles.has(name);
}

/**
 * A function of the vector maths, by its name and kind, as in `exp f32`. Most functions of float32
 * are computed in float64, half a vector at a time.
 */
export function buildMath(ops: LaneOps, name: string, args: readonly Node[]): Node {
  if (!isWidened(name)) {
    return definition(name).build(
      ops,
      args.map((arg) => ops.spread(arg)),
    );
  }
  const { build } = definition(`${name} in f64`);
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
  const [lower, upper] = [false, true].map((isUpper) =>
    single(args.map((arg) => ops.half(ops.spread(arg), isUpper))),
  );
  if (!lower || !upper) throw new Error('A vector has two halves.');
  return ops.join(lower, upper);
}

/** Prints a function of lanes, and those that it calls. `register` hears of it before that. */
export function printLaneFunction(
  parts: ModuleParts,
  name: string,
  lanes: Lanes,
  register: (builder: FunctionBuilder) => void,
): FunctionBuilder {
  const kind = name.endsWith(' f32') ? 'f32' : 'f64';
  const { arity } = definition(isWidened(name) ? `${name} in f64` : name);
  const type = valueType({ kind, lanes });
  const builder = parts.module.function(new Array(arity).fill(type), [type]);
  register(builder);
  const emitter = new FunctionEmitter(parts, builder);
  const args = builder.params.map((_, number) =>
    emitter.graph.node('local', kind, lanes, [], { number }),
  );
  const result = buildMath(new LaneOps(emitter.graph, lanes), name, args);
  emitter.announce([result]);
  emitter.push(result);
  return builder;
}

import { FunctionEmitter } from '../emit/function.ts';
import type { ModuleParts } from '../emit/parts.ts';
import type { FunctionBuilder } from '../encode/module.ts';
import type { Kind, Lanes } from '../lane/node.ts';
import { LaneOps } from '../lane/ops.ts';
import { valueType } from '../lane/print.ts';
import { definitions } from './definitions.ts';

/** Prints a function of lanes, and those that it calls. `register` hears of it before that. */
export function printLaneFunction(
  parts: ModuleParts,
  name: string,
  lanes: Lanes,
  register: (builder: FunctionBuilder) => void,
): FunctionBuilder {
  const single = name.endsWith(' f32') ? definitions.get(`${name} in f64`) : undefined;
  const definition = single ?? definitions.get(name);
  if (!definition) throw new Error(`There is no function ${name}.`);
  const kind: Kind = single ? 'f32' : definition.kind;
  const type = valueType({ kind, lanes });
  const builder = parts.module.function(new Array(definition.arity).fill(type), [type]);
  register(builder);
  if (single) {
    printSingle(parts, builder, `${name} in f64`, lanes);
  } else {
    const emitter = new FunctionEmitter(parts, builder);
    const args = builder.params.map((_, number) =>
      emitter.graph.node('local', kind, lanes, [], { number }),
    );
    const result = definition.build(new LaneOps(emitter.graph, lanes), args);
    emitter.announce([result]);
    emitter.push(result);
  }
  return builder;
}

/** A float32 function that is computed in float64: both halves of a vector, one after the other. */
function printSingle(
  parts: ModuleParts,
  builder: FunctionBuilder,
  name: string,
  lanes: Lanes,
): void {
  const { code } = builder;
  const high = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
  const half = (upper: boolean): void => {
    builder.params.forEach((_, i) => {
      code.get(i);
      if (upper) {
        code.get(i);
        code.shuffle(high);
      }
      code.op(lanes === 1 ? 'f64.promote_f32' : 'f64x2.promote_low_f32x4');
    });
    code.call(parts.laneFunction(name, lanes === 1 ? 1 : 2));
    code.op(lanes === 1 ? 'f32.demote_f64' : 'f32x4.demote_f64x2_zero');
  };
  half(false);
  if (lanes < 4) return;
  half(true);
  code.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
}

import type { LaneFunction } from '../../../kernel/lane/lane-function.ts';
import type { Lanes } from '../../../kernel/lane/node.ts';
import { LaneOps } from '../../../kernel/lane/ops.ts';
import type { FunctionBuilder } from '../encode/module.ts';
import { valueType } from '../lane/print.ts';
import { FunctionEmitter } from './function.ts';
import type { ModuleParts } from './parts.ts';

/** Prints a function of lanes, and those that it calls. `register` hears of it before that. */
export function printLaneFunction(
  parts: ModuleParts,
  { kind, arity, build }: LaneFunction,
  lanes: Lanes,
  register: (builder: FunctionBuilder) => void,
): FunctionBuilder {
  const type = valueType({ kind, lanes });
  const builder = parts.module.function(new Array(arity).fill(type), [type]);
  register(builder);
  const emitter = new FunctionEmitter(parts, builder);
  const args = builder.params.map((_, number) =>
    emitter.graph.node('local', kind, lanes, [], { number }),
  );
  const result = build(new LaneOps(emitter.graph, lanes), args);
  emitter.announce([result]);
  emitter.push(result);
  return builder;
}

import { primitiveOf } from '../primitives/define.ts';
import type { HostStep } from './level.ts';
import type { Scope } from './place.ts';

/** A call of JavaScript with the places of its operands and results. */
export function placeHost(scope: Scope, { equation }: HostStep): void {
  const { writer } = scope;
  const { operation, inputs, outputs, params } = equation;
  const { host } = primitiveOf(operation);
  if (host === undefined) throw new Error(`${operation.name} says not what it does.`);
  const args = inputs.map((input) => scope.placeOf(input));
  const results = outputs.map((output) => scope.placeResult(output, 'host'));
  const call = writer.hosts.length;
  writer.hosts.push({
    operation: operation.name,
    operands: inputs.map(({ type }) => type),
    results: outputs.map(({ type }) => type),
    run: (operands) => host(operands, params),
  });
  writer.write({ do: 'host', operation: operation.name, call, args, results }, ...args, ...results);
  outputs.forEach((output, i) => {
    const place = results[i];
    if (place) scope.define(output, place);
  });
}

import type { Expr } from '../kernel/expr.ts';
import { compare, constant } from '../kernel/scalars.ts';
import { type Statement, stackDescriptorBytes } from '../kernel/statement.ts';
import type { LoopStep } from './level.ts';
import type { Scope } from './place.ts';

/** A choice as nested `if`s around the statements of its branches; the last one stands alone. */
export function placeSwitch(scope: Scope, step: LoopStep): void {
  const { equation, branches = [] } = step;
  const [index, ...args] = equation.inputs;
  if (index === undefined) throw new Error('A choice has no index.');
  const { writer } = scope;
  const local = writer.local('branch');
  const chosen: Expr = { op: 'local', type: 'int32', local };
  writer.write({ do: 'set', local, value: writer.scalar(scope.placeOf(index), 'int32') });
  const given = args.map((arg) => scope.placeOf(arg));
  const results = equation.outputs.map((output) => {
    const place = scope.placeResult(output, 'chosen');
    if (output.type.kind === 'stack') {
      writer.write({ do: 'zero', at: place, bytes: stackDescriptorBytes }, place);
    }
    return place;
  });
  for (const place of results) writer.workspace.touch(place);
  const bodies = branches.map((branch) =>
    writer.collect(() => scope.inside(branch, given).run(results)),
  );
  const last = bodies.length - 1;
  const choice = bodies.reduceRight<readonly Statement[]>(
    (rest, body, i) =>
      i === last
        ? body
        : [
            {
              do: 'if',
              condition: compare('le', chosen, constant('int32', i)),
              // biome-ignore lint/suspicious/noThenProperty: a statement is never awaited.
              then: body,
              else: rest,
            },
          ],
    [],
  );
  for (const statement of choice) writer.write(statement, ...given, ...results);
  equation.outputs.forEach((output, i) => {
    const place = results[i];
    if (place) scope.define(output, place);
  });
}

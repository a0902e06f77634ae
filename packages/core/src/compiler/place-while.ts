import { affineOf } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary, compare, constant } from '../kernel/scalars.ts';
import { tensorType } from '../tensor/type.ts';
import type { LoopStep } from './level.ts';
import { whileParams } from './loop-equations.ts';
import type { Scope } from './place.ts';
import { elementsFor, LoopBody } from './place-loop.ts';

/** A loop of unknown length as a `while` around the statements of its condition and body. */
export function placeWhile(scope: Scope, step: LoopStep): void {
  const { equation, body, cond } = step;
  const params = whileParams(equation);
  if (params === undefined || cond === undefined) throw new Error('unreachable');
  const { writer } = scope;
  const { condConsts, bodyConsts, carry, maxSteps } = params;
  const places = equation.inputs.slice(0, condConsts + bodyConsts).map((c) => scope.placeOf(c));
  const ys = equation.outputs.slice(carry + 1).map((result, i) => {
    const output = body.program.outputs[carry + i];
    if (output === undefined) throw new Error('A while has more ys than its body gives.');
    return elementsFor(scope, result, output.type);
  });
  const loopBody = new LoopBody(scope, step);
  const nexts = loopBody.nexts(body, bodyConsts);
  const local = writer.local('steps');
  const steps: Expr = { op: 'local', type: 'int32', local };
  writer.write({ do: 'set', local, value: constant('int32', 0) });
  const flag = writer.allocate('condition', tensorType('bool', []));

  writer.workspace.enterLoop();
  let condition: Expr = constant('bool', 0);
  const before = writer.collect(() => {
    scope.inside(cond, [...places.slice(0, condConsts), ...loopBody.carry]).run([flag]);
    condition = writer.scalar(flag, 'bool');
  });
  const statements = writer.collect(() => {
    if (maxSteps !== null) {
      const site = writer.sites.of(equation, 'maxSteps', maxSteps);
      writer.write({
        do: 'if',
        condition: compare('ge', steps, constant('int32', maxSteps)),
        // biome-ignore lint/suspicious/noThenProperty: a statement is never awaited.
        then: [{ do: 'fail', site, detail: steps }],
        else: [],
      });
    }
    const index = affineOf(steps);
    loopBody.write(
      body,
      places.slice(condConsts),
      [],
      ys.map((y) => y.at(index)),
      nexts,
    );
    writer.write({ do: 'set', local, value: binary('add', steps, constant('int32', 1)) });
  });
  for (const place of loopBody.carry) writer.workspace.touch(place);
  writer.workspace.exitLoop();
  writer.write({ do: 'while', before, condition, body: statements }, ...loopBody.carry);
  for (const y of ys) y.finish();
  loopBody.finish(equation.outputs);

  const count = equation.outputs[carry];
  if (count === undefined) throw new Error('A while has no step count.');
  const place = writer.allocate('steps', count.type);
  writer.write({ do: 'store', buffer: place.buffer, index: place.offset, value: steps }, place);
  scope.define(count, place);
}

import { type Affine, affineConst, affineLoop, affineOf } from '../kernel/affine.ts';
import type { Expr, Loop } from '../kernel/expr.ts';
import type { Statement } from '../kernel/statement.ts';
import type { LoopStep } from './level.ts';
import { scanParams } from './loop-equations.ts';
import type { Scope } from './place.ts';
import { elementsFor, elementsOf, LoopBody } from './place-loop.ts';
import { fromTheEnd } from './pointers.ts';

/** A scan as a `for` around the statements of its body. */
export function placeScan(scope: Scope, step: LoopStep): void {
  const { equation, body } = step;
  const params = scanParams(equation);
  if (params === undefined) throw new Error('unreachable');
  const { writer } = scope;
  const { consts, carry, reverse } = params;
  const first = Number(params.length === null);
  const loop: Loop = { name: 't', extent: params.length ?? undefined };
  let count: Expr | undefined;
  if (params.length === null) {
    const [operand] = equation.inputs;
    if (operand === undefined) throw new Error('A scan of unknown length has no count.');
    const local = writer.local('count');
    writer.write({ do: 'set', local, value: writer.scalar(scope.placeOf(operand), 'int32') });
    count = { op: 'local', type: 'int32', local };
  }
  const length: Affine = count ? affineOf(count) : affineConst(params.length ?? 0);
  const index = reverse ? fromTheEnd(length, affineLoop(loop)) : affineLoop(loop);

  const { inputs, outputs } = body.program;
  const constPlaces = equation.inputs.slice(first, first + consts).map((c) => scope.placeOf(c));
  const xs = equation.inputs.slice(first + consts + carry).map((operand, i) => {
    const input = inputs[consts + carry + i];
    if (input === undefined) throw new Error('A scan has more xs than its body takes.');
    return elementsOf(scope, operand, input.type);
  });
  const ys = equation.outputs.slice(carry).map((result, i) => {
    const output = outputs[carry + i];
    if (output === undefined) throw new Error('A scan has more ys than its body gives.');
    return elementsFor(scope, result, output.type);
  });
  const loopBody = new LoopBody(scope, step);
  const nexts = loopBody.nexts(body, consts);
  writer.workspace.enterLoop();
  const statements = writer.collect(() => {
    loopBody.write(
      body,
      constPlaces,
      xs.map((x) => x.at(index)),
      ys.map((y) => y.at(index)),
      nexts,
    );
  });
  for (const place of loopBody.carry) writer.workspace.touch(place);
  writer.workspace.exitLoop();
  const statement: Statement = { do: 'for', loop, parallel: false, body: statements };
  writer.write(count ? { ...statement, count } : statement, ...loopBody.carry);
  for (const y of ys) y.finish();
  loopBody.finish(equation.outputs);
}

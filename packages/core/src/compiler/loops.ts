import type { Equation, Program } from '../program/program.ts';
import { joinScans } from './join-scans.ts';
import type { Level, LoopStep } from './level.ts';
import type { LoopCompiler } from './loop-compiler.ts';
import { scanParams, switchParams, whileParams } from './loop-equations.ts';
import type { Scope } from './place.ts';
import { placeScan } from './place-scan.ts';
import { placeSwitch } from './place-switch.ts';
import { placeWhile } from './place-while.ts';
import { rewriteLoop } from './rewrite-loop.ts';
import { shrinkLoop } from './shrink-loop.ts';
import { thinResiduals } from './thin-residuals.ts';

/** Compiles the loops and choices of `flow`. */
export const loops: LoopCompiler = {
  rewrite: rewriteLoop,
  shrink: shrinkLoop,
  joinScans,
  thinResiduals,
  build,
  place,
};

function build(equation: Equation, levelOf: (program: Program) => Level): LoopStep {
  const scan = scanParams(equation);
  if (scan) return { kind: 'loop', equation, body: levelOf(scan.body) };
  const choice = switchParams(equation);
  if (choice) {
    const branches = choice.branches.map(levelOf);
    const [body] = branches;
    if (body === undefined) throw new Error('A choice has no branches.');
    return { kind: 'loop', equation, body, branches };
  }
  const loop = whileParams(equation);
  if (loop === undefined) throw new Error(`${equation.operation.name} is not a loop.`);
  return { kind: 'loop', equation, body: levelOf(loop.body), cond: levelOf(loop.cond) };
}

function place(scope: Scope, step: LoopStep): void {
  if (scanParams(step.equation)) placeScan(scope, step);
  else if (whileParams(step.equation)) placeWhile(scope, step);
  else placeSwitch(scope, step);
}

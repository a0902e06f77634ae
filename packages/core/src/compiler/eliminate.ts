import { hasEffect } from '../program/effects.ts';
import type { Atom, Equation, Program, Var } from '../program/program.ts';
import { loopCompiler } from './loop-compiler.ts';
import { isLoop } from './loop-equations.ts';

/**
 * Drops equations that no output needs, and likewise inputs, carries and outputs of loops. What acts
 * on the world stays.
 */
export function eliminate(program: Program): Program {
  const needed = new Set<Var>();
  const need = (atoms: readonly Atom[]): void => {
    for (const atom of atoms) if (atom.kind === 'var') needed.add(atom);
  };
  need(program.outputs);
  const kept: Equation[] = [];
  for (const equation of program.equations.toReversed()) {
    if (!hasEffect(equation) && !equation.outputs.some((output) => needed.has(output))) continue;
    const rest = isLoop(equation) ? loopCompiler().shrink(equation, needed) : equation;
    need(rest.inputs);
    kept.push(rest);
  }
  return { inputs: program.inputs, equations: kept.reverse(), outputs: program.outputs };
}

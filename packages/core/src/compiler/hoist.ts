import { primitiveOf } from '../primitives/define.ts';
import { hasEffect } from '../program/effects.ts';
import type { Atom, Equation, Var } from '../program/program.ts';
import { sizeOf } from '../tensor/shape.ts';
import { fromSourceOf } from '../trace/trace.ts';
import { isLoop } from './loop-equations.ts';
import { probe } from './probe.ts';
import type { Rewriter } from './rewrite.ts';

/** What became of the equations of a loop body. */
export interface Hoisted {
  /** Those that stay. */
  readonly equations: readonly Equation[];
  /** Inputs that the rest of the body gained, and the values of the level outside for them. */
  readonly gained: ReadonlyMap<Var, Atom>;
  /** The value of an atom outside the loop, when it is the same in each step. */
  outside(atom: Atom): Atom | undefined;
}

/**
 * Moves equations that depend on the constants of a loop alone to the level around it. Index
 * arithmetic stays, since it costs nothing where it is read and would be stored outside; so does
 * cheap arithmetic that makes an array from less. What may fail moves only when the loop is known
 * to run (`runs`), and what acts on the world never does.
 */
export function hoist(
  outer: Rewriter,
  equations: readonly Equation[],
  constants: ReadonlyMap<Atom, Atom>,
  outputs: readonly Atom[],
  runs: boolean,
): Hoisted {
  const values = new Map<Atom, Atom>(constants);
  const invariant = new Map<Var, Equation>();
  const isInvariant = (atom: Atom): boolean =>
    atom.kind === 'literal' || constants.has(atom) || invariant.has(atom);
  const baseSizes = new Map<Atom, number>();
  const baseSize = (atom: Atom): number => baseSizes.get(atom) ?? elements(atom);

  const outside = (atom: Atom): Atom | undefined => {
    if (atom.kind === 'literal') return atom;
    const known = values.get(atom);
    if (known) return known;
    const equation = invariant.get(atom);
    if (equation === undefined) return undefined;
    const inputs = equation.inputs.flatMap((input) => outside(input) ?? []);
    const { operation, params, outputs } = equation;
    const results = fromSourceOf(equation, () => outer.apply(operation, inputs, params, outputs));
    equation.outputs.forEach((output, i) => {
      const result = results[i];
      if (result) values.set(output, result);
    });
    return values.get(atom);
  };

  const moved = new Set<Var>();
  const rest: Equation[] = [];
  for (const equation of equations) {
    const stays =
      !equation.inputs.every(isInvariant) || hasEffect(equation) || (!runs && mayFail(equation));
    if (!stays) {
      for (const output of equation.outputs) invariant.set(output, equation);
      if (isWorthwhile(equation, baseSize)) {
        for (const output of equation.outputs) moved.add(output);
        continue;
      }
      const base = Math.max(0, ...equation.inputs.map(baseSize));
      for (const output of equation.outputs) baseSizes.set(output, base);
    }
    rest.push(equation);
  }
  const gained = new Map<Var, Atom>();
  const gain = (atom: Atom): void => {
    if (atom.kind === 'literal' || !moved.has(atom) || gained.has(atom)) return;
    const value = outside(atom);
    if (value) gained.set(atom, value);
  };
  for (const { inputs } of rest) inputs.forEach(gain);
  outputs.forEach(gain);
  return { equations: rest, gained, outside };
}

function elements({ type }: Atom): number {
  return type.kind === 'tensor' ? sizeOf(type.shape) : Number.POSITIVE_INFINITY;
}

function isWorthwhile(equation: Equation, baseSize: (atom: Atom) => number): boolean {
  const lowering = isLoop(equation) ? undefined : primitiveOf(equation.operation).lower;
  if (lowering === undefined || lowering.kind === 'nest' || lowering.cost === 'math') return true;
  if (lowering.cost === 'view') return false;
  const size = Math.max(...equation.outputs.map(elements));
  return equation.inputs.some((input) => baseSize(input) >= size);
}

function mayFail(equation: Equation): boolean {
  return !primitiveOf(equation.operation).lower || probe(equation).mayFail;
}

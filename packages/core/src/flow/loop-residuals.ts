/**
 * What a loop saves for its derivative. Of the residuals of one step, those that are inputs of the
 * loop, or depend on its constants alone, are the same in each step and are not collected; the
 * others are collected as additional ys of the loop.
 */

import type { Atom, Equation, Program, Var } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { evaluateProgram } from '../trace/trace.ts';
import { type LinearizedProgram, linearizeProgram } from '../transforms/linearize-program.ts';

/** Inputs of a loop body by their part. */
export interface BodyParts<T> {
  readonly consts: readonly T[];
  readonly carry: readonly T[];
  readonly xs: readonly T[];
}

/** A loop body taken apart for its derivative. */
export interface LoopLinearization {
  /** `[...captures, ...consts, ...carry, ...x] -> [...carry, ...y, ...collected residuals]`. */
  readonly primal: Program;
  /** Values that derivative rules closed over: further constants of the loop. */
  readonly captures: readonly Tensor[];
  /** Number of collected residuals. */
  readonly collected: number;
  /** Residuals that are the same in each step. */
  readonly invariant: readonly Tensor[];
  /** Which xs are residuals themselves. */
  readonly reusedXs: readonly number[];
  /** Which carries have a tangent. */
  readonly activeCarry: readonly boolean[];
  /** Which ys have a tangent. */
  readonly activeYs: readonly boolean[];
  /**
   * `[...invariant, ...d active consts, ...d active carry, ...collected, ...reused x, ...d active x]
   * -> [...d active carry, ...d active y]`.
   */
  readonly linear: Program;
}

/** Linearizes the body of a loop with the carries active that become so in any step. */
export function linearizeStep(
  body: Program,
  active: BodyParts<boolean>,
): { parts: LinearizedProgram; activeCarry: readonly boolean[] } {
  const carries = active.carry.length;
  let activeCarry = [...active.carry];
  for (;;) {
    const flags = [...active.consts, ...activeCarry, ...active.xs];
    const parts = linearizeProgram(body, flags, activeCarry);
    const next = parts.active.slice(0, carries);
    if (next.every((a, i) => a === activeCarry[i])) return { parts, activeCarry };
    activeCarry = activeCarry.map((a, i) => a || next[i] === true);
  }
}

/**
 * The step itself, of `[...captures, ...consts, ...carry, ...x]`, as its linearization computes it: a
 * function with a rule of its own may be computed in another way where it is differentiated.
 */
export function stepOf({ primal }: LinearizedProgram, results: number): Program {
  return { ...primal, outputs: primal.outputs.slice(0, results) };
}

/** Linearizes a loop body; carries become active until a fixed point is reached. */
export function linearizeBody(
  body: Program,
  consts: readonly Tensor[],
  active: BodyParts<boolean>,
): LoopLinearization {
  const carries = active.carry.length;
  const { parts, activeCarry } = linearizeStep(body, active);
  const { primal, linear, captures } = parts;
  const fixed = [...captures, ...consts];
  const isConst = new Set<Atom>(primal.inputs.slice(0, fixed.length));
  const xVars = primal.inputs.slice(fixed.length + carries);
  const results = primal.outputs.slice(0, body.outputs.length);
  const residuals = primal.outputs.slice(body.outputs.length);
  const fixedVars = invariantVars(primal, isConst);

  const invariantAt: number[] = [];
  const reusedAt: number[] = [];
  const reusedXs: number[] = [];
  const collectedAt: number[] = [];
  residuals.forEach((residual, i) => {
    const x = residual.kind === 'var' ? xVars.indexOf(residual) : -1;
    if (residual.kind === 'literal' || fixedVars.has(residual)) invariantAt.push(i);
    else if (x >= 0) {
      reusedAt.push(i);
      reusedXs.push(x);
    } else collectedAt.push(i);
  });

  const inputs = linear.inputs;
  const count = (flags: readonly boolean[]): number => flags.filter(Boolean).length;
  const dConsts = parts.residuals + count(active.consts);
  const dCarry = dConsts + count(activeCarry);
  const pick = (at: readonly number[]): Var[] => at.flatMap((i) => inputs[i] ?? []);
  return {
    primal: {
      inputs: primal.inputs,
      equations: primal.equations,
      outputs: [...results, ...collectedAt.flatMap((i) => residuals[i] ?? [])],
    },
    captures,
    collected: collectedAt.length,
    invariant: evaluateInvariants(
      primal,
      fixed,
      fixedVars,
      invariantAt.flatMap((i) => residuals[i] ?? []),
    ),
    reusedXs,
    activeCarry,
    activeYs: parts.active.slice(carries),
    linear: {
      inputs: [
        ...pick(invariantAt),
        ...inputs.slice(parts.residuals, dConsts),
        ...inputs.slice(dConsts, dCarry),
        ...pick(collectedAt),
        ...pick(reusedAt),
        ...inputs.slice(dCarry),
      ],
      equations: linear.equations,
      outputs: linear.outputs,
    },
  };
}

/** Variables that depend on the constants alone. */
function invariantVars(program: Program, consts: ReadonlySet<Atom>): Set<Atom> {
  const invariant = new Set(consts);
  for (const { inputs, outputs } of program.equations) {
    if (inputs.every((input) => input.kind === 'literal' || invariant.has(input))) {
      for (const output of outputs) invariant.add(output);
    }
  }
  return invariant;
}

function evaluateInvariants(
  program: Program,
  consts: readonly Tensor[],
  invariant: ReadonlySet<Atom>,
  wanted: readonly Atom[],
): readonly Tensor[] {
  if (wanted.length === 0) return [];
  const needed = new Set<Atom>(wanted);
  const equations: Equation[] = [];
  for (const equation of program.equations.toReversed()) {
    if (!equation.outputs.some((output) => needed.has(output) && invariant.has(output))) continue;
    equations.unshift(equation);
    for (const input of equation.inputs) needed.add(input);
  }
  const inputs = program.inputs.slice(0, consts.length);
  return evaluateProgram({ inputs, equations, outputs: wanted }, consts);
}

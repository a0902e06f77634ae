import { hasEffect } from '../program/effects.ts';
import type { ScanParams, SwitchParams, WhileParams } from '../program/loops.ts';
import type { Atom, Equation, Program, Var } from '../program/program.ts';
import { eliminate } from './eliminate.ts';
import { scanParams, switchParams, whileParams } from './loop-equations.ts';

/** A loop or a choice without the inputs, carries and results that no `needed` result depends on. */
export function shrinkLoop(equation: Equation, needed: ReadonlySet<Var>): Equation {
  const scan = scanParams(equation);
  if (scan) return shrinkScan(equation, scan, needed);
  const loop = whileParams(equation);
  if (loop) return shrinkWhile(equation, loop, needed);
  const choice = switchParams(equation);
  return choice ? shrinkSwitch(equation, choice, needed) : equation;
}

/** Inputs of a loop's Programs that its needed results, and what acts on the world, depend on. */
function reach(
  bodies: readonly Program[],
  start: readonly Atom[],
  nextOf: ReadonlyMap<Var, readonly Atom[]>,
): Set<Var> {
  const makers = new Map<Var, Equation>();
  for (const { equations } of bodies) {
    for (const equation of equations) {
      for (const output of equation.outputs) makers.set(output, equation);
    }
  }
  const seen = new Set<Var>();
  const acting = bodies.flatMap(({ equations }) => equations.filter(hasEffect));
  const pending = [...start, ...acting.flatMap(({ inputs }) => inputs)];
  for (let atom = pending.pop(); atom; atom = pending.pop()) {
    if (atom.kind === 'literal' || seen.has(atom)) continue;
    seen.add(atom);
    pending.push(...(makers.get(atom)?.inputs ?? nextOf.get(atom) ?? []));
  }
  return seen;
}

function shrinkScan(equation: Equation, params: ScanParams, needed: ReadonlySet<Var>): Equation {
  const { body, consts, carry, length } = params;
  const first = Number(length === null);
  const nextOf = new Map<Var, readonly Atom[]>();
  const carries = body.inputs.slice(consts, consts + carry);
  carries.forEach((input, i) => {
    nextOf.set(input, body.outputs.slice(i, i + 1));
  });
  const wanted = equation.outputs.map((output) => needed.has(output));
  const seen = reach(
    [body],
    body.outputs.filter((_, i) => wanted[i]),
    nextOf,
  );
  const isKept = (i: number): boolean => {
    const input = carries[i];
    return i < carry
      ? wanted[i] === true || (input !== undefined && seen.has(input))
      : wanted[i] === true;
  };
  const keepInput = body.inputs.map((input, i) =>
    i >= consts && i < consts + carry ? isKept(i - consts) : seen.has(input),
  );
  const keepOutput = body.outputs.map((_, i) => isKept(i));
  const count = (flags: readonly boolean[]): number => flags.filter(Boolean).length;
  const inner = eliminate({
    inputs: body.inputs.filter((_, i) => keepInput[i]),
    equations: body.equations,
    outputs: body.outputs.filter((_, i) => keepOutput[i]),
  });
  return {
    ...equation,
    inputs: equation.inputs.filter((_, i) => i < first || keepInput[i - first]),
    outputs: equation.outputs.filter((_, i) => keepOutput[i]),
    params: {
      ...params,
      body: inner,
      consts: count(keepInput.slice(0, consts)),
      carry: count(keepOutput.slice(0, carry)),
    } satisfies ScanParams,
  };
}

function shrinkWhile(equation: Equation, params: WhileParams, needed: ReadonlySet<Var>): Equation {
  const { cond, body, condConsts, bodyConsts, carry } = params;
  const nextOf = new Map<Var, readonly Atom[]>();
  const bodyCarries = body.inputs.slice(bodyConsts);
  const condCarries = cond.inputs.slice(condConsts);
  bodyCarries.forEach((input, i) => {
    nextOf.set(input, body.outputs.slice(i, i + 1));
  });
  condCarries.forEach((input, i) => {
    nextOf.set(input, bodyCarries.slice(i, i + 1));
  });
  const wantedCarry = equation.outputs.slice(0, carry).map((output) => needed.has(output));
  const wantedYs = equation.outputs.slice(carry + 1).map((output) => needed.has(output));
  const wanted = [...wantedCarry, ...wantedYs];
  const seen = reach(
    [cond, body],
    [...cond.outputs, ...body.outputs.filter((_, i) => wanted[i])],
    nextOf,
  );
  const keepCarry = bodyCarries.map((input, i) => wantedCarry[i] === true || seen.has(input));
  const keepConst = [...cond.inputs.slice(0, condConsts), ...body.inputs.slice(0, bodyConsts)].map(
    (input) => seen.has(input),
  );
  const count = (flags: readonly boolean[]): number => flags.filter(Boolean).length;
  const keptConds = keepConst.slice(0, condConsts);
  const keptBodies = keepConst.slice(condConsts);
  return {
    ...equation,
    inputs: equation.inputs.filter((_, i) => [...keepConst, ...keepCarry][i]),
    outputs: equation.outputs.filter((_, i) => [...keepCarry, true, ...wantedYs][i]),
    params: {
      ...params,
      cond: eliminate({
        ...cond,
        inputs: cond.inputs.filter((_, i) => [...keptConds, ...keepCarry][i]),
      }),
      body: eliminate({
        inputs: body.inputs.filter((_, i) => [...keptBodies, ...keepCarry][i]),
        equations: body.equations,
        outputs: body.outputs.filter((_, i) => [...keepCarry, ...wantedYs][i]),
      }),
      condConsts: count(keptConds),
      bodyConsts: count(keptBodies),
      carry: count(keepCarry),
    } satisfies WhileParams,
  };
}

function shrinkSwitch(
  equation: Equation,
  { branches }: SwitchParams,
  needed: ReadonlySet<Var>,
): Equation {
  const isWanted = (_: unknown, i: number): boolean => {
    const output = equation.outputs[i];
    return output !== undefined && needed.has(output);
  };
  const shrunk = branches.map((branch) =>
    eliminate({ ...branch, outputs: branch.outputs.filter(isWanted) }),
  );
  const used = branches[0]?.inputs.map((_, i) =>
    shrunk.some(({ inputs, equations, outputs }) => {
      const input = inputs[i];
      return (
        input !== undefined &&
        (outputs.includes(input) || equations.some((inner) => inner.inputs.includes(input)))
      );
    }),
  );
  return {
    ...equation,
    inputs: equation.inputs.filter((_, i) => i === 0 || used?.[i - 1] === true),
    outputs: equation.outputs.filter(isWanted),
    params: {
      branches: shrunk.map((branch) => ({
        ...branch,
        inputs: branch.inputs.filter((_, i) => used?.[i] === true),
      })),
    } satisfies SwitchParams,
  };
}

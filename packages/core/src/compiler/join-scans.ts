/**
 * A loop over what another loop collects becomes one loop with it, where both go the same way and the
 * second needs nothing else of the first. Such pairs come from forward mode: a loop is linearized
 * into itself, which collects residuals, and a loop over these. As one loop it stores no residual,
 * takes memory that does not grow with the number of steps, and computes once what both have in
 * common.
 */

import { hasEffect } from '../program/effects.ts';
import type { ScanParams } from '../program/loops.ts';
import {
  type Atom,
  type Equation,
  newVar,
  type Params,
  type Program,
  subprograms,
  type Var,
} from '../program/program.ts';
import { isLoop, scanParams } from './loop-equations.ts';

/** Pairs that are looked at in one straight line, at most, since each look goes through it. */
const mostPairs = 64;

/** Joins loops, those in bodies of loops first. */
export function joinScans(program: Program): Program {
  let equations = program.equations.some(isLoop)
    ? program.equations.map(joinInside)
    : program.equations;
  const tried = new Set<Equation>();
  for (let pairs = 0; pairs < mostPairs; pairs++) {
    const pair = nextPair(equations, tried);
    if (!pair) break;
    const joined = joinPair(equations, pair);
    if (joined) equations = joined;
    else tried.add(pair.second);
  }
  return equations === program.equations ? program : { ...program, equations };
}

function joinInside(equation: Equation): Equation {
  if (!isLoop(equation)) return equation;
  const bodies = new Map(subprograms(equation.params).map((body) => [body, joinScans(body)]));
  if ([...bodies].every(([before, after]) => before === after)) return equation;
  const replaced = (value: unknown): unknown => {
    for (const [before, after] of bodies) if (value === before) return after;
    return Array.isArray(value) ? value.map(replaced) : value;
  };
  const params: Params = Object.fromEntries(
    Object.entries(equation.params).map(([name, value]) => [name, replaced(value)]),
  );
  return { ...equation, params };
}

interface Pair {
  readonly first: Equation;
  readonly second: Equation;
}

/** A scan that takes elements which another one collects, if they go side by side. */
function nextPair(equations: readonly Equation[], tried: ReadonlySet<Equation>): Pair | undefined {
  const collectors = new Map<Atom, Equation>();
  for (const equation of equations) {
    const params = scanParams(equation);
    if (!params) continue;
    if (!tried.has(equation)) {
      for (const x of partsOf(equation, params).xs) {
        const first = collectors.get(x);
        if (first && goTogether(first, equation)) return { first, second: equation };
      }
    }
    for (const y of equation.outputs.slice(params.carry)) collectors.set(y, equation);
  }
  return undefined;
}

function goTogether(first: Equation, second: Equation): boolean {
  const [a, b] = [scanParams(first), scanParams(second)];
  if (!a || !b || hasEffect(first) || hasEffect(second)) return false;
  const sameCount = a.length !== null || first.inputs[0] === second.inputs[0];
  return a.length === b.length && a.reverse === b.reverse && sameCount;
}

interface Parts<T> {
  readonly count: readonly T[];
  readonly consts: readonly T[];
  readonly carry: readonly T[];
  readonly xs: readonly T[];
}

function partsOf({ inputs }: Equation, { consts, carry, length }: ScanParams): Parts<Atom> {
  const from = Number(length === null);
  return { count: inputs.slice(0, from), ...split(inputs.slice(from), consts, carry) };
}

function split<T>(inputs: readonly T[], consts: number, carry: number): Omit<Parts<T>, 'count'> {
  return {
    consts: inputs.slice(0, consts),
    carry: inputs.slice(consts, consts + carry),
    xs: inputs.slice(consts + carry),
  };
}

/**
 * The equations with the pair as one loop, in place of the second. What depends on the first, or acts
 * on the world after what does, follows it; undefined where the second does, other than by the
 * elements that it takes.
 */
function joinPair(equations: readonly Equation[], { first, second }: Pair): Equation[] | undefined {
  const [from, to] = [equations.indexOf(first), equations.indexOf(second)];
  const after = new Set<Atom>(first.outputs);
  const [before, behind]: [Equation[], Equation[]] = [[], []];
  let acts = false;
  for (const equation of equations.slice(from + 1, to)) {
    const acting = hasEffect(equation);
    if (!(acting && acts) && !equation.inputs.some((input) => after.has(input))) {
      before.push(equation);
      continue;
    }
    acts ||= acting;
    behind.push(equation);
    for (const output of equation.outputs) after.add(output);
  }
  const params = scanParams(second);
  const firstParams = scanParams(first);
  if (!params || !firstParams) return undefined;
  const collected = new Set<Atom>(first.outputs.slice(firstParams.carry));
  const { count, consts, carry, xs } = partsOf(second, params);
  const own = [...count, ...consts, ...carry, ...xs.filter((x) => !collected.has(x))];
  if (own.some((input) => after.has(input))) return undefined;
  const joint = jointScan(first, firstParams, second, params);
  return [...equations.slice(0, from), ...before, joint, ...behind, ...equations.slice(to + 1)];
}

function jointScan(first: Equation, a: ScanParams, second: Equation, b: ScanParams): Equation {
  const [one, two] = [partsOf(first, a), partsOf(second, b)];
  const [inOne, inTwo] = [a, b].map(({ body, consts, carry }) => split(body.inputs, consts, carry));
  if (!inOne || !inTwo) throw new Error('unreachable');
  const [carryOne, ysOne] = halves(a.body.outputs, a.carry);
  const [resultsOne, collected] = halves(first.outputs, a.carry);
  // The bodies may be one Program; the values of the second become others.
  const renamed = new Map<Atom, Atom>();
  const fresh = (v: Var): Var => {
    const copy = newVar(v.type);
    renamed.set(v, copy);
    return copy;
  };
  const kept: { readonly operand: Atom; readonly input: Var }[] = [];
  inTwo.xs.forEach((input, i) => {
    const operand = two.xs[i];
    const y = operand?.kind === 'var' ? ysOne[collected.indexOf(operand)] : undefined;
    if (y) renamed.set(input, y);
    else if (operand) kept.push({ operand, input: fresh(input) });
  });
  const constsTwo = inTwo.consts.map(fresh);
  const carryInTwo = inTwo.carry.map(fresh);
  const read = (atom: Atom): Atom => renamed.get(atom) ?? atom;
  const equations = b.body.equations.map((equation) => ({
    ...equation,
    inputs: equation.inputs.map(read),
    outputs: equation.outputs.map(fresh),
  }));
  const [carryTwo, ysTwo] = halves(b.body.outputs.map(read), b.carry);
  const [resultsTwo, collectedTwo] = halves(second.outputs, b.carry);
  const body: Program = {
    inputs: [
      ...[...inOne.consts, ...constsTwo],
      ...[...inOne.carry, ...carryInTwo],
      ...[...inOne.xs, ...kept.map(({ input }) => input)],
    ],
    equations: [...a.body.equations, ...equations],
    outputs: [...carryOne, ...carryTwo, ...ysOne, ...ysTwo],
  };
  return {
    ...first,
    inputs: [
      ...one.count,
      ...[...one.consts, ...two.consts],
      ...[...one.carry, ...two.carry],
      ...[...one.xs, ...kept.map(({ operand }) => operand)],
    ],
    params: {
      body,
      consts: a.consts + b.consts,
      carry: a.carry + b.carry,
      length: a.length,
      reverse: a.reverse,
    } satisfies ScanParams,
    outputs: [...resultsOne, ...resultsTwo, ...collected, ...collectedTwo],
  };
}

function halves<T>(list: readonly T[], at: number): [readonly T[], readonly T[]] {
  return [list.slice(0, at), list.slice(at)];
}

/**
 * Sums that go over the same elements become one equation, and so one loop, where they are computed
 * from the same values: a function and its directional derivative, a mean and a mean square. What
 * they share is then computed once and stored nowhere.
 *
 * Two sums can be one where neither depends on the other. To see this without a search, each
 * equation has a *stage*: how many nests and steps there are, at most, on a way from the inputs of
 * the Program to its operands. Of two sums in one stage neither depends on the other, nor would they
 * by way of sums that have been joined, since all of these lie in earlier stages.
 */

import { reduceSum } from '../primitives/reduce.ts';
import { sums } from '../primitives/sums.ts';
import { hasEffect } from '../program/effects.ts';
import { keyOf } from '../program/hash.ts';
import type { Atom, Equation, Program, Var } from '../program/program.ts';
import { isFloat } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import { formatType } from '../tensor/type.ts';
import { isStep } from './loop-equations.ts';
import { loweringOf } from './probe.ts';
import { dense } from './space.ts';

/** Elements of a sum that is worth a loop with others, at least. */
const leastElements = 64;
/** Sums in one loop, at most, and loops of a kind that are still joined. */
const [mostSums, mostGroups] = [4, 4];
/** Values behind an operand that are looked at, at most. */
const mostBehind = 48;

interface Group {
  readonly members: Equation[];
  /** Values as large as the operands that these are computed from. */
  readonly behind: Set<Var>;
}

/** Where an equation goes: after what has a lower position, then after what has a lower stage. */
interface Place {
  position: number;
  readonly stage: number;
  readonly index: number;
}

/** Joins sums, and moves what depends on them behind the last; linear but for sorting. */
export function joinSums(program: Program): Program {
  if (program.equations.filter(isLongSum).length < 2) return program;
  const stages = stagesOf(program);
  const groups = groupsOf(program, stages);
  if (groups.length === 0) return program;
  const groupOf = new Map<Equation, Group>();
  for (const group of groups) for (const member of group.members) groupOf.set(member, group);
  const last = new Set(groups.map(({ members }) => members.at(-1)));
  const places = placesOf(program, stages, groupOf);
  const order = (equation: Equation): Place => places.get(equation) ?? unreachable();
  const equations = program.equations
    .filter((equation) => !groupOf.has(equation) || last.has(equation))
    .sort((one, other) => {
      const [a, b] = [order(one), order(other)];
      return a.position - b.position || a.stage - b.stage || a.index - b.index;
    })
    .map((equation) => {
      const group = groupOf.get(equation);
      return group ? joined(group.members, equation) : equation;
    });
  return { ...program, equations };
}

/** A sum of many floats to one. */
function isLongSum({ operation, inputs: [x], outputs: [sum] }: Equation): boolean {
  if (operation !== reduceSum || x?.kind !== 'var' || !sum) return false;
  const { dtype, shape } = dense(x.type);
  return isFloat(dtype) && sizeOf(dense(sum.type).shape) === 1 && sizeOf(shape) >= leastElements;
}

function isPull(equation: Equation): boolean {
  return !isStep(equation) && loweringOf(equation).kind === 'pull';
}

function stagesOf({ equations }: Program): ReadonlyMap<Equation, number> {
  const stages = new Map<Equation, number>();
  const made = new Map<Atom, number>();
  let acted = 0;
  for (const equation of equations) {
    const acts = hasEffect(equation);
    let stage = acts ? acted : 0;
    for (const input of equation.inputs) stage = Math.max(stage, made.get(input) ?? 0);
    stages.set(equation, stage);
    const next = stage + Number(!isPull(equation));
    for (const output of equation.outputs) made.set(output, next);
    if (acts) acted = stage + 1;
  }
  return stages;
}

function groupsOf(program: Program, stages: ReadonlyMap<Equation, number>): Group[] {
  const makers = new Map<Atom, Equation>();
  const open = new Map<string, Group[]>();
  const all: Group[] = [];
  for (const equation of program.equations) {
    for (const output of equation.outputs) makers.set(output, equation);
    const [x] = equation.inputs;
    if (!x || !isLongSum(equation)) continue;
    const key = `${stages.get(equation)} ${formatType(x.type)} ${keyOf(equation.params)}`;
    const alike = open.get(key) ?? [];
    open.set(key, alike);
    const behind = valuesBehind(x, makers);
    const group = alike.find(
      (other) =>
        other.members.length < mostSums && [...behind].some((value) => other.behind.has(value)),
    );
    if (group) {
      group.members.push(equation);
      for (const value of behind) group.behind.add(value);
      continue;
    }
    const fresh = { members: [equation], behind };
    all.push(fresh);
    alike.unshift(fresh);
    if (alike.length > mostGroups) alike.pop();
  }
  return all.filter(({ members }) => members.length > 1);
}

/** A value and those of its size that it is computed from without loops, the nearest ones. */
function valuesBehind(x: Atom, makers: ReadonlyMap<Atom, Equation>): Set<Var> {
  const size = sizeOf(dense(x.type).shape);
  const found = new Set<Var>();
  const waiting = [x];
  for (const atom of waiting) {
    if (atom.kind === 'literal' || atom.type.kind !== 'tensor' || found.has(atom)) continue;
    if (sizeOf(atom.type.shape) !== size) continue;
    found.add(atom);
    if (found.size >= mostBehind) break;
    const maker = makers.get(atom);
    if (maker && isPull(maker)) waiting.push(...maker.inputs);
  }
  return found;
}

/**
 * Each equation stays where it is, unless it depends on a group: that stands where the last of its
 * members does, and what depends on it follows.
 */
function placesOf(
  { equations }: Program,
  stages: ReadonlyMap<Equation, number>,
  groupOf: ReadonlyMap<Equation, Group>,
): ReadonlyMap<Equation, Place> {
  const places = new Map<Equation, Place>();
  equations.forEach((equation, index) => {
    places.set(equation, { position: index, stage: stages.get(equation) ?? 0, index });
  });
  const makers = new Map<Atom, Equation>();
  for (const equation of equations) {
    for (const output of equation.outputs) makers.set(output, equation);
  }
  const groupPosition = new Map<Group, number>();
  const positionOf = (equation: Equation): number => {
    const group = groupOf.get(equation);
    const own = places.get(equation)?.position ?? 0;
    return group ? Math.max(own, groupPosition.get(group) ?? 0) : own;
  };
  let acted = 0;
  // Stage by stage, so that the members of a group are placed before what depends on any of them.
  const byStage = [...places].sort(([, a], [, b]) => a.stage - b.stage || a.index - b.index);
  for (const [equation, place] of byStage) {
    const acts = hasEffect(equation);
    if (acts) place.position = Math.max(place.position, acted);
    for (const input of equation.inputs) {
      const maker = makers.get(input);
      if (maker) place.position = Math.max(place.position, positionOf(maker));
    }
    if (acts) acted = place.position;
    const group = groupOf.get(equation);
    if (group) {
      groupPosition.set(group, Math.max(groupPosition.get(group) ?? 0, place.position));
    }
  }
  for (const equation of groupOf.keys()) {
    const place = places.get(equation);
    if (place) place.position = positionOf(equation);
  }
  return places;
}

function joined(members: readonly Equation[], last: Equation): Equation {
  return {
    ...last,
    operation: sums,
    inputs: members.flatMap(({ inputs }) => inputs),
    outputs: members.flatMap(({ outputs }) => outputs),
  };
}

function unreachable(): never {
  throw new Error('unreachable');
}

import { primitiveOf } from '../primitives/define.ts';
import { type Atom, type Equation, newVar, type Program, type Var } from '../program/program.ts';

/** A Program in which values stand for several variables, and for which one each of them does. */
interface Apart {
  readonly program: Pick<Program, 'equations' | 'outputs'>;
  readonly moved: readonly (readonly [own: Var, variable: Atom])[];
}

/** A use of a value: an operand of an equation, or a result. */
interface Use {
  readonly operand: number;
  /** Bits of the parts of the results that it leads to. */
  readonly reach: bigint;
}

/**
 * Gives values of `moved` a variable for each group of uses that lead to different parts of the
 * results. A row meets only one of the group's variables then, and rows of other groups are free
 * to share a derivative with it.
 */
export function apartUses(program: Program, moved: Pick<ReadonlySet<Atom>, 'has'>): Apart {
  const parts = resultParts(program);
  const reach = new Map<Atom, bigint>();
  const reachOf = (atom: Atom): bigint => reach.get(atom) ?? 0n;
  parts.forEach((part, i) => {
    reach.set(part, reachOf(part) | (1n << BigInt(i)));
  });
  for (const { inputs, outputs } of program.equations.toReversed()) {
    const led = outputs.reduce((all, output) => all | reachOf(output), 0n);
    for (const input of inputs) reach.set(input, reachOf(input) | led);
  }

  const partOf = new Map(parts.map((part, i) => [part, 1n << BigInt(i)] as const));
  const uses = new Map<Atom, Use[]>();
  const note = (atom: Atom, use: Use): void => {
    if (moved.has(atom)) uses.set(atom, [...(uses.get(atom) ?? []), use]);
  };
  let operand = 0;
  for (const { inputs, outputs } of program.equations) {
    const led = outputs.reduce((all, output) => all | reachOf(output), 0n);
    for (const input of inputs) note(input, { operand: operand++, reach: led | partReach(input) });
  }
  for (const output of program.outputs)
    note(output, { operand: operand++, reach: partReach(output) });

  function partReach(atom: Atom): bigint {
    return partOf.get(atom) ?? 0n;
  }

  const own: [Var, Atom][] = [];
  const replaced = new Map<number, Var>();
  for (const [variable, all] of uses) {
    for (const group of disjoint(all)) {
      const part = newVar(variable.type);
      own.push([part, variable]);
      for (const use of group) replaced.set(use.operand, part);
    }
  }
  let at = 0;
  const replace = (atom: Atom): Atom => replaced.get(at++) ?? atom;
  const equations = program.equations.map(
    (equation): Equation => ({ ...equation, inputs: equation.inputs.map(replace) }),
  );
  return { program: { equations, outputs: program.outputs.map(replace) }, moved: own };
}

/** Groups of uses, those together that lead to a common part. */
function disjoint(uses: readonly Use[]): Use[][] {
  let groups: { reach: bigint; uses: Use[] }[] = [];
  for (const use of uses) {
    const met = groups.filter(({ reach }) => (reach & use.reach) !== 0n);
    groups = [
      ...groups.filter((group) => !met.includes(group)),
      {
        reach: met.reduce((all, { reach }) => all | reach, use.reach),
        uses: [...met.flatMap((group) => group.uses), use],
      },
    ];
  }
  return groups.map((group) => group.uses);
}

/** The values whose elements the results consist of, each at places of its own. */
function resultParts({ equations, outputs }: Program): Atom[] {
  const parts = new Set<Atom>(outputs);
  for (const { operation, inputs, outputs: made } of equations.toReversed()) {
    const [output] = made;
    if (!output || !parts.has(output)) continue;
    const { dependence } = primitiveOf(operation);
    if (dependence !== 'selection') continue;
    parts.delete(output);
    for (const input of inputs) parts.add(input);
  }
  return [...parts];
}

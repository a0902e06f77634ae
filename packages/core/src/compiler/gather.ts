import type { Program, Var } from '../program/program.ts';
import type { BlocksStep } from './blocks.ts';
import type { KernelStep } from './emit-kernel.ts';
import type { Step } from './level.ts';

/** What a step does with rows: it computes each from the same row of what it reads, or sums over them. */
export interface RowRole {
  readonly does: 'rows' | 'sums';
  readonly rows: number;
  /** Bytes of a row of each value that is taken row by row. */
  readonly strides: ReadonlyMap<Var, number>;
  /** Values that are read as a whole. */
  readonly whole: ReadonlySet<Var>;
}

/** Steps over the same rows in order, and those that come before and after them. */
export interface Group {
  readonly rows: number;
  readonly members: (KernelStep | BlocksStep)[];
  /** Sums over the rows of what these make. */
  readonly sums: KernelStep[];
  readonly made: Set<Var>;
  /** Bytes of a row of each value that a member or a sum takes row by row. */
  readonly strides: Map<Var, number>;
  /** What members and sums read as a whole, each as often as it is read. */
  readonly whole: Var[];
  readonly before: Step[];
  readonly after: Step[];
}

/** The roles that a step may have, the first of which fits is taken. */
export type RolesOf = (step: Step) => readonly RowRole[];

/** How far to look for steps over the same rows. */
const reach = 64;

/** Puts steps in the places of groups of others. */
export function grouped(
  steps: readonly Step[],
  find: (window: readonly Step[]) => readonly [Group, BlocksStep] | undefined,
): Step[] {
  const done: Step[] = [];
  let left = steps;
  let from = 0;
  while (from < left.length) {
    const found = find(left.slice(from, from + reach));
    if (found) {
      const [{ before, after }, step] = found;
      done.push(...before, step);
      left = [...after, ...left.slice(from + reach)];
      from = 0;
    } else {
      done.push(...left.slice(from, from + 1));
      from += 1;
    }
  }
  return done;
}

/** The steps that can run in blocks with the first one. */
export function gather([first, ...others]: readonly Step[], rolesOf: RolesOf): Group | undefined {
  const role = first && rolesOf(first).find(({ does }) => does === 'rows');
  if (!role || !isKernels(first)) return undefined;
  const made = new Set(writesOf(first));
  const group: Group = {
    rows: role.rows,
    members: [first],
    sums: [],
    made,
    strides: new Map(role.strides),
    whole: [...role.whole],
    before: [],
    after: [],
  };
  const late = new Set<Var>();
  for (const step of others) {
    const reads = readsOf(step);
    const joined = reads.some((v) => late.has(v)) ? undefined : join(step, reads, group, rolesOf);
    if (joined === undefined) group.after.push(step);
    if (joined !== 'early') for (const v of writesOf(step)) (joined === 'row' ? made : late).add(v);
  }
  return group;
}

/** Adds a step to a group, or to what comes before; says when its results are there. */
function join(
  step: Step,
  reads: readonly Var[],
  group: Group,
  rolesOf: RolesOf,
): 'early' | 'row' | 'late' | undefined {
  const { rows, made, members, sums, before, after } = group;
  const own = rolesOf(step).filter((role) => role.rows === rows);
  for (const { does, strides, whole } of own) {
    if (!isKernels(step) || [...whole].some((v) => made.has(v))) continue;
    if (does === 'rows') members.push(step);
    else if (step.kind === 'kernel') sums.push(step);
    for (const [v, bytes] of strides) group.strides.set(v, bytes);
    group.whole.push(...whole);
    return does === 'rows' ? 'row' : 'late';
  }
  if (own.length > 0 || reads.some((v) => made.has(v))) return undefined;
  // Calls of JavaScript stay in order.
  if (step.kind !== 'kernel' && after.some(({ kind }) => kind !== 'kernel')) return undefined;
  before.push(step);
  return 'early';
}

function isKernels(step: Step): step is KernelStep | BlocksStep {
  return step.kind === 'kernel' || step.kind === 'blocks';
}

/** How many steps read each value; outputs are read once more. */
export function readersIn(steps: readonly Step[], program?: Program): Map<Var, number> {
  const readers = new Map<Var, number>();
  const read = (v: Var): void => {
    readers.set(v, (readers.get(v) ?? 0) + 1);
  };
  for (const step of steps) for (const v of new Set(readsOf(step))) read(v);
  for (const output of program?.outputs ?? []) if (output.kind === 'var') read(output);
  return readers;
}

/** The values that a step reads. */
export function readsOf(step: Step): readonly Var[] {
  switch (step.kind) {
    case 'kernel': {
      const { inPlace, loads } = step;
      return inPlace ? [...loads.keys(), inPlace.operand] : [...loads.keys()];
    }
    case 'blocks': {
      const { steps, sums } = step;
      const made = new Set(steps.flatMap(writesOf));
      const inSums = sums.flatMap(({ whole, finish }) => [...whole.loads, ...finish.loads]);
      return [...steps.flatMap(readsOf), ...inSums.map(([v]) => v)].filter((v) => !made.has(v));
    }
    default:
      return step.equation.inputs.filter((input) => input.kind === 'var');
  }
}

/** The values that a step makes, for others to read. */
export function writesOf(step: Step): readonly Var[] {
  switch (step.kind) {
    case 'kernel':
      return [...step.stores.keys()];
    case 'blocks': {
      const rows = step.steps.flatMap(writesOf).filter((v) => !step.scratch.has(v));
      return [...rows, ...step.sums.flatMap(({ finish }) => writesOf(finish))];
    }
    default:
      return step.equation.outputs;
  }
}

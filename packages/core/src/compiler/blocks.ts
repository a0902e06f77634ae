/**
 * Rows in blocks: kernels that go over the same rows one after the other run for a few rows at a time,
 * so that what one makes is still in the cache when the next one reads it. What nothing else reads
 * needs memory for one block. The last block ends with the last row: it computes some rows again
 * where their number is no multiple of the block's.
 *
 * Code that threads share is not cut in this way: its pieces are those of single kernels.
 */

import type { Buffer } from '../kernel/expr.ts';
import type { Program, Var } from '../program/program.ts';
import { collapse } from './collapse.ts';
import type { KernelStep } from './emit-kernel.ts';
import { type KernelRows, rowsOfKernel, withRows } from './kernel-rows.ts';
import type { Step } from './level.ts';
import { bytesOf } from './pointers.ts';

/** Kernels that run for a block of rows, then for the next one. */
export interface BlocksStep {
  readonly kind: 'blocks';
  /** Rows in all, and of one block. */
  readonly rows: number;
  readonly block: number;
  readonly steps: readonly KernelStep[];
  /** Bytes of a row of each value that is taken row by row. */
  readonly strides: ReadonlyMap<Var, number>;
  /** Values that are made for one block and read there alone. */
  readonly scratch: ReadonlySet<Var>;
}

/** Bytes that the rows of a block have together, about: they stay in a core's own cache. */
export const blockBytes = 96 * 1024;
/** Traffic that is spared, at least, in blocks. */
const leastSpared = 8;
/** Rows of a block, at least, where a product prepares its other factor anew for each. */
const leastTileRows = 64;
/** How far to look for kernels over the same rows. */
const reach = 64;

/** Puts kernels over the same rows together. */
export function inBlocks(steps: readonly Step[], program: Program, bytes: number): Step[] {
  const grouping = new Grouping(steps, program, bytes);
  return grouping.run().map((step) => (step.kind === 'kernel' ? collapsed(step) : step));
}

function collapsed(step: KernelStep): KernelStep {
  return { ...step, kernel: { ...step.kernel, body: collapse(step.kernel.body) } };
}

/** Kernels over the same rows in order, and the steps that come before and after them. */
interface Group {
  readonly rows: number;
  readonly members: KernelStep[];
  readonly made: Set<Var>;
  readonly before: Step[];
  readonly after: Step[];
}

class Grouping {
  readonly #steps: readonly Step[];
  readonly #bytes: number;
  readonly #rows = new Map<KernelStep, KernelRows | undefined>();
  /** How many steps read a value; outputs are read once more. */
  readonly #readers = new Map<Var, number>();

  constructor(steps: readonly Step[], program: Program, bytes: number) {
    this.#steps = steps;
    this.#bytes = bytes;
    const read = (v: Var): void => {
      this.#readers.set(v, (this.#readers.get(v) ?? 0) + 1);
    };
    for (const step of steps) for (const v of readsOf(step)) read(v);
    for (const output of program.outputs) if (output.kind === 'var') read(output);
  }

  run(): Step[] {
    const done: Step[] = [];
    let left = [...this.#steps];
    let from = 0;
    while (from < left.length) {
      const window = left.slice(from, from + reach);
      const [group, step] = this.#first(window);
      if (group && step) {
        done.push(...group.before, step);
        left = [...group.after, ...left.slice(from + reach)];
        from = 0;
      } else {
        done.push(...left.slice(from, from + 1));
        from += 1;
      }
    }
    return done;
  }

  #rowsOf(step: Step): KernelRows | undefined {
    if (step.kind !== 'kernel' || step.inPlace) return undefined;
    if (!this.#rows.has(step)) this.#rows.set(step, rowsOfKernel(step.kernel));
    return this.#rows.get(step);
  }

  /** The first steps in blocks, with products of matrices where these have enough rows there. */
  #first(window: readonly Step[]): readonly [Group, BlocksStep] | readonly [] {
    for (const withTiles of [true, false]) {
      const group = this.#groupFrom(window, withTiles);
      const step = group && this.#blocks(group);
      if (group && step) return [group, step];
    }
    return [];
  }

  /** The steps that can run in blocks with the first one. */
  #groupFrom([first, ...others]: readonly Step[], withTiles: boolean): Group | undefined {
    const form = first && this.#isLarge(first) ? this.#rowsOf(first) : undefined;
    if (first?.kind !== 'kernel' || !form || (form.hasTiles && !withTiles)) return undefined;
    const rows = form.count;
    const made = new Set(first.stores.keys());
    const group: Group = { rows, members: [first], made, before: [], after: [] };
    const late = new Set<Var>();
    for (const step of others) {
      const reads = readsOf(step);
      if (reads.some((v) => late.has(v)) || !this.#joins(step, reads, group, withTiles)) {
        group.after.push(step);
        for (const v of writesOf(step)) late.add(v);
      }
    }
    return group;
  }

  /** Adds a step to the kernels of a group, or to what comes before; false when it has to wait. */
  #joins(step: Step, reads: readonly Var[], group: Group, withTiles: boolean): boolean {
    const form = this.#rowsOf(step);
    const fits = withTiles || !form?.hasTiles;
    if (step.kind === 'kernel' && form?.count === group.rows && fits) {
      const inRow = [...step.loads].every(
        ([v, buffer]) => !group.made.has(v) || (form.strides.get(buffer) ?? 0) > 0,
      );
      if (inRow) {
        group.members.push(step);
        for (const v of step.stores.keys()) group.made.add(v);
      }
      return inRow;
    }
    if (reads.some((v) => group.made.has(v))) return false;
    // Calls of JavaScript stay in order.
    if (step.kind !== 'kernel' && group.after.some(({ kind }) => kind !== 'kernel')) return false;
    group.before.push(step);
    return true;
  }

  #isLarge(step: Step): boolean {
    return writesOf(step).some((v) => bytesOf(v.type) >= this.#bytes);
  }

  /** The kernels of a group in blocks, where that spares enough traffic. */
  #blocks({ rows, members, made }: Group): BlocksStep | undefined {
    const readers = new Map<Var, number>();
    const strides = new Map<Var, number>();
    let hasTiles = false;
    for (const step of members) {
      for (const v of step.loads.keys()) readers.set(v, (readers.get(v) ?? 0) + 1);
      const form = this.#rowsOf(step);
      hasTiles ||= form?.hasTiles === true;
      for (const [v, buffer] of [...step.loads, ...step.stores]) {
        if ((form?.strides.get(buffer) ?? 0) > 0) strides.set(v, bytesOf(v.type) / rows);
      }
    }
    const scratch = new Set([...made].filter((v) => readers.get(v) === this.#readers.get(v)));
    let spared = 0;
    for (const v of made) {
      spared += bytesOf(v.type) * ((readers.get(v) ?? 0) + Number(scratch.has(v)));
    }
    if (spared < leastSpared * this.#bytes) return undefined;
    const rowBytes = [...strides.values()].reduce((sum, n) => sum + n, 0);
    const block = Math.max(Math.floor(this.#bytes / rowBytes), 1);
    if (hasTiles && block < leastTileRows) return undefined;
    const even = block > 16 ? block - (block % 16) : block;
    if (2 * even > rows) return undefined;
    const steps = members.map((step) => this.#cut(step, even));
    return { kind: 'blocks', rows, block: even, steps, strides, scratch };
  }

  #cut(step: KernelStep, block: number): KernelStep {
    const form = this.#rowsOf(step);
    if (!form) throw new Error('unreachable');
    const { kernel, params } = withRows(step.kernel, form, block);
    const renamed = (vars: ReadonlyMap<Var, Buffer>): Map<Var, Buffer> =>
      new Map([...vars].map(([v, buffer]) => [v, params.get(buffer) ?? buffer]));
    return collapsed({ ...step, kernel, loads: renamed(step.loads), stores: renamed(step.stores) });
  }
}

/** The values that a step reads. */
export function readsOf(step: Step): Var[] {
  switch (step.kind) {
    case 'kernel': {
      const { inPlace, loads } = step;
      return inPlace ? [...loads.keys(), inPlace.operand] : [...loads.keys()];
    }
    case 'blocks': {
      const made = new Set(writesOf(step));
      return step.steps.flatMap(({ loads }) => [...loads.keys()].filter((v) => !made.has(v)));
    }
    default:
      return step.equation.inputs.filter((input) => input.kind === 'var');
  }
}

/** The values that a step makes. */
export function writesOf(step: Step): readonly Var[] {
  switch (step.kind) {
    case 'kernel':
      return [...step.stores.keys()];
    case 'blocks':
      return step.steps.flatMap(({ stores }) => [...stores.keys()]);
    default:
      return step.equation.outputs;
  }
}

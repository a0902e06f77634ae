/**
 * Rows in blocks: kernels that go over the same rows one after the other run for a few rows at a time,
 * so that what one makes is still in the cache when the next one reads it. What nothing else reads
 * needs memory for one block. The last block ends with the last row: it computes some rows again
 * where their number is no multiple of the block's.
 *
 * There are two kinds of blocks, one inside the other. Those of elementwise kernels are as small as
 * the nearest cache. A product of matrices prepares its other factor anew for each block, and the
 * order of a sum over rows says how many are summed together, so blocks with these are larger.
 *
 * Code that threads share is not cut in this way: its pieces are those of single kernels.
 */

import { cutOf } from '../kernel/cut.ts';
import type { Buffer } from '../kernel/expr.ts';
import type { Program, Var } from '../program/program.ts';
import { collapse } from './collapse.ts';
import type { KernelStep } from './emit-kernel.ts';
import { type Group, gather, grouped, type RowRole, readersIn, writesOf } from './gather.ts';
import { type KernelRows, rowsOfKernel, withRows } from './kernel-rows.ts';
import type { Step } from './level.ts';
import { bytesOf } from './pointers.ts';
import { type RowSums, sumsOverRows } from './row-sums.ts';
import { inParts, type SumParts } from './sum-parts.ts';

/** Kernels that run for a block of rows, then for the next one. */
export interface BlocksStep {
  readonly kind: 'blocks';
  /** Rows in all, and of one block. */
  readonly rows: number;
  readonly block: number;
  /** What runs for a block: kernels for so many rows, and blocks inside it. */
  readonly steps: readonly (KernelStep | BlocksStep)[];
  /** Kernels before they were cut; none of blocks around others. */
  readonly members: readonly KernelStep[];
  /** Sums over the rows, which take in a block after it has been made. */
  readonly sums: readonly SumParts[];
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
/** Blocks with sums over rows have so many times the bytes of others, at most. */
const sumBlocks = 32;

/** Puts kernels over the same rows together. */
export function inBlocks(steps: readonly Step[], program: Program, bytes: number): Step[] {
  const blocks = new Blocks(bytes);
  const readers = readersIn(steps, program);
  const small = grouped(steps, (window) => blocks.small(window, readers));
  const others = readersIn(small, program);
  const large = grouped(small, (window) => blocks.large(window, others));
  return large.map((step) => (step.kind === 'kernel' ? collapsed(step) : step));
}

function collapsed(step: KernelStep): KernelStep {
  return { ...step, kernel: { ...step.kernel, body: collapse(step.kernel.body) } };
}

type Found = readonly [Group, BlocksStep];

/** Traffic and memory of a group in blocks. */
interface Balance {
  /** Values that nothing else reads. */
  readonly scratch: ReadonlySet<Var>;
  /** Bytes that need not be written or read any more. */
  readonly spared: number;
  /** Bytes from outside that are read once for several steps. */
  readonly shared: number;
  /** Bytes of a row of all values that are taken row by row. */
  readonly rowBytes: number;
}

class Blocks {
  readonly #bytes: number;
  readonly #rows = new Map<KernelStep, KernelRows | undefined>();
  readonly #sums = new Map<KernelStep, RowSums | undefined>();

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** The first steps in blocks, with products of matrices where these have enough rows there. */
  small(window: readonly Step[], readers: ReadonlyMap<Var, number>): Found | undefined {
    for (const withTiles of [true, false]) {
      const group = this.#gather(window, (step) => this.#rowRoles(step, withTiles));
      if (!group) continue;
      const { scratch, spared, rowBytes } = balanceOf(group, readers);
      const most = Math.max(Math.floor(this.#bytes / rowBytes), 1);
      const block = most > 16 ? most - (most % 16) : most;
      const { rows, strides } = group;
      const members = group.members.filter((step) => step.kind === 'kernel');
      const hasTiles = members.some((step) => this.#rowsOf(step)?.hasTiles);
      const isTooFew = 2 * block > rows || (hasTiles && most < leastTileRows);
      if (isTooFew || spared < leastSpared * this.#bytes) continue;
      return [group, this.#small({ rows, block, members, strides, scratch })];
    }
    return undefined;
  }

  /** Products of matrices, sums over rows and blocks of the first kind in blocks of the second. */
  large(window: readonly Step[], readers: ReadonlyMap<Var, number>): Found | undefined {
    const group = this.#gather(window, (step) => this.#allRoles(step));
    if (!group) return undefined;
    const { rows, members, sums, strides } = group;
    const { scratch, spared, shared, rowBytes } = balanceOf(group, readers);
    const [block = 0, ...others] = this.#sizesOf(group);
    const isTooFew = block === 0 || block >= rows || others.length > 0;
    if (isTooFew) return undefined;
    // For each block, what has been summed is read and written, and what is no row is read.
    const state = bytesIn(sums.flatMap(writesOf));
    const lost = Math.ceil(rows / block) * (2 * state + bytesIn(group.whole));
    if (spared + shared - lost < leastSpared * this.#bytes) return undefined;
    if (block * rowBytes + state > sumBlocks * this.#bytes) return undefined;
    const steps = members.map((step) =>
      step.kind === 'kernel'
        ? this.#cut(step, block)
        : this.#small({ ...step, rows: block, block: evenly(block, step.block) }),
    );
    const parts = sums.flatMap((step) => {
      const own = this.#sumsOf(step);
      return own ? [inParts(step, own, block)] : [];
    });
    const step = { rows, block, steps, members: [], sums: parts, strides, scratch };
    return [group, { kind: 'blocks', ...step }];
  }

  /** Blocks of the first kind. */
  #small(own: Pick<BlocksStep, 'rows' | 'block' | 'members' | 'strides' | 'scratch'>): BlocksStep {
    const steps = own.members.map((step) => this.#cut(step, own.block));
    return { kind: 'blocks', ...own, steps, sums: [] };
  }

  /** How many rows blocks of the second kind may have: one number, where there are any. */
  #sizesOf({ rows, members, sums }: Group): number[] {
    const hasTiles = members.some((step) => step.kind === 'kernel' && this.#rowsOf(step)?.hasTiles);
    if (!hasTiles && sums.length === 0) return [];
    const sizes = sums.flatMap((step) => this.#sumsOf(step)?.block ?? []);
    return [...new Set(sizes.length > 0 ? sizes : [cutOf([{ name: 'row', extent: rows }]).size])];
  }

  #gather(
    [first, ...others]: readonly Step[],
    rolesOf: (step: Step) => readonly RowRole[],
  ): Group | undefined {
    const isLarge = first && writesOf(first).some((v) => bytesOf(v.type) >= this.#bytes);
    return isLarge ? gather([first, ...others], rolesOf) : undefined;
  }

  #rowsOf(step: KernelStep): KernelRows | undefined {
    if (step.inPlace) return undefined;
    if (!this.#rows.has(step)) this.#rows.set(step, rowsOfKernel(step.kernel));
    return this.#rows.get(step);
  }

  #sumsOf(step: KernelStep): RowSums | undefined {
    if (step.inPlace) return undefined;
    if (!this.#sums.has(step)) this.#sums.set(step, sumsOverRows(step.kernel));
    return this.#sums.get(step);
  }

  /** What a kernel does with rows, with sums that are printed as tiles or without. */
  #rowRoles(step: Step, withTiles: boolean): readonly RowRole[] {
    const form = step.kind === 'kernel' ? this.#rowsOf(step) : undefined;
    if (step.kind !== 'kernel' || !form || (form.hasTiles && !withTiles)) return [];
    return [roleOf('rows', step, form, new Set())];
  }

  #allRoles(step: Step): readonly RowRole[] {
    if (step.kind === 'blocks') {
      const { rows, strides } = step;
      const whole = step.members.flatMap((each) =>
        this.#rowRoles(each, true).flatMap((role) => [...role.whole]),
      );
      return [{ does: 'rows', rows, strides, whole: new Set(whole) }];
    }
    if (step.kind !== 'kernel') return [];
    const sums = this.#sumsOf(step);
    return [
      ...this.#rowRoles(step, true),
      ...(sums ? [roleOf('sums', step, sums, sums.later)] : []),
    ];
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

function bytesIn(values: readonly Var[]): number {
  return values.reduce((sum, v) => sum + bytesOf(v.type), 0);
}

/** Rows of blocks that have about the same size, and at most a given one. */
function evenly(rows: number, most: number): number {
  return Math.ceil(rows / Math.ceil(rows / most));
}

function balanceOf(
  { members, sums, made, strides }: Group,
  all: ReadonlyMap<Var, number>,
): Balance {
  const readers = readersIn([...members, ...sums]);
  const scratch = new Set([...made].filter((v) => readers.get(v) === all.get(v)));
  let spared = 0;
  for (const v of made) {
    spared += bytesOf(v.type) * ((readers.get(v) ?? 0) + Number(scratch.has(v)));
  }
  let shared = 0;
  for (const v of strides.keys()) {
    if (!made.has(v)) shared += bytesOf(v.type) * ((readers.get(v) ?? 1) - 1);
  }
  const rowBytes = [...strides.values()].reduce((sum, n) => sum + n, 0);
  return { scratch, spared, shared, rowBytes };
}

/** The role of a kernel, with the values that its arrays stand for. */
function roleOf(
  does: RowRole['does'],
  { loads, stores }: KernelStep,
  { count, strides }: Pick<KernelRows, 'count' | 'strides'>,
  later: ReadonlySet<Buffer>,
): RowRole {
  const inRows = (buffer: Buffer): boolean => (strides.get(buffer) ?? 0) > 0;
  const cut = [...loads, ...stores].filter(([, buffer]) => inRows(buffer));
  const whole = [...loads].filter(([, buffer]) => !inRows(buffer) || later.has(buffer));
  return {
    does,
    rows: count,
    strides: new Map(cut.map(([v]) => [v, bytesOf(v.type) / count])),
    whole: new Set(whole.map(([v]) => v)),
  };
}

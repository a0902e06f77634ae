import { type Affine, affineAdd, affineLoop, affineScale, affineZero } from '../kernel/affine.ts';
import type { Buffer, Expr, Local, Loop } from '../kernel/expr.ts';
import { binary, constant } from '../kernel/scalars.ts';
import type { Kernel, Statement } from '../kernel/statement.ts';
import { Substitution } from '../kernel/substitute.ts';
import type { Var } from '../program/program.ts';
import { collapse } from './collapse.ts';
import type { KernelStep } from './emit-kernel.ts';
import { paramsOf, Replacement } from './kernel-rows.ts';
import { PairwiseSums } from './pairwise.ts';
import { mapSums, type Reduce, type RowSums } from './row-sums.ts';
import { wrap } from './space.ts';

/**
 * A kernel of sums over rows, taken a block of rows at a time: what has been summed stays in arrays,
 * and what follows the sums is done after the last block. Terms are added in the order of the whole
 * sum, so that a result has the same bits.
 */
export interface SumParts {
  /** What has been summed. */
  readonly state: readonly Buffer[];
  /** Makes the state ready; its parameters are the state. */
  readonly start: Kernel;
  /** Takes in the rows of a block; its parameters are arrays, the state, and the number of the first row. */
  readonly whole: SumPart;
  /** The same for the last block, if that has fewer. */
  readonly rest: SumPart | undefined;
  /** What follows; its parameters are arrays, the state, and the results. */
  readonly finish: KernelStep;
}

/** A kernel that takes in so many rows, and what it reads. */
export interface SumPart {
  readonly rows: number;
  readonly kernel: Kernel;
  readonly loads: ReadonlyMap<Var, Buffer>;
}

/** Cuts a kernel of sums over rows into blocks of so many. */
export function inParts(step: KernelStep, sums: RowSums, block: number): SumParts {
  return new Parts(step, sums).cut(block);
}

class Parts {
  readonly #step: KernelStep;
  readonly #sums: RowSums;
  readonly #state: Buffer[] = [];
  readonly #totals = new Map<Local, Buffer>();
  readonly #pairwise = new Map<Local, PairwiseSums>();

  constructor(step: KernelStep, sums: RowSums) {
    this.#step = step;
    this.#sums = sums;
    mapSums(step.kernel.body, false, ({ target, order }, around) => {
      const size = around.reduce((product, { extent = 1 }) => product * extent, 1);
      const name = `sum${this.#totals.size + this.#pairwise.size}`;
      const { type } = target;
      if (order) {
        const total: Buffer = { name, dtype: type, size };
        this.#totals.set(target, total);
        this.#state.push(total);
      } else if (type === 'float64' || type === 'float32') {
        const pairwise = new PairwiseSums(name, type, size, sums.count);
        this.#pairwise.set(target, pairwise);
        this.#state.push(...pairwise.state);
      }
      return [];
    });
  }

  cut(block: number): SumParts {
    const left = this.#sums.count % block;
    return {
      state: this.#state,
      start: this.#start(),
      whole: this.#part(block),
      rest: left > 0 ? this.#part(left) : undefined,
      finish: this.#finish(),
    };
  }

  #start(): Kernel {
    const totals = [...this.#totals.values()].flatMap((buffer) => {
      const loop: Loop = { name: 'i', extent: buffer.size };
      // What is added to it must not change, not even -0.
      const value = constant(buffer.dtype, -0);
      return wrap([loop], true, [{ do: 'store', buffer, index: affineLoop(loop), value }]);
    });
    const pairwise = [...this.#pairwise.values()].flatMap((sum) => sum.start());
    return { name: 'start', params: this.#state, body: [...totals, ...pairwise] };
  }

  #part(rows: number): SumPart {
    const { kernel, loads } = this.#step;
    const { strides } = this.#sums;
    const first: Buffer = { name: 'first', dtype: 'int32', size: 1 };
    const number: Expr = { op: 'load', type: 'int32', buffer: first, index: affineZero };
    const loops = new Map<Loop, Loop>();
    const sums = mapSums(kernel.body, false, (sum, around) => {
      const [over] = sum.loops;
      if (over) loops.set(over, { ...over, extent: rows });
      return this.#add(sum, around);
    });
    mapSums(kernel.body, false, ({ loops: [over], target, value }, around) => {
      const take = this.#pairwise.get(target)?.take(number, rows, (places, body) => {
        const values = places.map((place) =>
          over ? new Substitution(new Map([[over, place]])).expr(value) : value,
        );
        return wrap(around, true, body(flat(around), values));
      });
      sums.push(...(take ?? []));
      return [];
    });
    const params = paramsOf(kernel.params, strides, rows);
    const body = new Replacement(loops, params).statements(sums);
    const read = new Map(
      [...loads].flatMap(([v, buffer]) =>
        strides.has(buffer) ? [[v, params.get(buffer) ?? buffer] as const] : [],
      ),
    );
    const all = [...read.values(), ...this.#state, first];
    return { rows, kernel: { name: kernel.name, params: all, body: collapse(body) }, loads: read };
  }

  /** Adds the sum of a block to those before. */
  #add(sum: Reduce, around: readonly Loop[]): Statement[] {
    const buffer = this.#totals.get(sum.target);
    if (!buffer) return [];
    const { type } = sum.target;
    const index = flat(around);
    const total: Expr = { op: 'load', type, buffer, index };
    const value = binary('add', total, { op: 'local', type, local: sum.target });
    return [sum, { do: 'store', buffer, index, value }];
  }

  #finish(): KernelStep {
    const { kernel, loads, stores } = this.#step;
    const body = mapSums(kernel.body, true, ({ target }, around) => {
      const [index, { type }] = [flat(around), target];
      const buffer = this.#totals.get(target);
      const value: Expr | undefined = buffer
        ? { op: 'load', type, buffer, index }
        : this.#pairwise.get(target)?.result(index);
      return value ? [{ do: 'set', local: target, value }] : [];
    });
    const read = new Map([...loads].filter(([, buffer]) => this.#sums.later.has(buffer)));
    const params = [...read.values(), ...this.#state, ...stores.values()];
    const finish = { name: `${kernel.name}_end`, params, body: collapse(body) };
    return { kind: 'kernel', kernel: finish, loads: read, stores };
  }
}

/** The number of an iteration of loops inside each other. */
function flat(loops: readonly Loop[]): Affine {
  return loops.reduce(
    (index, loop) => affineAdd(affineScale(index, loop.extent ?? 1), affineLoop(loop)),
    affineZero,
  );
}

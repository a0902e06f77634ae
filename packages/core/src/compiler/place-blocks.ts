import { type Affine, affineConst, affineLoop, affineOf, affineScale } from '../kernel/affine.ts';
import type { Buffer, Loop } from '../kernel/expr.ts';
import { binary, compare, constant, indexValue } from '../kernel/scalars.ts';
import type { Kernel, Pointer } from '../kernel/statement.ts';
import type { Var } from '../program/program.ts';
import { itemSize } from '../tensor/dtype.ts';
import { tensorType } from '../tensor/type.ts';
import type { BlocksStep } from './blocks.ts';
import { readsOf, writesOf } from './gather.ts';
import type { Scope, Writer } from './place.ts';
import { inBuffer } from './place-loop.ts';
import { elementOf, layoutOf } from './pointers.ts';
import { dense, wrap } from './space.ts';
import type { SumPart, SumParts } from './sum-parts.ts';

type Array = Pointer & { kind: 'buffer' };

/** Kernels in blocks as a `for` around their calls. */
export function placeBlocks(scope: Scope, step: BlocksStep): void {
  const { writer } = scope;
  /** Where the values that are taken row by row are. */
  const arrays = new Map<Var, Array>();
  const made = step.steps.flatMap(writesOf).filter((v) => !step.scratch.has(v));
  for (const v of made) {
    const place = scope.placeResult(v, 'value');
    arrays.set(v, place.kind === 'buffer' ? place : writer.allocate('value', v.type));
  }
  for (const v of readsOf(step)) {
    if (step.strides.has(v) && !arrays.has(v)) arrays.set(v, inBuffer(scope, v, scope.placeOf(v)));
  }
  const sums = new PlacedSums(writer, step);
  const places: Places = {
    rows: (v) => arrays.get(v) ?? scope.placeOf(v),
    whole: (v) => scope.placeOf(v),
  };
  writeBlocks(writer, step, places, sums);
  for (const v of made) scope.define(v, arrays.get(v) ?? scope.placeOf(v));
  for (const parts of step.sums) {
    const { kernel, loads, stores } = parts.finish;
    const results = [...stores.keys()].map((v) => scope.placeResult(v, 'value'));
    const read = [...loads.keys()].map((v) => scope.placeOf(v));
    call(writer, kernel, [...read, ...sums.stateOf(parts), ...results]);
    [...stores.keys()].forEach((v, i) => {
      const place = results[i];
      if (place) scope.define(v, place);
    });
  }
}

function call(writer: Writer, kernel: Kernel, args: readonly Pointer[]): void {
  writer.write({ do: 'call', kernel, args }, ...args);
}

/** What has been summed of the sums over the rows of blocks, in memory. */
class PlacedSums {
  readonly #states = new Map<SumParts, readonly Pointer[]>();
  /** The number of the first row of each block. */
  readonly #firsts: Array | undefined;

  constructor(writer: Writer, { rows, block, sums }: BlocksStep) {
    for (const parts of sums) {
      const state = parts.state.map(({ name, dtype, size }) =>
        writer.allocate(name, tensorType(dtype, [size])),
      );
      this.#states.set(parts, state);
      if (parts.start.body.length > 0) call(writer, parts.start, state);
    }
    if (sums.length === 0) return;
    const loop: Loop = { name: 'b', extent: Math.ceil(rows / block) };
    const firsts = writer.allocate('firsts', tensorType('int32', [loop.extent ?? 0]));
    const buffer = { ...firsts.buffer, name: 'out0' };
    const value = indexValue(affineScale(affineLoop(loop), block));
    const body = wrap([loop], true, [{ do: 'store', buffer, index: affineLoop(loop), value }]);
    call(writer, { name: 'firsts', params: [buffer], body }, [firsts]);
    this.#firsts = firsts;
  }

  stateOf(parts: SumParts): readonly Pointer[] {
    return this.#states.get(parts) ?? [];
  }

  firstOf(loop: Loop): Pointer {
    if (!this.#firsts) throw new Error('unreachable');
    return elementOf(this.#firsts, affineLoop(loop), 1);
  }
}

/** Where values from outside of blocks are, for those that take them row by row and as a whole. */
interface Places {
  rows(v: Var): Pointer;
  whole(v: Var): Pointer;
}

/** Writes the loop over blocks. */
function writeBlocks(writer: Writer, step: BlocksStep, places: Places, sums: PlacedSums): void {
  const { rows, block, steps, strides, scratch } = step;
  const loop: Loop = { name: 'b', extent: Math.ceil(rows / block) };
  const next = affineScale(affineLoop(loop), block);
  const last = constant('int32', rows - block);
  const first = rows % block === 0 ? next : affineOf(binary('min', indexValue(next), last));
  const rowSize = (v: Var): number => (strides.get(v) ?? 0) / itemSize(dense(v.type).dtype);
  writer.workspace.enterLoop();
  const body = writer.collect(() => {
    const own = new Map<Var, Pointer>();
    for (const v of scratch) {
      const type = tensorType(dense(v.type).dtype, [block * rowSize(v)]);
      own.set(v, writer.allocate('block', type));
    }
    const rowsFrom = (place: Pointer, v: Var, at: Affine): Pointer =>
      place.kind === 'buffer' && strides.has(v) ? elementOf(place, at, rowSize(v)) : place;
    const inBlock = (v: Var): Pointer => own.get(v) ?? rowsFrom(places.rows(v), v, first);
    // What is taken row by row has a parameter for the rows of a block alone.
    const argument = ([v, buffer]: readonly [Var, Buffer]): Pointer =>
      buffer.size < layoutOf(v.type).size ? inBlock(v) : places.whole(v);
    for (const inner of steps) {
      if (inner.kind === 'blocks') writeBlocks(writer, inner, { ...places, rows: inBlock }, sums);
      else call(writer, inner.kernel, [...inner.loads, ...inner.stores].map(argument));
    }
    const take = (parts: SumParts, { kernel, loads, rows: taken }: SumPart): void => {
      const from = affineConst(block - taken);
      const read = [...loads].map(([v, buffer]) =>
        buffer.size < layoutOf(v.type).size ? rowsFrom(inBlock(v), v, from) : places.whole(v),
      );
      call(writer, kernel, [...read, ...sums.stateOf(parts), sums.firstOf(loop)]);
    };
    const takeAll = (): void => {
      for (const parts of step.sums) take(parts, parts.whole);
    };
    if (rows % block === 0 || step.sums.length === 0) takeAll();
    else {
      const isWhole = compare(
        'lt',
        indexValue(affineLoop(loop)),
        constant('int32', Math.floor(rows / block)),
      );
      const then = writer.collect(takeAll);
      const rest = writer.collect(() => {
        for (const parts of step.sums) if (parts.rest) take(parts, parts.rest);
      });
      writer.write({ do: 'if', condition: isWhole, then, else: rest });
    }
  });
  writer.workspace.exitLoop();
  writer.write({ do: 'for', loop, parallel: false, body });
}

import type { Affine } from '../kernel/affine.ts';
import { indexValue } from '../kernel/scalars.ts';
import { type Pointer, stackDescriptorBytes } from '../kernel/statement.ts';
import type { Atom, Var } from '../program/program.ts';
import type { ValueType } from '../tensor/type.ts';
import type { Level, LoopStep } from './level.ts';
import { carriesOf } from './loop-equations.ts';
import type { Scope } from './place.ts';
import { elementOf, layoutOf, pointerTo, slotOf } from './pointers.ts';
import { Uses } from './uses.ts';

/** The body of a loop, written once its places are known. */
export class LoopBody {
  readonly #outer: Scope;
  readonly #starts: Pointer[];

  /** Makes the buffers of the carry and fills them with the initial values. */
  constructor(outer: Scope, step: LoopStep) {
    this.#outer = outer;
    this.#starts = carriesOf(step.equation).map((init, i) => {
      const start = pointerTo(outer.carryBuffer(step, i, init));
      outer.deliver(init, start);
      return start;
    });
  }

  /** Where the carry is at the start of each iteration, and at the end of the loop. */
  get carry(): readonly Pointer[] {
    return this.#starts;
  }

  /**
   * Writes one iteration. The new carry is made beside the old one and the two are exchanged,
   * unless it is the old one updated in place.
   */
  write(
    level: Level,
    consts: readonly Pointer[],
    xs: readonly Pointer[],
    ys: readonly Pointer[],
    nexts: readonly (Pointer | undefined)[],
  ): void {
    const { writer } = this.#outer;
    this.#outer.inside(level, [...consts, ...this.#starts, ...xs]).run([...nexts, ...ys]);
    this.#starts.forEach((start, i) => {
      const next = nexts[i];
      if (start.kind !== 'buffer' || next?.kind !== 'buffer' || next.buffer === start.buffer)
        return;
      writer.write({ do: 'swap', a: start.buffer, b: next.buffer }, start, next);
    });
  }

  /** Where the body makes the new carry: beside the old one, in it, or nowhere when it stays. */
  nexts(level: Level, consts: number): (Pointer | undefined)[] {
    const { writer } = this.#outer;
    const { inputs, outputs } = level.program;
    const uses = new Uses(level);
    return this.#starts.map((start, i) => {
      const input = inputs[consts + i];
      const output = outputs[i];
      if (!input || !output || input === output) return undefined;
      if (uses.takesOver(output, input)) return start;
      const next = writer.allocate('next', input.type);
      if (start.kind === 'buffer') writer.workspace.pair(start.buffer, next.buffer);
      return next;
    });
  }

  /** Tells the level around the loop where the final carry is. */
  finish(results: readonly Var[]): void {
    this.#starts.forEach((start, i) => {
      const result = results[i];
      if (result) this.#outer.define(result, start);
    });
  }
}

/** One array of a loop that holds an element for each iteration. */
export interface Elements {
  /** The place of the element at an index. */
  at(index: Affine): Pointer;
}

/** The elements of an operand: a tensor with a leading axis, or a stack. */
export function elementsOf(scope: Scope, operand: Atom, element: ValueType): Elements {
  const place = scope.placeOf(operand);
  if (operand.type.kind === 'stack') {
    return { at: (index) => slotOf(place, indexValue(index), element, false) };
  }
  return dense(inBuffer(scope, operand, place), element);
}

/** The elements of a result that the loop makes, and what to do when it has ended. */
export function elementsFor(
  scope: Scope,
  result: Var,
  element: ValueType,
): Elements & { finish(): void } {
  const { writer } = scope;
  if (result.type.kind === 'stack') {
    const reused =
      element.kind === 'tensor' && writer.workspace.inLoop && scope.isOnlyScanned(result);
    const place = reused ? writer.reusedStack() : scope.placeResult(result, 'ys');
    // Without its chunks, or, to fill them again, without its length alone.
    writer.write({ do: 'zero', at: place, bytes: reused ? 4 : stackDescriptorBytes }, place);
    return {
      at: (index) => slotOf(place, indexValue(index), element, true),
      finish: () => scope.define(result, place),
    };
  }
  const place = scope.placeResult(result, 'ys');
  const own = place.kind === 'buffer' ? place : writer.allocate('ys', result.type);
  return { ...dense(own, element), finish: () => scope.define(result, own) };
}

function dense(array: Pointer & { kind: 'buffer' }, element: ValueType): Elements {
  const { size } = layoutOf(element);
  return { at: (index) => elementOf(array, index, size) };
}

/** A dense operand in a buffer; an element of a stack is copied, since it has no slices. */
export function inBuffer(
  scope: Scope,
  operand: Atom,
  place: Pointer,
): Pointer & { kind: 'buffer' } {
  if (place.kind === 'buffer') return place;
  const copy = scope.writer.allocate('xs', operand.type);
  scope.deliver(operand, copy);
  return copy;
}

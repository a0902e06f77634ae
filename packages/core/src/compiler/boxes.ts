import {
  type Affine,
  affineConst,
  affineLoop,
  affineRange,
  affineShift,
} from '../kernel/affine.ts';
import type { Loop } from '../kernel/expr.ts';
import type { Shape } from '../tensor/shape.ts';

/** Part of an iteration space: for each axis a loop and where it starts. */
export interface Box {
  readonly axes: readonly { readonly start: number; readonly loop: Loop }[];
}

/**
 * Thrown to ask for a box to be cut, because a question has different answers in it. It is no error:
 * nobody reads its stack, which would take longer than the question.
 */
export class CutRequest {
  readonly loop: Loop;
  readonly at: number;

  constructor(loop: Loop, at: number) {
    this.loop = loop;
    this.at = at;
  }
}

/** A question about a position that cuts of the iteration space cannot answer. */
export class CutError extends Error {}

/** The whole iteration space of a shape; axes of extent 1 do not count. */
export function wholeBox(shape: Shape): Box {
  return boxOf(shape.filter((extent) => extent !== 1).map((extent) => ({ start: 0, extent })));
}

function boxOf(axes: readonly { start: number; extent: number }[]): Box {
  return {
    axes: axes.map(({ start, extent }, i) => ({ start, loop: { name: `i${i}`, extent } })),
  };
}

/** Positions of the elements of a box on its axes. */
export function positionsIn({ axes }: Box): Affine[] {
  return axes.map(({ start, loop }) =>
    loop.extent === 1 ? affineConst(start) : affineShift(affineLoop(loop), start),
  );
}

/** The loops of a box that run more than once. */
export function loopsOf({ axes }: Box): Loop[] {
  return axes.map(({ loop }) => loop).filter(({ extent }) => extent !== 1);
}

/** Number of elements. */
export function boxSize({ axes }: Box): number {
  return axes.reduce((size, { loop }) => size * (loop.extent ?? 0), 1);
}

/** Two boxes that make up one: iterations before `at` of a loop, and the others. */
function cut({ axes }: Box, { loop, at }: CutRequest): [Box, Box] {
  if (!axes.some((axis) => axis.loop === loop)) throw new CutError('That loop is not to be cut.');
  const part = (first: boolean): Box =>
    boxOf(
      axes.map((axis) => {
        const extent = axis.loop.extent ?? 0;
        if (axis.loop !== loop) return { start: axis.start, extent };
        return first
          ? { start: axis.start, extent: at }
          : { start: axis.start + at, extent: extent - at };
      }),
    );
  return [part(true), part(false)];
}

/**
 * Whether a position is below a bound throughout the loops in it.
 *
 * @throws CutRequest when that depends on the iteration of one loop; CutError when it depends on
 * several loops or on data.
 */
export function isBelow(position: Affine, bound: number): boolean {
  const range = affineRange(position);
  if (range && range[1] < bound) return true;
  if (range && range[0] >= bound) return false;
  const [term, ...more] = position.terms;
  if (range === undefined || term?.factor.op !== 'loop' || more.length > 0) {
    throw new CutError('A position does not follow one loop.');
  }
  const { coefficient, factor } = term;
  const distance = (bound - position.base) / coefficient;
  const at = coefficient > 0 ? Math.ceil(distance) : Math.floor(distance) + 1;
  throw new CutRequest(factor.loop, at);
}

/** Boxes that make up `start`, for each of which `visit` gets by without a cut. */
export function visitBoxes<T>(start: Box, limit: number, visit: (box: Box) => T): T[] {
  const pending = [start];
  const results: T[] = [];
  for (let box = pending.pop(); box; box = pending.pop()) {
    try {
      results.push(visit(box));
    } catch (error) {
      if (!(error instanceof CutRequest)) throw error;
      const [before, after] = cut(box, error);
      pending.push(after, before);
      if (results.length + pending.length > limit) throw new CutError('Too many parts.');
    }
  }
  return results;
}

import {
  type Affine,
  affineAdd,
  affineConst,
  affineLoop,
  affineScale,
  unflattenIndex,
} from '../../../kernel/affine.ts';
import type { Loop } from '../../../kernel/expr.ts';
import type { TileNest } from './tile-nest.ts';
import type { Side, TilePlan } from './tile-plan.ts';

/** What the loops of a side are at a place in one of its pieces. */
export function placesIn(side: Side, piece: Loop, at: Affine): [Loop, Affine][] {
  const { loops, flat, width, perRun } = side;
  const extents = loops.map(({ extent = 1 }) => extent);
  if (flat) {
    const all = affineAdd(affineScale(affineLoop(piece), width), at);
    const index = unflattenIndex(all, extents);
    return loops.map((loop, i) => [loop, index[i] ?? affineConst(0)]);
  }
  const index = unflattenIndex(affineLoop(piece), [...extents.slice(0, -1), perRun]);
  return loops.map((loop, i) => {
    const place = index[i] ?? affineConst(0);
    const isLast = i === loops.length - 1;
    return [loop, isLast ? affineAdd(affineScale(place, width), at) : place];
  });
}

/** The terms of one block. */
export interface BlockTerms {
  /** Loops around the block. */
  readonly before: readonly Loop[];
  readonly cut: Loop;
  /** First iteration of the cut loop. */
  readonly from: Loop;
  /** Iterations after that one. */
  readonly step: Loop;
  /** Loops inside the cut one. */
  readonly after: readonly Loop[];
  /** The cut loop's variable. */
  readonly at: Affine;
  /** Number of a term. */
  readonly term: Affine;
}

export function blockTerms({ terms }: TileNest, { cut: { at, inner } }: TilePlan): BlockTerms {
  const cut = terms[at];
  if (!cut) throw new Error('A sum without terms has no tiles.');
  const from: Loop = { name: 'from', extent: cut.extent };
  const step: Loop = { name: 'step', extent: undefined };
  const after = terms.slice(at + 1);
  let stride = inner;
  let term = affineScale(affineLoop(step), inner);
  for (const loop of after) {
    stride /= loop.extent ?? 1;
    term = affineAdd(term, affineScale(affineLoop(loop), stride));
  }
  const cutAt = affineAdd(affineLoop(from), affineLoop(step));
  return { before: terms.slice(0, at), cut, from, step, after, at: cutAt, term };
}

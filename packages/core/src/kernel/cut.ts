import type { Loop } from './expr.ts';

/** Terms of a block, at most. */
const blockTerms = 256;

/** How the loops of a blocked sum are cut: a new block in each iteration of those before `at`. */
export interface Cut {
  /** Which loop is cut. */
  readonly at: number;
  /** Iterations of it in a block; the last block may have fewer. */
  readonly size: number;
  /** Terms of one iteration of it. */
  readonly inner: number;
}

/** Cuts nested loops, one or more, none of them empty, into blocks of about the same size. */
export function cutOf(loops: readonly Loop[]): Cut {
  let inner = 1;
  for (let at = loops.length - 1; at > 0; at--) {
    const extent = loops[at]?.extent ?? 1;
    if (inner * extent > blockTerms) return { at, inner, size: blockSize(extent, inner) };
    inner *= extent;
  }
  return { at: 0, inner, size: blockSize(loops[0]?.extent ?? 1, inner) };
}

function blockSize(extent: number, inner: number): number {
  const most = Math.max(1, Math.floor(blockTerms / inner));
  return Math.ceil(extent / Math.ceil(extent / most));
}

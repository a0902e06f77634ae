import type { Cluster } from './fuse.ts';
import type { Access } from './probe.ts';

/** Constraints on the position of a reader. */
export interface Needs {
  /** Lowest position that follows everything in memory. */
  readonly strict: number;
  /** The last cluster whose values are read at the element computed: the reader may join it. */
  readonly aligned: Cluster | undefined;
  /** The last `small` cluster whose values are read at other constant positions. */
  readonly fixed: Cluster | undefined;
}

/** No constraints. */
export const nothing: Needs = { strict: 0, aligned: undefined, fixed: undefined };

/** What reading a value asks of the reader, given where it reads it. */
export function through({ strict, aligned, fixed }: Needs, access: Access): Needs {
  if (access === 'aligned') return { strict, aligned, fixed };
  const after = (cluster: Cluster | undefined): number => (cluster ? cluster.position + 1 : 0);
  if (access === 'static' && fixed === aligned) return { strict, aligned: undefined, fixed };
  if (access === 'static') {
    return merge(
      {
        strict: Math.max(strict, aligned?.kind === 'small' ? 0 : after(aligned)),
        aligned: undefined,
        fixed,
      },
      { ...nothing, fixed: aligned?.kind === 'small' ? aligned : undefined },
    );
  }
  return {
    strict: Math.max(strict, after(aligned), after(fixed)),
    aligned: undefined,
    fixed: undefined,
  };
}

/** What two values together ask of their reader. */
export function merge(a: Needs, b: Needs): Needs {
  return {
    strict: Math.max(a.strict, b.strict),
    aligned: later(a.aligned, b.aligned),
    fixed: later(a.fixed, b.fixed),
  };
}

function later(a: Cluster | undefined, b: Cluster | undefined): Cluster | undefined {
  return a && b ? (a.position > b.position ? a : b) : (a ?? b);
}

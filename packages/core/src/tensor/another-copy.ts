/**
 * Two copies of this package in one program, as two installs or two bundles make them, do not know
 * each other's classes. What is made by one carries its mark, so that the other can say so.
 */

/** The same in all copies. */
export const mark: unique symbol = Symbol.for('@grad/core');

/** What a thing is, and of which copy. */
interface Mark {
  readonly kind: string;
  readonly copy: object;
}

const thisCopy = {};

/** The mark of a thing that this copy makes. */
export function markOf(kind: string): Mark {
  return { kind, copy: thisCopy };
}

/** What a thing of another copy is, in words; undefined for all else. */
export function ofAnotherCopy(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !(mark in value)) return undefined;
  const given: unknown = value[mark];
  if (typeof given !== 'object' || given === null || !('kind' in given && 'copy' in given)) {
    return undefined;
  }
  if (given.copy === thisCopy) return undefined;
  return (
    `${String(given.kind)} of another copy of @grad/core, which this one knows nothing of: two are installed, or one was loaded twice. ` +
    'Have one for all (`npm ls @grad/core` shows them, `npm dedupe` joins equal ones); elements come over by tensor(x.dataSync())'
  );
}

import type { Equation, Operation } from '../program/program.ts';
import { Source } from '../program/source.ts';

/** Where the operation that is being rewritten came from; null when that is not known. */
let origin: Source | null | undefined;
/** The operation whose derivative is being made. */
let derived: Operation | undefined;

let recordsEverySource = false;

/** Whether each operation that is recorded notes its place in the user's code; returns what was. */
export function recordSources(all: boolean): boolean {
  const before = recordsEverySource;
  recordsEverySource = all;
  return before;
}

/** Whether each operation that is recorded notes its place in the user's code. */
export function recordsSources(): boolean {
  return recordsEverySource;
}

/**
 * What `body` records comes from where `equation` came from: the rules of transforms and of the
 * compiler run in it. In `derivative` rules all of it belongs to the derivative of the equation's
 * operation; in `linearize` rules all but that operation itself.
 */
export function fromSourceOf<T>(
  { operation, source }: Pick<Equation, 'operation' | 'source'>,
  body: () => T,
  role?: 'linearize' | 'derivative',
): T {
  const before = { origin, derived };
  origin = source ?? origin ?? null;
  derived = role === 'linearize' ? operation : undefined;
  if (role === 'derivative' && origin) origin = origin.inDerivativeOf(operation.name);
  try {
    return body();
  } finally {
    ({ origin, derived } = before);
  }
}

/** The place of an operation that is recorded now. */
export function sourceOf(operation: Operation, eager: boolean): Source | undefined {
  if (origin) {
    return derived && derived !== operation ? origin.inDerivativeOf(derived.name) : origin;
  }
  if (origin === null) return undefined;
  return recordsEverySource || (operation.mayFail && !eager) ? Source.here() : undefined;
}

/** An equation with the place that is being rewritten, when it has none. */
export function withSource(equation: Equation): Equation {
  return equation.source || !origin ? equation : { ...equation, source: origin };
}

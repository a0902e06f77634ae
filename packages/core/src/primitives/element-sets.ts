import type { Program } from '../program/program.ts';
import { integers } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';

/** What is known of the elements of a value before a Program runs on it. */
export type KnownElements =
  | Tensor
  /** They depend on the point at which a derivative is taken. */
  | 'varies'
  /** They are an argument of a function that is being recorded. */
  | 'recorded';

/** An operand of a linear operation while dependences are followed through it. */
export interface ElementOperand {
  readonly type: ValueType;
  /** What its elements depend on; null for an operand that does not depend on anything. */
  readonly sets: ElementSets | null;
  /** Its elements. */
  value(): KnownElements;
}

/** Follows dependences through a Program; the results are operands of what comes next. */
export type WalkElements = (
  program: Program,
  inputs: readonly ElementOperand[],
) => readonly ElementOperand[];

/** Numbers that all sets of a value may have together. */
const limit = 2 ** 27;

/** Parts that a union is kept as, at most. */
const mostParts = 64;

interface Members {
  readonly starts: Int32Array;
  readonly members: Int32Array;
}

/**
 * For each element of a value, the variables that it depends on, in rising order: a sparse matrix
 * of ones by rows. A stack counts as one element.
 *
 * A union stays a list of parts until its members are asked for: most values are computed from
 * others that have the same parts, or some of them.
 */
export class ElementSets {
  /** Number of elements. */
  readonly size: number;
  /** Sets that are no unions themselves; none where no element depends on anything. */
  readonly #parts: readonly ElementSets[];
  #known: Members | undefined;

  private constructor(size: number, from: Members | readonly ElementSets[]) {
    this.size = size;
    if ('members' in from) {
      this.#known = from;
      this.#parts = from.members.length > 0 ? [this] : [];
    } else {
      this.#parts = from;
    }
  }

  /** @param starts The set of element i goes from `starts[i]` to `starts[i + 1]` of `members`. */
  static of(starts: Int32Array, members: Int32Array): ElementSets {
    return new ElementSets(starts.length - 1, { starts, members });
  }

  /** Each element depends on one variable, from `first` on. */
  static units(size: number, first: number): ElementSets {
    const starts = integers(size + 1);
    const members = integers(size);
    for (let i = 0; i < size; i++) {
      starts[i + 1] = i + 1;
      members[i] = first + i;
    }
    return ElementSets.of(starts, members);
  }

  /** No element depends on anything. */
  static none(size: number): ElementSets {
    return ElementSets.of(integers(size + 1), integers(0));
  }

  /** The elements of several values, one after the other. */
  static concat(parts: readonly ElementSets[]): ElementSets {
    const [only] = parts;
    if (only && parts.length === 1) return only;
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const members = integers(within(parts.reduce((sum, part) => sum + part.count, 0)));
    const starts = integers(size + 1);
    let row = 0;
    let next = 0;
    for (const part of parts) {
      const own = part.#get();
      for (let i = 0; i < part.size; i++) starts[row + i] = next + start(own, i);
      members.set(own.members, next);
      row += part.size;
      next += own.members.length;
    }
    starts[row] = next;
    return ElementSets.of(starts, members);
  }

  /** The set of element i goes from `starts[i]` to `starts[i + 1]`. */
  get starts(): Int32Array {
    return this.#get().starts;
  }

  /** The sets of all elements, one after the other. */
  get members(): Int32Array {
    return this.#get().members;
  }

  /** Number of members of all sets together. */
  get count(): number {
    return this.members.length;
  }

  /** Element i of the result is element `from[i]`, or depends on nothing where that is negative. */
  pick(from: Int32Array): ElementSets {
    const own = this.#get();
    const starts = integers(from.length + 1);
    let total = 0;
    for (let i = 0; i < from.length; i++) {
      const at = from[i] ?? -1;
      if (at >= 0) total += start(own, at + 1) - start(own, at);
      starts[i + 1] = total;
      if (total > limit) within(total);
    }
    const members = integers(total);
    for (let i = 0; i < from.length; i++) {
      const at = from[i] ?? -1;
      let next = starts[i] ?? 0;
      if (at < 0) continue;
      const end = start(own, at + 1);
      for (let k = start(own, at); k < end; k++) members[next++] = own.members[k] ?? 0;
    }
    return ElementSets.of(starts, members);
  }

  /** The elements from one position up to another. */
  slice(from: number, to: number): ElementSets {
    const own = this.#get();
    const first = start(own, from);
    return ElementSets.of(
      own.starts.slice(from, to + 1).map((at) => at - first),
      own.members.subarray(first, start(own, to)),
    );
  }

  /** What elements at the same position depend on together. */
  union(other: ElementSets): ElementSets {
    const parts = [...new Set([...this.#parts, ...other.#parts])];
    if (parts.length === this.#parts.length) return this;
    if (parts.length === other.#parts.length) return other;
    const union = new ElementSets(this.size, parts);
    return parts.length > mostParts ? ElementSets.of(union.starts, union.members) : union;
  }

  #get(): Members {
    this.#known ??= joined(
      this.size,
      this.#parts.map((part) => part.#get()),
    );
    return this.#known;
  }

  /** Element i is added to element `to[i]` of a value of `size`, or to none where it is negative. */
  sum(to: Int32Array, size: number): ElementSets {
    const own = this.#get();
    const starts = integers(size + 1);
    for (let i = 0; i < to.length; i++) {
      const at = to[i] ?? -1;
      if (at >= 0) starts[at + 1] = (starts[at + 1] ?? 0) + start(own, i + 1) - start(own, i);
    }
    for (let row = 0; row < size; row++) {
      starts[row + 1] = within((starts[row + 1] ?? 0) + (starts[row] ?? 0));
    }
    const members = integers(starts[size] ?? 0);
    const next = starts.slice();
    for (let i = 0; i < to.length; i++) {
      const at = to[i] ?? -1;
      if (at < 0) continue;
      const end = start(own, i + 1);
      let free = next[at] ?? 0;
      for (let k = start(own, i); k < end; k++) members[free++] = own.members[k] ?? 0;
      next[at] = free;
    }
    return sorted(starts, members);
  }

  /** `size` elements that all depend on all that these depend on. */
  everywhere(size: number): ElementSets {
    const all = this.sum(integers(this.size), 1);
    return size === 1 ? all : all.pick(integers(size));
  }

  /** Whether two values depend on the same. */
  equals(other: ElementSets): boolean {
    return sameNumbers(this.starts, other.starts) && sameNumbers(this.members, other.members);
  }
}

function start({ starts }: Members, row: number): number {
  return starts[row] ?? 0;
}

function within(total: number): number {
  if (total <= limit) return total;
  throw new RangeError(
    `sparseJacobian: values of the function depend on more than ${limit} variables in all, which is not sparse. Use jacfwd or jacrev, or give the pattern.`,
  );
}

/** The members of several values of one size, element by element. */
function joined(size: number, parts: readonly Members[]): Members {
  const starts = integers(size + 1);
  let members: Int32Array = integers(
    parts.reduce((most, part) => Math.max(most, part.members.length), 0),
  );
  let next = 0;
  for (let row = 0; row < size; row++) {
    const from = next;
    let last = -1;
    let rises = true;
    for (const part of parts) {
      const to = part.starts[row + 1] ?? 0;
      for (let k = part.starts[row] ?? 0; k < to; k++) {
        const member = part.members[k] ?? 0;
        if (member === last) continue;
        if (member < last) rises = false;
        last = member;
        if (next === members.length) members = grown(members);
        members[next++] = member;
      }
    }
    if (!rises) next = unique(members.subarray(from, next).sort()) + from;
    starts[row + 1] = within(next);
  }
  return { starts, members: members.slice(0, next) };
}

function grown(members: Int32Array): Int32Array {
  const more = integers(2 * members.length);
  more.set(members);
  return more;
}

/** Leaves out what comes again in a list that does not fall; how many there are then. */
function unique(list: Int32Array): number {
  let next = 0;
  for (const member of list) {
    if (next === 0 || member !== list[next - 1]) list[next++] = member;
  }
  return next;
}

/** Sets with their members in rising order, each once. */
function sorted(starts: Int32Array, members: Int32Array): ElementSets {
  const ends = integers(starts.length);
  let next = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    const from = starts[row] ?? 0;
    const to = starts[row + 1] ?? 0;
    if (!rises(members, from, to)) members.subarray(from, to).sort();
    let last = -1;
    for (let k = from; k < to; k++) {
      const member = members[k] ?? 0;
      if (member !== last) members[next++] = member;
      last = member;
    }
    ends[row + 1] = next;
  }
  return ElementSets.of(ends, members.slice(0, next));
}

function rises(members: Int32Array, from: number, to: number): boolean {
  for (let k = from + 1; k < to; k++) {
    if ((members[k - 1] ?? 0) > (members[k] ?? 0)) return false;
  }
  return true;
}

function sameNumbers(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Number of elements of a value; 1 for a stack. */
export function elementCount(type: ValueType): number {
  return type.kind === 'tensor' ? sizeOf(type.shape) : 1;
}

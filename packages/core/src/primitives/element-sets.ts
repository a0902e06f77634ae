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

/**
 * For each element of a value, the variables that it depends on, in rising order: a sparse matrix
 * of ones by rows. A stack counts as one element.
 */
export class ElementSets {
  /** The set of element i goes from `starts[i]` to `starts[i + 1]`. */
  readonly starts: Int32Array;
  readonly members: Int32Array;

  constructor(starts: Int32Array, members: Int32Array) {
    this.starts = starts;
    this.members = members;
  }

  /** Each element depends on one variable, from `first` on. */
  static units(size: number, first: number): ElementSets {
    const starts = integers(size + 1);
    const members = integers(size);
    for (let i = 0; i < size; i++) {
      starts[i + 1] = i + 1;
      members[i] = first + i;
    }
    return new ElementSets(starts, members);
  }

  /** No element depends on anything. */
  static none(size: number): ElementSets {
    return new ElementSets(integers(size + 1), integers(0));
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
      for (let i = 0; i < part.size; i++) starts[row + i] = next + start(part, i);
      members.set(part.members, next);
      row += part.size;
      next += part.count;
    }
    starts[row] = next;
    return new ElementSets(starts, members);
  }

  /** Number of elements. */
  get size(): number {
    return this.starts.length - 1;
  }

  /** Number of members of all sets together. */
  get count(): number {
    return this.members.length;
  }

  /** Element i of the result is element `from[i]`, or depends on nothing where that is negative. */
  pick(from: Int32Array): ElementSets {
    const starts = integers(from.length + 1);
    let total = 0;
    for (let i = 0; i < from.length; i++) {
      const at = from[i] ?? -1;
      if (at >= 0) total += start(this, at + 1) - start(this, at);
      starts[i + 1] = total;
      if (total > limit) within(total);
    }
    const members = integers(total);
    for (let i = 0; i < from.length; i++) {
      const at = from[i] ?? -1;
      let next = starts[i] ?? 0;
      if (at < 0) continue;
      const end = start(this, at + 1);
      for (let k = start(this, at); k < end; k++) members[next++] = this.members[k] ?? 0;
    }
    return new ElementSets(starts, members);
  }

  /** The elements from one position up to another. */
  slice(from: number, to: number): ElementSets {
    const first = start(this, from);
    return new ElementSets(
      this.starts.slice(from, to + 1).map((at) => at - first),
      this.members.subarray(first, start(this, to)),
    );
  }

  /** What elements at the same position depend on together. */
  union(other: ElementSets): ElementSets {
    // Most values are computed from others that depend on the same, or on less.
    if (this.#contains(other)) return this;
    if (other.#contains(this)) return other;
    const { size, members: a } = this;
    const { members: b } = other;
    const starts = integers(size + 1);
    const members = integers(within(a.length + b.length));
    let next = 0;
    for (let row = 0; row < size; row++) {
      let i = start(this, row);
      let j = start(other, row);
      const endA = start(this, row + 1);
      const endB = start(other, row + 1);
      while (i < endA && j < endB) {
        const left = a[i] ?? 0;
        const right = b[j] ?? 0;
        members[next++] = Math.min(left, right);
        if (left <= right) i++;
        if (right <= left) j++;
      }
      while (i < endA) members[next++] = a[i++] ?? 0;
      while (j < endB) members[next++] = b[j++] ?? 0;
      starts[row + 1] = next;
    }
    return new ElementSets(starts, members.slice(0, next));
  }

  /** Whether each element depends on all that the element of another value at its position does. */
  #contains(other: ElementSets): boolean {
    if (other === this || other.count === 0) return true;
    if (other.count > this.count) return false;
    const { size, members: a } = this;
    const { members: b } = other;
    for (let row = 0; row < size; row++) {
      let i = start(this, row);
      const end = start(this, row + 1);
      const to = start(other, row + 1);
      for (let j = start(other, row); j < to; j++) {
        const member = b[j] ?? 0;
        while (i < end && (a[i] ?? 0) < member) i++;
        if (i === end || a[i] !== member) return false;
      }
    }
    return true;
  }

  /** Element i is added to element `to[i]` of a value of `size`, or to none where it is negative. */
  sum(to: Int32Array, size: number): ElementSets {
    const starts = integers(size + 1);
    for (let i = 0; i < to.length; i++) {
      const at = to[i] ?? -1;
      if (at >= 0) starts[at + 1] = (starts[at + 1] ?? 0) + start(this, i + 1) - start(this, i);
    }
    for (let row = 0; row < size; row++) {
      starts[row + 1] = within((starts[row + 1] ?? 0) + (starts[row] ?? 0));
    }
    const members = integers(starts[size] ?? 0);
    const next = starts.slice();
    for (let i = 0; i < to.length; i++) {
      const at = to[i] ?? -1;
      if (at < 0) continue;
      const end = start(this, i + 1);
      let free = next[at] ?? 0;
      for (let k = start(this, i); k < end; k++) members[free++] = this.members[k] ?? 0;
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

function start(sets: ElementSets, row: number): number {
  return sets.starts[row] ?? 0;
}

function within(total: number): number {
  if (total <= limit) return total;
  throw new RangeError(
    `sparseJacobian: values of the function depend on more than ${limit} variables in all, which is not sparse. Use jacfwd or jacrev, or give the pattern.`,
  );
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
  return new ElementSets(ends, members.slice(0, next));
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

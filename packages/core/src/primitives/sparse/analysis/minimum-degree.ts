/**
 * A fill-reducing order by approximate minimum degree.
 *
 * Gaussian elimination of a node makes its neighbours a clique. The quotient graph does not write the
 * clique down: the node becomes an *element*, a list of the variables that it connects, and absorbs the
 * elements next to it. A variable is then adjacent to elements and to variables. The one whose degree
 * is least goes next; what is compared is a bound of the degree, the sum of the parts of the elements
 * that lie outside the newest, which is found for all variables of an element in one sweep. Variables
 * with the same neighbours become one, with a weight, and those with no neighbour outside the new
 * element go together with it.
 *
 * Amestoy, Davis and Duff, An Approximate Minimum Degree Ordering Algorithm (1996).
 */
import { integers } from '../../../tensor/dtype.ts';
import type { Graph } from './graph.ts';
import { at, increase } from './integers.ts';

/** The order in which to eliminate the nodes of a graph. */
export function minimumDegree(graph: Graph): Int32Array {
  return new Quotient(graph).run();
}

const none = -1;

class Quotient {
  readonly #n: number;
  /** Lists of all nodes: of a variable its elements and then its variables, of an element its variables. */
  #lists: Int32Array;
  readonly #start: Int32Array;
  readonly #length: Int32Array;
  /** Number of elements at the head of a variable's list. */
  readonly #elements: Int32Array;
  /** Nodes that a variable stands for; 0 when it is none any more, negative while it is in the new element. */
  readonly #weight: Int32Array;
  readonly #degree: Int32Array;
  /** For an element, a mark plus the weight of its part outside the new one; 0 when absorbed. */
  readonly #mark: Int32Array;
  /** What a node went together with. */
  readonly #host: Int32Array;
  /** Lists of variables by degree, and by hash. */
  readonly #head: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #hashHead: Int32Array;
  readonly #pivots: number[] = [];
  readonly #dense: number[] = [];
  #free: number;
  #least = 0;
  #done = 0;
  #stamp = 1;
  #largest = 0;

  constructor({ size, starts, neighbours }: Graph) {
    const n = size;
    this.#n = n;
    this.#free = neighbours.length;
    this.#lists = integers(neighbours.length + Math.floor(neighbours.length / 5) + 2 * n + 1);
    this.#lists.set(neighbours);
    this.#start = starts.slice(0, n);
    this.#length = integers(n);
    this.#elements = integers(n);
    this.#weight = integers(n).fill(1);
    this.#degree = integers(n);
    this.#mark = integers(n).fill(1);
    this.#host = integers(n).fill(none);
    this.#head = integers(n + 1).fill(none);
    this.#next = integers(n).fill(none);
    this.#previous = integers(n).fill(none);
    this.#hashHead = integers(n + 1).fill(none);
    for (let i = 0; i < n; i++) {
      const degree = at(starts, i + 1) - at(starts, i);
      this.#length[i] = degree;
      this.#degree[i] = degree;
    }
  }

  run(): Int32Array {
    this.#setDenseApart();
    this.#least = 0;
    while (this.#done < this.#n) {
      const pivot = this.#takeLeast();
      this.#eliminate(pivot);
    }
    return this.#order();
  }

  /** Nodes with very many neighbours go last: they would be in most elements. */
  #setDenseApart(): void {
    const limit = Math.max(16, Math.floor(10 * Math.sqrt(this.#n)));
    for (let i = 0; i < this.#n; i++) {
      if (at(this.#degree, i) > limit) {
        this.#dense.push(i);
        this.#weight[i] = 0;
        this.#done += 1;
      }
    }
    for (let i = 0; i < this.#n; i++) if (at(this.#weight, i) > 0) this.#enter(i);
  }

  #enter(i: number): void {
    const degree = at(this.#degree, i);
    const first = at(this.#head, degree);
    this.#next[i] = first;
    this.#previous[i] = none;
    if (first !== none) this.#previous[first] = i;
    this.#head[degree] = i;
    this.#least = Math.min(this.#least, degree);
  }

  #leave(i: number): void {
    const next = at(this.#next, i);
    const previous = at(this.#previous, i);
    if (next !== none) this.#previous[next] = previous;
    if (previous !== none) this.#next[previous] = next;
    else this.#head[at(this.#degree, i)] = next;
  }

  #takeLeast(): number {
    while (at(this.#head, this.#least) === none) this.#least += 1;
    const pivot = at(this.#head, this.#least);
    this.#leave(pivot);
    return pivot;
  }

  #eliminate(pivot: number): void {
    this.#done += at(this.#weight, pivot);
    this.#pivots.push(pivot);
    const { from, to, weight } = this.#makeElement(pivot);
    this.#weight[pivot] = 0;
    this.#measureOutside(from, to);
    const left = this.#updateVariables(pivot, from, to, weight);
    this.#stamp += Math.max(this.#largest, weight) + 1;
    if (this.#stamp > 2 ** 30) this.#resetMarks();
    this.#joinEqual(from, to);
    this.#finish(pivot, from, to, left);
    this.#largest = Math.max(this.#largest, left);
  }

  #resetMarks(): void {
    for (let i = 0; i < this.#n; i++) if (at(this.#mark, i) !== 0) this.#mark[i] = 1;
    this.#stamp = 2;
  }

  /** The variables that the pivot and its elements connect. */
  #makeElement(pivot: number): { from: number; to: number; weight: number } {
    const count = at(this.#elements, pivot);
    let room = at(this.#length, pivot) - count;
    for (let k = 0; k < count; k++) {
      room += at(this.#length, at(this.#lists, at(this.#start, pivot) + k));
    }
    if (count > 0 && this.#free + room > this.#lists.length) this.#compact();
    const own = at(this.#start, pivot);
    const length = at(this.#length, pivot);
    const weight = this.#weight;
    weight[pivot] = -at(weight, pivot);
    // The list of a pivot without elements becomes that of the new element where it is.
    const from = count === 0 ? own : this.#free;
    let to = from;
    let total = 0;
    const gather = (start: number, end: number): void => {
      for (let k = start; k < end; k++) {
        const i = at(this.#lists, k);
        const w = at(weight, i);
        if (w <= 0) continue;
        total += w;
        weight[i] = -w;
        this.#lists[to++] = i;
        this.#leave(i);
      }
    };
    for (let k = own; k < own + count; k++) {
      const e = at(this.#lists, k);
      gather(at(this.#start, e), at(this.#start, e) + at(this.#length, e));
      this.#mark[e] = 0;
      this.#length[e] = 0;
    }
    gather(own + count, own + length);
    if (count > 0) this.#free = to;
    this.#degree[pivot] = total;
    this.#start[pivot] = from;
    this.#length[pivot] = to - from;
    this.#elements[pivot] = none;
    return { from, to, weight: total };
  }

  /** For each element next to the new one, the weight of what it has outside. */
  #measureOutside(from: number, to: number): void {
    for (let k = from; k < to; k++) {
      const i = at(this.#lists, k);
      const w = -at(this.#weight, i);
      const start = at(this.#start, i);
      for (let q = start; q < start + at(this.#elements, i); q++) {
        const e = at(this.#lists, q);
        const mark = at(this.#mark, e);
        if (mark >= this.#stamp) this.#mark[e] = mark - w;
        else if (mark !== 0) this.#mark[e] = this.#stamp + at(this.#degree, e) - w;
      }
    }
  }

  /** New lists and degrees of the variables of the new element; gives its weight that is left. */
  #updateVariables(pivot: number, from: number, to: number, weight: number): number {
    let left = weight;
    const lists = this.#lists;
    for (let k = from; k < to; k++) {
      const i = at(lists, k);
      const start = at(this.#start, i);
      const variables = start + at(this.#elements, i);
      const end = start + at(this.#length, i);
      let put = start;
      let hash = 0;
      let degree = 0;
      for (let q = start; q < variables; q++) {
        const e = at(lists, q);
        const mark = at(this.#mark, e);
        if (mark === 0) continue;
        const outside = mark - this.#stamp;
        if (outside <= 0) {
          // All of it lies in the new element.
          this.#mark[e] = 0;
          this.#length[e] = 0;
          continue;
        }
        degree += outside;
        lists[put++] = e;
        hash += e;
      }
      const kept = put;
      for (let q = variables; q < end; q++) {
        const j = at(lists, q);
        const w = at(this.#weight, j);
        if (w <= 0) continue;
        degree += w;
        lists[put++] = j;
        hash += j;
      }
      if (degree === 0) {
        const w = -at(this.#weight, i);
        left -= w;
        this.#done += w;
        this.#weight[i] = 0;
        this.#elements[i] = none;
        this.#host[i] = pivot;
        this.#length[i] = 0;
        continue;
      }
      this.#degree[i] = Math.min(at(this.#degree, i), degree);
      // The new element comes first: the two that stood there move behind their kind.
      lists[put] = at(lists, kept);
      lists[kept] = at(lists, start);
      lists[start] = pivot;
      this.#elements[i] = kept - start + 1;
      this.#length[i] = put - start + 1;
      const bucket = hash % this.#n;
      this.#next[i] = at(this.#hashHead, bucket);
      this.#hashHead[bucket] = i;
      this.#previous[i] = bucket;
    }
    return left;
  }

  /** Variables of the new element with the same neighbours become one. */
  #joinEqual(from: number, to: number): void {
    const lists = this.#lists;
    for (let k = from; k < to; k++) {
      const first = at(lists, k);
      if (at(this.#weight, first) >= 0) continue;
      const bucket = at(this.#previous, first);
      let i = at(this.#hashHead, bucket);
      this.#hashHead[bucket] = none;
      for (; i !== none && at(this.#next, i) !== none; i = at(this.#next, i)) {
        const length = at(this.#length, i);
        const elements = at(this.#elements, i);
        const start = at(this.#start, i);
        for (let q = start + 1; q < start + length; q++) this.#mark[at(lists, q)] = this.#stamp;
        let last = i;
        for (let j = at(this.#next, i); j !== none; ) {
          const next = at(this.#next, j);
          if (
            at(this.#length, j) === length &&
            at(this.#elements, j) === elements &&
            this.#isMarked(j)
          ) {
            increase(this.#weight, i, at(this.#weight, j));
            this.#weight[j] = 0;
            this.#elements[j] = none;
            this.#length[j] = 0;
            this.#host[j] = i;
            this.#next[last] = next;
          } else {
            last = j;
          }
          j = next;
        }
        this.#stamp += 1;
      }
    }
  }

  /** Whether all in the list of a variable, but for the new element at its head, is marked. */
  #isMarked(j: number): boolean {
    const start = at(this.#start, j);
    for (let q = start + 1; q < start + at(this.#length, j); q++) {
      if (at(this.#mark, at(this.#lists, q)) !== this.#stamp) return false;
    }
    return true;
  }

  /** Puts the variables of the new element back into the lists of degrees. */
  #finish(pivot: number, from: number, to: number, left: number): void {
    let put = from;
    for (let k = from; k < to; k++) {
      const i = at(this.#lists, k);
      const w = -at(this.#weight, i);
      if (w <= 0) continue;
      this.#weight[i] = w;
      const degree = at(this.#degree, i) + left - w;
      this.#degree[i] = Math.min(degree, this.#n - this.#done - w);
      this.#enter(i);
      this.#lists[put++] = i;
    }
    this.#length[pivot] = put - from;
    this.#degree[pivot] = left;
    if (put === from) this.#mark[pivot] = 0;
    else this.#mark[pivot] = 1;
    if (to === this.#free) this.#free = put;
  }

  /** Moves all lists to the front, one after the other. */
  #compact(): void {
    const n = this.#n;
    const byStart: number[] = [];
    for (let i = 0; i < n; i++) if (at(this.#length, i) > 0 && !this.#isGone(i)) byStart.push(i);
    byStart.sort((a, b) => at(this.#start, a) - at(this.#start, b));
    let put = 0;
    for (const i of byStart) {
      const start = at(this.#start, i);
      const length = at(this.#length, i);
      this.#lists.copyWithin(put, start, start + length);
      this.#start[i] = put;
      put += length;
    }
    this.#free = put;
  }

  /** Whether a node is neither a variable nor an element any more. */
  #isGone(i: number): boolean {
    return at(this.#weight, i) === 0 && at(this.#elements, i) !== none;
  }

  /** Pivots in order, each followed by what went with it, and the dense nodes. */
  #order(): Int32Array {
    const n = this.#n;
    const place = integers(n).fill(none);
    this.#pivots.forEach((pivot, i) => {
      place[pivot] = i;
    });
    const groups: number[][] = this.#pivots.map((pivot) => [pivot]);
    for (let i = 0; i < n; i++) {
      let host = i;
      while (at(this.#host, host) !== none) host = at(this.#host, host);
      const group = host === i ? undefined : groups[at(place, host)];
      group?.push(i);
    }
    return Int32Array.from([...groups.flat(), ...this.#dense]);
  }
}

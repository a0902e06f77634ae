import type { Buffer } from '../kernel/expr.ts';
import type { Pointer } from '../kernel/statement.ts';
import { type DType, itemSize } from '../tensor/dtype.ts';

/** When a buffer of the workspace is in use: clock times of the first and last statement. */
export interface Interval {
  readonly buffer: Buffer;
  readonly bytes: number;
  start: number;
  end: number;
}

interface Region extends Interval {
  /** Number of loops around the place where the buffer came into being. */
  readonly depth: number;
  /** A buffer that may exchange addresses with this one, and so lives equally long. */
  partner?: Region;
}

/**
 * The buffers of a call while its statements are written down in order. A buffer made outside a
 * loop and used inside it is in use until the loop ends.
 */
export class Workspace {
  readonly #regions = new Map<Buffer, Region>();
  /** For each open loop, outermost first, when it began and the outer buffers used in it. */
  readonly #loops: { readonly start: number; readonly used: Set<Region> }[] = [];
  #clock = 0;

  allocate(name: string, dtype: DType, size: number): Buffer {
    const buffer: Buffer = { name: `${name}${this.#regions.size}`, dtype, size };
    this.#regions.set(buffer, {
      buffer,
      bytes: size * itemSize(dtype),
      start: Number.POSITIVE_INFINITY,
      end: -1,
      depth: this.#loops.length,
    });
    return buffer;
  }

  /** Makes two buffers that exchange addresses live equally long. */
  pair(a: Buffer, b: Buffer): void {
    const first = this.#regions.get(a);
    const second = this.#regions.get(b);
    if (!first || !second) throw new Error('Only buffers of the workspace exchange addresses.');
    first.partner = second;
    second.partner = first;
  }

  /** Whether the present statement is in a loop. */
  get inLoop(): boolean {
    return this.#loops.length > 0;
  }

  /** Makes a buffer live from the first statement to the last. */
  keepForever(pointer: Pointer): void {
    const region = pointer.kind === 'buffer' ? this.#regions.get(pointer.buffer) : undefined;
    if (region === undefined) throw new Error('Only buffers of the workspace are kept.');
    region.start = 0;
    region.end = Number.POSITIVE_INFINITY;
  }

  /** Moves on to the next statement. */
  tick(): void {
    this.#clock += 1;
  }

  /** Notes that the present statement uses an array. */
  touch(pointer: Pointer): void {
    if (pointer.kind === 'slot') {
      this.touch(pointer.stack);
      return;
    }
    const region = this.#regions.get(pointer.buffer);
    if (region === undefined) return;
    const loop = this.#loops[region.depth];
    region.start = Math.min(region.start, loop?.start ?? this.#clock);
    region.end = Math.max(region.end, this.#clock);
    loop?.used.add(region);
  }

  enterLoop(): void {
    this.tick();
    this.#loops.push({ start: this.#clock, used: new Set() });
  }

  exitLoop(): void {
    this.tick();
    for (const region of this.#loops.pop()?.used ?? [])
      region.end = Math.max(region.end, this.#clock);
  }

  /** Every buffer that is used, with the time in which it is. */
  intervals(): Interval[] {
    const used = [...this.#regions.values()].filter(
      (r) => r.end >= 0 || (r.partner?.end ?? -1) >= 0,
    );
    return used.map(({ buffer, bytes, start, end, partner }) => ({
      buffer,
      bytes,
      start: Math.min(start, partner?.start ?? start),
      end: Math.max(end, partner?.end ?? end),
    }));
  }
}

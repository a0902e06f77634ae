import type { Buffer } from '../kernel/expr.ts';
import type { Interval } from './workspace.ts';

/** Places of workspace buffers are multiples of this many bytes. */
const alignment = 16;

export interface MemoryPlan {
  readonly offsets: ReadonlyMap<Buffer, number>;
  readonly bytes: number;
}

interface Block {
  offset: number;
  bytes: number;
}

/**
 * Gives each buffer a fixed place, so that buffers in use at the same time do not overlap. Goes
 * through time once, taking the smallest free block that fits and returning those that ended.
 */
export function planMemory(intervals: readonly Interval[]): MemoryPlan {
  const offsets = new Map<Buffer, number>();
  const byStart = intervals.toSorted((a, b) => a.start - b.start || b.bytes - a.bytes);
  const byEnd = intervals.toSorted((a, b) => a.end - b.end);
  const free = new FreeBlocks();
  let ended = 0;
  for (const { buffer, bytes, start } of byStart) {
    for (; (byEnd[ended]?.end ?? start) < start; ended++) {
      const past = byEnd[ended];
      const offset = past && offsets.get(past.buffer);
      if (past && offset !== undefined) free.release(offset, aligned(past.bytes));
    }
    offsets.set(buffer, free.take(aligned(bytes)));
  }
  return { offsets, bytes: free.end };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** Free blocks below the end of the workspace, sorted by offset. */
class FreeBlocks {
  end = 0;
  readonly #blocks: Block[] = [];

  take(bytes: number): number {
    if (bytes === 0) return 0;
    let best = -1;
    this.#blocks.forEach((block, i) => {
      if (
        block.bytes >= bytes &&
        block.bytes < (this.#blocks[best]?.bytes ?? Number.POSITIVE_INFINITY)
      ) {
        best = i;
      }
    });
    const block = this.#blocks[best];
    if (block) {
      const { offset } = block;
      block.offset += bytes;
      block.bytes -= bytes;
      if (block.bytes === 0) this.#blocks.splice(best, 1);
      return offset;
    }
    const last = this.#blocks.at(-1);
    const offset = last && last.offset + last.bytes === this.end ? last.offset : this.end;
    if (offset < this.end) this.#blocks.pop();
    this.end = offset + bytes;
    return offset;
  }

  release(offset: number, bytes: number): void {
    if (bytes === 0) return;
    let at = this.#blocks.length;
    while (at > 0 && (this.#blocks[at - 1]?.offset ?? 0) > offset) at--;
    const before = this.#blocks[at - 1];
    const after = this.#blocks[at];
    const joinsBefore = before !== undefined && before.offset + before.bytes === offset;
    const joinsAfter = after !== undefined && offset + bytes === after.offset;
    if (joinsBefore) {
      before.bytes += bytes + (joinsAfter ? after.bytes : 0);
      if (joinsAfter) this.#blocks.splice(at, 1);
    } else if (joinsAfter) {
      after.offset = offset;
      after.bytes += bytes;
    } else {
      this.#blocks.splice(at, 0, { offset, bytes });
    }
  }
}

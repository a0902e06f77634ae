import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planMemory } from '../../src/compiler/plan.ts';
import { type Interval, Workspace } from '../../src/compiler/workspace.ts';
import type { Buffer } from '../../src/kernel/expr.ts';
import type { Pointer } from '../../src/kernel/statement.ts';

const interval = fc
  .tuple(fc.nat(40), fc.nat(10), fc.nat(300))
  .map(([start, length, bytes]): Interval => {
    const buffer: Buffer = { name: 'b', dtype: 'bool', size: bytes };
    return { buffer, bytes, start, end: start + length };
  });

describe('planMemory', () => {
  it('never gives two buffers that are in use at one time the same bytes', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 40 }), (intervals) => {
        const { offsets, bytes } = planMemory(intervals);
        const placed = intervals.map((i) => ({ ...i, at: offsets.get(i.buffer) ?? Number.NaN }));
        for (const a of placed) {
          expect(a.at % 16).toBe(0);
          expect(a.at + a.bytes).toBeLessThanOrEqual(bytes);
          for (const b of placed) {
            if (a === b || a.bytes === 0 || b.bytes === 0) continue;
            const together = a.start <= b.end && b.start <= a.end;
            const apart = a.at + a.bytes <= b.at || b.at + b.bytes <= a.at;
            if (together) expect(apart).toBe(true);
          }
        }
      }),
      { seed: 7 },
    );
  });

  it('uses the bytes of a buffer again once it has ended', () => {
    const chain = Array.from({ length: 100 }, (_, i): Interval => {
      return { buffer: { name: 'b', dtype: 'float64', size: 8 }, bytes: 64, start: i, end: i + 1 };
    });
    expect(planMemory(chain).bytes).toBe(128);
  });
});

describe('a workspace', () => {
  const at = (buffer: Buffer): Pointer => ({
    kind: 'buffer',
    buffer,
    offset: { base: 0, terms: [] },
  });

  it('keeps a buffer from outside a loop until the loop ends', () => {
    const workspace = new Workspace();
    const outside = workspace.allocate('outside', 'float64', 4);
    workspace.touch(at(outside));
    workspace.enterLoop();
    workspace.tick();
    workspace.touch(at(outside));
    workspace.tick();
    const inside = workspace.allocate('inside', 'float64', 4);
    workspace.touch(at(inside));
    workspace.exitLoop();
    const [first, second] = workspace.intervals();
    expect(first?.end).toBeGreaterThan(second?.end ?? Number.POSITIVE_INFINITY);
  });

  it('counts a buffer that is first written inside a loop from the start of the loop', () => {
    const workspace = new Workspace();
    const collected = workspace.allocate('collected', 'float64', 4);
    workspace.enterLoop();
    const temporary = workspace.allocate('temporary', 'float64', 4);
    workspace.touch(at(temporary));
    workspace.tick();
    workspace.touch(at(collected));
    workspace.exitLoop();
    const [first, second] = workspace.intervals();
    expect(first?.start).toBeLessThanOrEqual(second?.start ?? -1);
  });

  it('lets two buffers that exchange addresses live equally long', () => {
    const workspace = new Workspace();
    const a = workspace.allocate('a', 'float64', 4);
    const b = workspace.allocate('b', 'float64', 4);
    workspace.pair(a, b);
    workspace.touch(at(a));
    workspace.tick();
    workspace.touch(at(b));
    workspace.tick();
    workspace.touch(at(a));
    const [first, second] = workspace.intervals();
    expect([first?.start, first?.end]).toEqual([second?.start, second?.end]);
  });
});

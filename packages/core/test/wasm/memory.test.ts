import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RealmMemory } from '../../src/backends/wasm/memory.ts';

test('blocks are aligned, do not overlap, and keep their content while memory grows', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ bytes: fc.nat(100_000), drop: fc.nat(3) }), { maxLength: 60 }),
      (steps) => {
        const realm = new RealmMemory();
        const live: { address: number; bytes: number; mark: number }[] = [];
        steps.forEach(({ bytes, drop }, mark) => {
          const address = realm.allocate(bytes);
          expect(address % 16).toBe(0);
          new Uint8Array(realm.memory.buffer, address, bytes).fill(mark);
          live.push({ address, bytes, mark });
          if (drop === 0) {
            const [gone] = live.splice(mark % live.length, 1);
            if (gone) realm.free(gone.address);
          }
        });
        for (const { address, bytes, mark } of live) {
          const content = new Uint8Array(realm.memory.buffer, address, bytes);
          expect(content.every((byte) => byte === mark)).toBe(true);
        }
        for (const { address } of live) realm.free(address);
        expect(realm.bytesInUse).toBe(0);
        expect(realm.end).toBe(16);
      },
    ),
    { numRuns: 60 },
  );
});

test('freed neighbours serve a larger block', () => {
  const realm = new RealmMemory();
  const [a, b, c, last] = [1000, 1000, 1000, 16].map((bytes) => realm.allocate(bytes));
  for (const address of [a, c, b]) realm.free(address ?? 0);
  expect(realm.allocate(3000)).toBe(a);
  expect(last).toBeGreaterThan(0);
});

test('running out of memory is an error that says so, and leaves what is there usable', () => {
  const realm = new RealmMemory({ maximumPages: 4 });
  const address = realm.allocate(100_000);
  expect(() => realm.allocate(200_000)).toThrow(RangeError);
  expect(() => realm.allocate(200_000)).toThrow(/200000 bytes.*cannot grow/);
  new Uint8Array(realm.memory.buffer, address, 100_000).fill(1);
  expect(realm.allocate(100_000)).toBeGreaterThan(address);
});

test('freeing what is no block is an error', () => {
  const realm = new RealmMemory();
  const address = realm.allocate(32);
  expect(() => realm.free(address + 16)).toThrow(`No block of memory begins at ${address + 16}.`);
  realm.free(address);
  expect(() => realm.free(address)).toThrow(/No block/);
});

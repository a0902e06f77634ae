// Runs before each test file while it is found out which tests come by which blocks: see `map.ts`.

import { afterEach, beforeEach } from 'vitest';

declare global {
  var gradHits: Uint8Array;
}

declare module 'vitest' {
  interface TaskMeta {
    /** Blocks that the test comes by. */
    hits?: number[];
    /** Blocks that the file comes by before its first test. */
    loads?: number[];
  }
}

globalThis.gradHits = new Uint8Array(1 << 16);

function takeHits(): number[] {
  const found: number[] = [];
  gradHits.forEach((hit, i) => {
    if (hit) found.push(i);
  });
  gradHits.fill(0);
  return found;
}

let first = true;

beforeEach(({ task }) => {
  // Those of later tests belong to what a suite does once before them.
  if (!first) return;
  first = false;
  task.meta.loads = takeHits();
});

afterEach(({ task }) => {
  task.meta.hits = takeHits();
});

/**
 * Independent standard normal numbers, the same for the same seed everywhere: the Mulberry32
 * generator of 32 bits (T. Ettinger, 2017) and the transform of G. Box and M. Muller, Ann. Math.
 * Statist. 29 (1958) 610. Good enough for trials of a method, not for statistics of rare events.
 */
export function normalNoise(seed: number): () => number {
  let state = seed | 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** A vector of such numbers. */
export function normalVector(normal: () => number, size: number): Float64Array {
  return Float64Array.from({ length: size }, normal);
}

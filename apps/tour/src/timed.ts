/** Runs a computation and says how many seconds it took. */
export function timed<T>(compute: () => T): { value: T; seconds: number } {
  const start = performance.now();
  const value = compute();
  return { value, seconds: (performance.now() - start) / 1000 };
}

/** The same of a computation that others may interleave with: their time counts too. */
export async function timedAsync<T>(
  compute: () => Promise<T>,
): Promise<{ value: T; seconds: number }> {
  const start = performance.now();
  const value = await compute();
  return { value, seconds: (performance.now() - start) / 1000 };
}

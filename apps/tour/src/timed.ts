/** Runs a computation and says how many seconds it took. */
export function timed<T>(compute: () => T): { value: T; seconds: number } {
  const start = performance.now();
  const value = compute();
  return { value, seconds: (performance.now() - start) / 1000 };
}

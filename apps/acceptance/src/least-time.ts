import type { Tensor } from '@grad/core';

/**
 * The least processor time of a function in some calls, in seconds: unlike time on the clock it says the same
 * on a busy machine.
 */
export function leastTime(f: (x: Tensor) => Tensor, x: Tensor, calls = 5): number {
  f(x).dataSync();
  const times = Array.from({ length: calls }, () => {
    const before = process.cpuUsage();
    f(x).dataSync();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return Math.min(...times);
}

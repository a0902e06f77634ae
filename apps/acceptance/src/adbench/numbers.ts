import type { DataFolder } from '../data-folder.ts';

/** The numbers of one of ADBench's files, in order. */
export function numbersOf(data: DataFolder, path: string) {
  const values = data
    .text(`adbench/${path}`)
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(Number);
  let at = 0;
  const take = (count: number): number[] => {
    const taken = values.slice(at, at + count);
    if (taken.length < count) throw new Error(`${path} ends early.`);
    at += count;
    return taken;
  };
  return {
    take,
    next: (): number => take(1)[0] ?? Number.NaN,
    rows: (count: number, width: number): number[][] =>
      Array.from({ length: count }, () => take(width)),
    rest: (): number[] => values.slice(at),
  };
}

/** ADBench's measure of a difference, |x - y| / max(1, |x| + |y|), at its largest. */
export function rho(x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (x.length !== y.length) return Number.NaN;
  let worst = 0;
  for (let i = 0; i < y.length; i++) {
    const [a = Number.NaN, b = Number.NaN] = [x[i], y[i]];
    const off = Math.abs(a - b) / Math.max(1, Math.abs(a) + Math.abs(b));
    if (!(off <= worst)) worst = off;
  }
  return worst;
}

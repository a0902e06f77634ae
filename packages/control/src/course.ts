/** Where a search starts: rows at times of the unit interval. */
export interface Course {
  readonly times: readonly number[];
  readonly states: readonly (readonly number[])[];
  readonly controls: readonly (readonly number[])[];
  /** Whether controls are those of the intervals that end at their times, and not those at these times. */
  readonly areHeld: boolean;
  /** Durations of phases. */
  readonly durations: readonly number[];
}

/** The row at a time, linear in between. */
export function rowAt(
  times: readonly number[],
  rows: readonly (readonly number[])[],
  t: number,
): number[] {
  const next = times.findIndex((time) => time >= t);
  if (next <= 0) return [...(rows[next === 0 ? 0 : rows.length - 1] ?? [])];
  const [t0 = 0, t1 = 1] = [times[next - 1], times[next]];
  const share = t1 > t0 ? (t - t0) / (t1 - t0) : 1;
  const [a, b] = [rows[next - 1] ?? [], rows[next] ?? []];
  return a.map((value, c) => value + share * ((b[c] ?? value) - value));
}

/** Controls that hold for a while around a time. */
export function controlsAt({ times, controls, areHeld }: Course, t: number): number[] {
  if (!areHeld) return rowAt(times, controls, t);
  const end = times.findIndex((time) => time >= t);
  return [...(controls.at(end) ?? [])];
}

/** Times from 0 to 1 for rows at equal distances. */
export function evenly(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (count > 1 ? i / (count - 1) : 0));
}

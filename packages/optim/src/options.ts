/** Refuses what is no number in [0, 1). */
export function checkFraction(name: string, option: string, value: number): void {
  if (value >= 0 && value < 1) return;
  throw new RangeError(`${name}: ${option} is ${value}; give a number of at least 0 and below 1.`);
}

/** Refuses what is no finite number of 0 or more. */
export function checkSize(name: string, option: string, value: number): void {
  if (value >= 0 && Number.isFinite(value)) return;
  throw new RangeError(`${name}: ${option} is ${value}; give a finite number of 0 or more.`);
}

/** Refuses what is no whole number of at least `least`. */
export function checkCount(name: string, option: string, count: number, least: number): void {
  if (Number.isInteger(count) && count >= least) return;
  throw new RangeError(`${name}: ${option} is ${count}; give a whole number of ${least} or more.`);
}

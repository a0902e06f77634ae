/** Refuses what is no whole number of `least` or more. */
export function checkCount(name: string, what: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(
    `${name}: ${what} is ${value}; it must be a whole number of ${least} or more.`,
  );
}

/** Refuses what is no finite number of 0 or more. */
export function checkSize(name: string, what: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new RangeError(`${name}: ${what} is ${value}; it must be a finite number of 0 or more.`);
}

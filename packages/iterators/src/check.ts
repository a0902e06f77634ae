/** Refuses misspelled options. */
export function checkOptions(name: string, options: object, known: readonly string[]): void {
  const other = Object.keys(options).find((option) => !known.includes(option));
  if (other !== undefined) {
    throw new TypeError(`${name}: there is no option '${other}'; there are ${known.join(', ')}.`);
  }
}

/** Refuses what is no number of the kind that is described. */
export function checkNumber(
  name: string,
  what: string,
  given: number,
  holds: (x: number) => boolean,
  expected: string,
): void {
  if (typeof given === 'number' && holds(given)) return;
  throw new RangeError(`${name}: ${what} is ${given}; give ${expected}.`);
}

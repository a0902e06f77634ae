/**
 * Refuses misspelled options.
 *
 * @throws TypeError that names the options there are.
 */
export function checkOptions(name: string, options: object, known: readonly string[]): void {
  const other = Object.keys(options).find((option) => !known.includes(option));
  if (other !== undefined) {
    throw new TypeError(`${name}: there is no option '${other}'; there are ${known.join(', ')}.`);
  }
}

/** Refuses a name that is none of those there are. */
export function checkChoice<T extends string>(
  name: string,
  option: string,
  given: T,
  known: readonly T[],
): void {
  if (known.includes(given)) return;
  throw new TypeError(
    `${name}: ${option} is ${JSON.stringify(given)}; give ${known.map((k) => `'${k}'`).join(', ')}.`,
  );
}

/** Refuses what is no number in a range. */
export function checkNumber(
  name: string,
  option: string,
  given: number,
  {
    above = Number.NEGATIVE_INFINITY,
    least = Number.NEGATIVE_INFINITY,
    most = Number.POSITIVE_INFINITY,
  },
): void {
  if (typeof given === 'number' && given > above && given >= least && given <= most) return;
  const bounds = [
    ...(above > Number.NEGATIVE_INFINITY ? [`above ${above}`] : []),
    ...(least > Number.NEGATIVE_INFINITY ? [`of at least ${least}`] : []),
    ...(most < Number.POSITIVE_INFINITY ? [`of at most ${most}`] : []),
  ];
  throw new RangeError(`${name}: ${option} is ${given}; give a number ${bounds.join(' and ')}.`);
}

/** Refuses what is no whole number of at least 1. */
export function checkCount(name: string, option: string, given: number): void {
  if (Number.isInteger(given) && given >= 1) return;
  throw new RangeError(`${name}: ${option} is ${given}; give a whole number of 1 or more.`);
}

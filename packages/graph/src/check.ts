import { isTensor, ShapeError, type Tensor, type TensorLike, tensor } from '@grad/core';

/** Refuses misspelled options. */
export function checkOptions(name: string, options: object, known: readonly string[]): void {
  const other = Object.keys(options).find((option) => !known.includes(option));
  if (other !== undefined) {
    throw new TypeError(`${name}: there is no option '${other}'; there are ${known.join(', ')}.`);
  }
}

/** Refuses what is no whole number of at least `least`. */
export function checkCount(name: string, what: string, given: number, least = 1): void {
  if (Number.isSafeInteger(given) && given >= least) return;
  throw new RangeError(`${name}: ${what} is ${given}; give a whole number of ${least} or more.`);
}

/** Refuses a number for which a rule does not hold. */
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

/** Refuses a choice that is none of those there are. */
export function checkChoice(
  name: string,
  what: string,
  given: string,
  known: readonly string[],
): void {
  if (known.includes(given)) return;
  throw new RangeError(`${name}: ${what} is '${given}'; give one of ${known.join(', ')}.`);
}

/** x as a matrix with `rows` rows, and `columns` columns where that is known. */
export function matrix(
  name: string,
  what: string,
  given: TensorLike,
  rows: number,
  columns?: number,
): Tensor {
  const x = isTensor(given) ? given : tensor(given);
  if (x.ndim === 2 && x.shape[0] === rows && (columns ?? x.shape[1]) === x.shape[1]) return x;
  throw new ShapeError(
    `${name}: ${what} has shape [${x.shape.join(', ')}]; it must be [${rows}, ${columns ?? 'features'}].`,
  );
}

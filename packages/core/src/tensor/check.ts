import { ofAnotherCopy } from './another-copy.ts';
import { dtypes } from './dtype.ts';
import { isTensor } from './tensor.ts';
import { describeType } from './type.ts';

/** What a value is, for messages about arguments. */
export function describeValue(value: unknown): string {
  if (isTensor(value)) return `a tensor (${describeType(value.type)})`;
  if (value instanceof Promise) return 'a promise, which is to be awaited first';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  switch (typeof value) {
    case 'undefined':
      return 'missing';
    case 'string':
      return JSON.stringify(value);
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : (ofAnotherCopy(value) ?? 'an object');
    default:
      return String(value);
  }
}

/**
 * Refuses options that are no object, and misspelled ones.
 *
 * @throws TypeError that names the options there are.
 */
export function checkOptions<T extends object>(
  name: string,
  options: T,
  known: readonly (keyof T & string)[],
): void {
  const names: readonly string[] = known;
  const given = typeof options === 'object' && options !== null && !Array.isArray(options);
  if (!given || isTensor(options) || options instanceof Promise) {
    throw new TypeError(
      `${name}: options are an object, {${known.join(', ')}}; they are ${describeValue(options)}.`,
    );
  }
  for (const option of Object.keys(options)) {
    if (names.includes(option)) continue;
    throw new TypeError(
      `${name}: there is no option '${option}'; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}.`,
    );
  }
}

/** Refuses what is no whole number, or one below a least value. */
export function checkWhole(name: string, what: string, value: unknown, least?: number): void {
  const whole = typeof value === 'number' && Number.isInteger(value);
  if (whole && (least === undefined || value >= least)) return;
  throw new RangeError(
    `${name}: ${what} must be a whole number${least === undefined ? '' : ` >= ${least}`}; it is ${describeValue(value)}.`,
  );
}

/** Whether a number is one that int32 holds. */
export function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
}

/** Refuses what is no whole number that int32 holds, or one below a least value. */
export function checkInt32(name: string, what: string, value: unknown, least?: number): void {
  checkWhole(name, what, value, least);
  if (typeof value === 'number' && isInt32(value)) return;
  throw new RangeError(
    `${name}: ${what} is ${describeValue(value)}; int32 holds -2147483648 to 2147483647 (2^31 - 1).`,
  );
}

/** Refuses what is no number. */
export function checkNumber(name: string, what: string, value: unknown): void {
  if (typeof value === 'number') return;
  throw new TypeError(`${name}: ${what} must be a number; it is ${describeValue(value)}.`);
}

/** Refuses what is no number, NaN and infinities. */
export function checkFinite(name: string, what: string, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value)) return;
  throw new RangeError(`${name}: ${what} must be a finite number; it is ${describeValue(value)}.`);
}

/** Refuses what is no array. */
export function checkList(name: string, what: string, value: unknown): void {
  if (Array.isArray(value)) return;
  throw new TypeError(`${name}: ${what} must be an array; it is ${describeValue(value)}.`);
}

/** Refuses what is neither true nor false. */
export function checkBoolean(name: string, what: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  throw new TypeError(`${name}: ${what} must be true or false; it is ${describeValue(value)}.`);
}

/** Refuses what is no number >= 0. */
export function checkTolerance(name: string, what: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return;
  throw new RangeError(`${name}: ${what} must be a number >= 0; it is ${describeValue(value)}.`);
}

/** Refuses what is no function. */
export function checkFunction(name: string, what: string, value: unknown): void {
  if (typeof value === 'function') return;
  throw new TypeError(`${name}: ${what} must be a function; it is ${describeValue(value)}.`);
}

/** Refuses what is not one of a few strings. */
export function checkChoice(
  name: string,
  what: string,
  value: unknown,
  choices: readonly string[],
): void {
  if (typeof value === 'string' && choices.includes(value)) return;
  throw new TypeError(
    `${name}: ${what} is ${describeValue(value)}; it must be ${choices.map((choice) => `'${choice}'`).join(' or ')}.`,
  );
}

/** Refuses what is no dtype. */
export function checkDType(name: string, dtype: unknown): void {
  if (!dtypes.some((known) => known === dtype)) checkChoice(name, 'the dtype', dtype, dtypes);
}

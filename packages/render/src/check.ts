import { isConcrete, ShapeError, type Tensor } from '@grad/core';

/** @throws TypeError naming an option that does not exist. */
export function checkOptions(name: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new TypeError(
    `${name}: there is no option '${unknown}'; there are ${known.map((k) => `'${k}'`).join(', ')}.`,
  );
}

/** @throws RangeError when a number is not a whole number of at least `least`. */
export function checkCount(name: string, what: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(`${name}: ${what} is ${value}; give a whole number of ${least} or more.`);
}

/** @throws ShapeError when the last axis has not the extent that is needed, 3 unless said otherwise. */
export function checkLast(name: string, what: string, x: Tensor, extent = 3): void {
  if (x.ndim > 0 && x.shape.at(-1) === extent) return;
  throw new ShapeError(
    `${name}: ${what} has shape [${x.shape.join(', ')}]; its last axis must have ${extent} elements.`,
  );
}

/** @throws ShapeError when the shape is another one. */
export function checkShape(
  name: string,
  what: string,
  x: Tensor,
  shape: readonly (number | string)[],
): void {
  const fits =
    x.ndim === shape.length && shape.every((n, i) => typeof n === 'string' || n === x.shape[i]);
  if (fits) return;
  throw new ShapeError(
    `${name}: ${what} has shape [${x.shape.join(', ')}]; [${shape.join(', ')}] is needed.`,
  );
}

/** Elements of a tensor whose values are known, and undefined while they are recorded. */
export function knownValues(x: Tensor): number[] | undefined {
  return isConcrete(x) ? x.read((data) => Array.from(data)) : undefined;
}

/** @throws RangeError where an element is known and not finite, or fails the test. */
export function checkValues(
  name: string,
  what: string,
  x: Tensor,
  needed: string,
  holds: (value: number) => boolean = () => true,
): void {
  knownValues(x)?.forEach((value, i) => {
    if (Number.isFinite(value) && holds(value)) return;
    throw new RangeError(`${name}: element ${i} of ${what} is ${value}; ${needed}.`);
  });
}

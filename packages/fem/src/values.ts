import { isConcrete, type Tensor } from '@grad/core';

/**
 * Refuses values of elements that are not positive and finite, where they are known.
 *
 * @throws RangeError naming the element.
 */
export function checkPositive(name: string, what: string, values: Tensor): void {
  if (!isConcrete(values)) return;
  values.read((numbers) => {
    const wrong = numbers.findIndex((value) => !(value > 0 && Number.isFinite(value)));
    if (wrong < 0) return;
    throw new RangeError(
      `${name}: the ${what} of element ${wrong} is ${numbers[wrong]}; it must be positive and finite.`,
    );
  });
}

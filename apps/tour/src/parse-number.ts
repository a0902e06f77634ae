import { InvalidArgumentError } from '@commander-js/extra-typings';
import { parseNumber } from '@grad/data';

export { parseNumber };

/** What an option's number must be, in a test and in words. */
export interface NumberRule {
  readonly holds: (value: number) => boolean;
  readonly expected: string;
}

/** Reads the number of an option for commander, which names the option in the error. */
export function numberOption({ holds, expected }: NumberRule): (text: string) => number {
  return (text) => {
    const value = parseNumber(text);
    if (value === undefined || !holds(value)) {
      throw new InvalidArgumentError(`Expected ${expected}.`);
    }
    return value;
  };
}

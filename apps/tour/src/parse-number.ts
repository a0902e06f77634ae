import { InvalidArgumentError } from '@commander-js/extra-typings';

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Reads a finite decimal number; undefined for anything else (`nan`, `inf`, `0x10`, an empty cell). */
export function parseNumber(text: string): number | undefined {
  if (!decimal.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

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

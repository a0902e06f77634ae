import { parseNumber } from './parse-number.ts';

/** A number as somebody else printed it, with the precision that the print carries. */
export interface Published {
  readonly kind: 'published';
  /** The digits as printed. */
  readonly text: string;
  readonly value: number;
  /** Digits after the decimal point of the printed mantissa. */
  readonly decimals: number;
  /** Largest difference that still agrees with the print. */
  readonly tolerance: number;
}

/** Rounding errors that a float64 computation of a few hundred operations may collect. */
const roundOff = 64 * Number.EPSILON;

/**
 * Reads a published number. A result agrees with it when it differs by at most one unit of the last
 * printed digit, or by float64 round-off (64 units of relative accuracy) when the print is finer.
 *
 * @throws Error when `text` is not a decimal number.
 */
export function published(text: string): Published {
  const value = parseNumber(text);
  if (value === undefined) throw new Error(`'${text}' is not a decimal number.`);
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const decimals = mantissa.split('.')[1]?.length ?? 0;
  const unit = 10 ** (Number(exponent) - decimals);
  const tolerance = Math.max(unit, roundOff * Math.abs(value));
  return { kind: 'published', text, value, decimals, tolerance };
}

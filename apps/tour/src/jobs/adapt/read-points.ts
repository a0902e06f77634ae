import { type Tensor, tensor } from '@grad/core';
import { type DataFile, readDelimited } from '../../delimited.ts';
import { parseNumber } from '../../parse-number.ts';
import { UserError } from '../../user-error.ts';

/** A curve to adapt to. */
export interface Curve {
  /** Where it comes from, for titles. */
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** The curve itself, where it is known. */
  readonly truth?: (x: number) => number;
}

/**
 * Points of a file with the columns x and y; the first line may hold titles.
 *
 * @throws UserError naming the line and the column that are wrong.
 */
export async function readPoints(
  path: string,
  context: { folder: string; signal: AbortSignal },
): Promise<Curve> {
  const file = await readDelimited(path, context);
  return { name: file.name, points: pointsOf(file) };
}

function pointsOf({ path, lines }: DataFile): Curve['points'] {
  const [first] = lines;
  const titles = first?.cells.every((cell) => /^\p{L}/u.test(cell) && !/^(?:nan|inf)/i.test(cell));
  const data = titles ? lines.slice(1) : lines;
  if (data.length === 0) throw new UserError(`${path} has no points below its titles.`);
  return data.map(({ number, cells }) => {
    if (cells.length !== 2) {
      throw new UserError(
        `${path}:${number}: expected 2 columns, x and y, found ${cells.length}. ` +
          'Columns are separated by tabs, commas, semicolons or spaces.',
      );
    }
    const [x, y] = cells.map((cell, column) => {
      const value = parseNumber(cell);
      if (value !== undefined) return value;
      throw new UserError(
        `${path}:${number}: expected a finite decimal number in column ${column + 1}, found '${cell}'.`,
      );
    });
    return { x: x ?? 0, y: y ?? 0 };
  });
}

/** Ten points of the curve 3.5 sin(x - 1), all in the left half. */
export const drawnCurve: Curve = {
  name: 'ten points of 3.5 sin(x - 1), all left of 0',
  points: Array.from({ length: 10 }, (_, i) => -4.75 + 0.5 * i).map((x) => ({
    x,
    y: 3.5 * Math.sin(x - 1),
  })),
  truth: (x) => 3.5 * Math.sin(x - 1),
};

/** The points of a curve as tensors. */
export function asPoints({ points }: Curve): { x: Tensor; y: Tensor } {
  const column = (values: number[]): Tensor =>
    tensor(Float32Array.from(values)).reshape([values.length, 1]);
  return { x: column(points.map(({ x }) => x)), y: column(points.map(({ y }) => y)) };
}

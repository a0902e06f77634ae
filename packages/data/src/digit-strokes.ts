/** A point in the box of a digit: x from the left, y from the top, both about 0 to 1. */
export type Point = readonly [x: number, y: number];

/** Positions in the points of a form, joined by lines or by a smooth curve. */
export interface Stroke {
  readonly smooth: boolean;
  readonly through: readonly number[];
}

/** One way to write a digit. Strokes that meet share a point. */
export interface DigitForm {
  readonly points: readonly Point[];
  readonly strokes: readonly Stroke[];
}

/** Written as pairs of x and y, in hundredths. */
const curve = (...xy: number[]): Drawn => ({ smooth: true, xy });
const lines = (...xy: number[]): Drawn => ({ smooth: false, xy });

interface Drawn {
  readonly smooth: boolean;
  readonly xy: readonly number[];
}

function form(...drawn: readonly Drawn[]): DigitForm {
  const points: Point[] = [];
  const strokes = drawn.map(({ smooth, xy }) => {
    const through: number[] = [];
    for (let i = 0; i < xy.length; i += 2) {
      const [x, y] = [(xy[i] ?? 0) / 100, (xy[i + 1] ?? 0) / 100];
      const known = points.findIndex((point) => point[0] === x && point[1] === y);
      through.push(known >= 0 ? known : points.push([x, y]) - 1);
    }
    return { smooth, through };
  });
  return { points, strokes };
}

const twoTop = [6, 25, 15, 6, 38, 0, 60, 10, 62, 30, 45, 55];
const threeBelow = curve(25, 47, 50, 50, 66, 68, 58, 90, 33, 100, 5, 90);
const fiveBelow = curve(10, 45, 35, 36, 60, 48, 65, 70, 50, 93, 28, 100, 5, 90);
const nineLoop = curve(61, 20, 50, 5, 28, 0, 8, 15, 10, 38, 30, 50, 52, 40, 61, 20);

/** The ways to write each digit, by the digit. */
export const digitForms: readonly (readonly DigitForm[])[] = [
  [
    form(curve(38, 0, 14, 12, 5, 48, 13, 87, 35, 100, 58, 87, 66, 50, 57, 13, 38, 0)),
    form(curve(45, 3, 22, 8, 6, 40, 10, 80, 30, 99, 55, 92, 67, 60, 62, 20, 38, 0)),
  ],
  [
    form(lines(35, 0, 35, 100)),
    form(lines(15, 22, 38, 0, 38, 100)),
    form(lines(15, 22, 38, 0, 38, 100), lines(12, 100, 38, 100, 62, 100)),
  ],
  [
    form(curve(...twoTop, 20, 80, 3, 100), lines(3, 100, 68, 98)),
    form(curve(...twoTop, 25, 80, 6, 94, 13, 100, 25, 88, 45, 94, 68, 97)),
  ],
  [
    form(curve(8, 10, 30, 0, 55, 8, 60, 25, 45, 42, 25, 47), threeBelow),
    form(lines(8, 2, 60, 2, 25, 47), threeBelow),
  ],
  [
    form(lines(12, 0, 5, 55, 68, 55), lines(55, 5, 50, 100)),
    form(lines(48, 0, 3, 65, 68, 65), lines(48, 0, 48, 100)),
    form(curve(12, 2, 4, 30, 10, 50, 35, 52, 58, 44), lines(62, 0, 58, 44, 52, 100)),
  ],
  [
    form(lines(60, 2, 15, 2, 10, 45), fiveBelow),
    form(lines(15, 2, 10, 45), lines(15, 2, 65, 0), fiveBelow),
  ],
  [
    form(
      curve(55, 2, 30, 15, 12, 42, 6, 70, 17, 95, 40, 100, 60, 85, 58, 63, 40, 52, 20, 58, 6, 70),
    ),
    form(curve(32, 0, 16, 30, 8, 70, 20, 97, 45, 99, 60, 82, 52, 65, 32, 62, 8, 70)),
  ],
  [
    form(lines(3, 3, 65, 3, 25, 100)),
    form(lines(3, 3, 65, 3, 25, 100), lines(20, 50, 60, 48)),
    form(curve(3, 12, 20, 4, 45, 6, 65, 3, 48, 35, 35, 65, 30, 100)),
  ],
  [
    form(
      curve(
        35,
        46,
        12,
        30,
        15,
        8,
        35,
        0,
        56,
        8,
        58,
        28,
        35,
        46,
        10,
        65,
        8,
        90,
        33,
        100,
        60,
        90,
        60,
        65,
        35,
        46,
      ),
    ),
    form(
      curve(
        58,
        12,
        40,
        0,
        15,
        8,
        15,
        28,
        35,
        46,
        58,
        65,
        58,
        90,
        33,
        100,
        8,
        90,
        10,
        68,
        35,
        46,
        54,
        30,
        58,
        12,
      ),
    ),
  ],
  [
    form(nineLoop, lines(61, 20, 57, 60, 50, 100)),
    form(nineLoop, curve(61, 20, 62, 60, 50, 90, 25, 100, 8, 92)),
  ],
];

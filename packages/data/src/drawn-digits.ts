import { clip, random, type Tensor, tensor } from '@grad/core';
import { type DigitForm, digitForms, type Point, type Stroke } from './digit-strokes.ts';
import type { LabelledImages } from './read-labelled-images.ts';

/** Options of `drawnDigits`. */
export interface DrawnDigitOptions {
  /** Pixels of a side, 28 unless said otherwise. */
  readonly size?: number;
  /** Standard deviation of what is added to each pixel; 0 unless said otherwise. */
  readonly noise?: number;
  /** The digits to draw, 0 to 9, one for each image; drawn evenly when left out. */
  readonly labels?: readonly number[];
}

/**
 * Draws handwritten digits in the manner of MNIST, for machines that do not have it: light ink on a
 * black ground, each digit written in one of a few ways with a pen of some width, its points moved
 * about, then turned, slanted, stretched and shifted. The pixels are covered in part where an edge
 * passes. Image i depends on the key and i alone. Without noise, values are multiples of 1/255.
 *
 * They are about as hard as MNIST for simple classifiers, and no benchmark: of 8000 of them, a linear
 * one learns to tell 93 of 100 others, and a convolutional network of two layers 98.
 *
 * @returns images float32 `[n, size, size]` in [0, 1], and labels int32 `[n]`.
 * @throws RangeError when n is no whole number >= 1, the size is below 8, or a label is no digit.
 */
export function drawnDigits(
  key: Tensor,
  n: number,
  options: DrawnDigitOptions = {},
): LabelledImages {
  const { size = 28, noise = 0 } = options;
  checkWhole('n', n, 1);
  checkWhole('size', size, 8);
  const [forMotion, forPoints, forNoise] = random.split(key, 3);
  const motions = random.uniform(forMotion, [n, motionNumbers]).dataSync();
  const moves = random.normal(forPoints, [n, pointNumbers]).dataSync();
  const labels = labelsOf(n, motions, options.labels);
  const pixels = new Float32Array(n * size * size);
  const pen = new Pen(size);
  labels.forEach((label, i) => {
    const motion = motions.subarray(i * motionNumbers, (i + 1) * motionNumbers);
    const move = moves.subarray(i * pointNumbers, (i + 1) * pointNumbers);
    draw(pen, label, motion, move);
    pen.develop(pixels.subarray(i * size * size, (i + 1) * size * size));
  });
  const clean = tensor(pixels).reshape([n, size, size]);
  if (noise === 0) return { images: clean, labels: tensor(labels) };
  const grain = random.normal(forNoise, [n, size, size], { dtype: 'float32' }).mul(noise);
  return { images: clip(clean.add(grain), 0, 1), labels: tensor(labels) };
}

/** Uniform numbers for each image: label, form, and what `draw` does with the others. */
const motionNumbers = 11;
const pointNumbers = 2 * Math.max(...digitForms.flat().map(({ points }) => points.length));

/** Standard deviation of each coordinate of a point, in heights of a digit. */
const wobble = 0.04;

/** The middle of the box of a digit. */
const middle: Point = [0.35, 0.5];

function draw(pen: Pen, label: number, motion: ArrayLike<number>, move: ArrayLike<number>): void {
  const between = (which: number, low: number, high: number): number =>
    low + (motion[which] ?? 0) * (high - low);
  const forms: readonly DigitForm[] = digitForms[label] ?? [];
  const form = forms[Math.floor(between(1, 0, forms.length))];
  if (form === undefined) return;
  // Sums of two uniform numbers: small turns and slants are likelier than large ones.
  const turn = between(2, -0.26, 0.26) + between(3, -0.26, 0.26);
  const slant = between(4, -0.35, 0.15) + between(5, -0.2, 0.2);
  const [wide, tall] = [between(6, 0.48, 0.9), between(7, 0.52, 0.74)];
  const shift: Point = [between(8, 0.44, 0.56), between(9, 0.44, 0.56)];
  const width = between(10, 0.055, 0.125);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const placed = form.points.map(([x, y], i): Point => {
    const down = (y - middle[1] + wobble * (move[2 * i + 1] ?? 0)) * tall;
    const right = (x - middle[0] + wobble * (move[2 * i] ?? 0)) * wide + slant * down;
    return [shift[0] + cos * right - sin * down, shift[1] + sin * right + cos * down];
  });
  pen.width = width;
  const inside = fit(placed, width / 2 + 0.08);
  for (const stroke of form.strokes) drawStroke(pen, inside, stroke);
}

/** Moves what comes too near to the border, and shrinks what is too large. */
function fit(points: readonly Point[], margin: number): Point[] {
  const along = (axis: 0 | 1): ((x: number) => number) => {
    const all = points.map((point) => point[axis]);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const scale = Math.min(1, (1 - 2 * margin) / (high - low));
    const start = Math.min(Math.max(low, margin), 1 - margin - scale * (high - low));
    return (x) => start + scale * (x - low);
  };
  const [horizontal, vertical] = [along(0), along(1)];
  return points.map(([x, y]) => [horizontal(x), vertical(y)]);
}

/** Lines through points, or the curve of Catmull and Rom through them. */
function drawStroke(pen: Pen, points: readonly Point[], { smooth, through }: Stroke): void {
  const at = (i: number): Point =>
    points[through[Math.min(Math.max(i, 0), through.length - 1)] ?? 0] ?? middle;
  for (let i = 0; i + 1 < through.length; i++) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    const steps = smooth ? 6 : 1;
    let from = b;
    for (let step = 1; step <= steps; step++) {
      const to: Point = smooth
        ? [
            spline(a[0], b[0], c[0], d[0], step / steps),
            spline(a[1], b[1], c[1], d[1], step / steps),
          ]
        : c;
      pen.line(from, to);
      from = to;
    }
  }
}

function spline(a: number, b: number, c: number, d: number, t: number): number {
  const [linear, square, cube] = [c - a, 2 * a - 5 * b + 4 * c - d, 3 * (b - c) + d - a];
  return b + 0.5 * t * (linear + t * (square + t * cube));
}

/** A round pen on a square of pixels: it keeps how far each pixel is from the line. */
class Pen {
  /** Of the line, in sides of the square. */
  width = 0;
  readonly #size: number;
  readonly #distances: Float64Array;

  constructor(size: number) {
    this.#size = size;
    this.#distances = new Float64Array(size * size).fill(Number.POSITIVE_INFINITY);
  }

  line([fromX, fromY]: Point, [toX, toY]: Point): void {
    const size = this.#size;
    const reach = (this.width * size) / 2 + 1;
    const [x0, y0] = [fromX * size - 0.5, fromY * size - 0.5];
    const [dx, dy] = [(toX - fromX) * size, (toY - fromY) * size];
    const length = dx * dx + dy * dy;
    const [left, right] = this.#range(x0, x0 + dx, reach);
    const [top, bottom] = this.#range(y0, y0 + dy, reach);
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const [px, py] = [column - x0, row - y0];
        const along = length > 0 ? Math.min(Math.max((px * dx + py * dy) / length, 0), 1) : 0;
        const [ex, ey] = [px - along * dx, py - along * dy];
        const place = row * size + column;
        const square = ex * ex + ey * ey;
        if (square < (this.#distances[place] ?? 0)) this.#distances[place] = square;
      }
    }
  }

  /** Writes the picture, and begins a new one. */
  develop(pixels: Float32Array): void {
    const radius = (this.width * this.#size) / 2;
    this.#distances.forEach((square, i) => {
      const ink = Math.min(Math.max(radius - Math.sqrt(square) + 0.5, 0), 1);
      pixels[i] = Math.round(255 * ink) / 255;
    });
    this.#distances.fill(Number.POSITIVE_INFINITY);
  }

  #range(a: number, b: number, reach: number): [number, number] {
    const first = Math.max(Math.ceil(Math.min(a, b) - reach), 0);
    return [first, Math.min(Math.floor(Math.max(a, b) + reach), this.#size - 1)];
  }
}

function labelsOf(
  n: number,
  motions: ArrayLike<number>,
  given: readonly number[] | undefined,
): Int32Array {
  if (given === undefined) {
    return Int32Array.from({ length: n }, (_, i) => 10 * (motions[i * motionNumbers] ?? 0));
  }
  const wrong = given.find((label) => !(Number.isInteger(label) && label >= 0 && label <= 9));
  if (given.length !== n || wrong !== undefined) {
    throw new RangeError(
      `drawnDigits: labels must be ${n} digits, 0 to 9; ${wrong === undefined ? `there are ${given.length}` : `one is ${wrong}`}.`,
    );
  }
  return Int32Array.from(given);
}

function checkWhole(what: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(`drawnDigits: ${what} must be a whole number >= ${least}; it is ${value}.`);
}

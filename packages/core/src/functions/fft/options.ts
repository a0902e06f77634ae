import { checkChoice, checkList, checkOptions, checkWhole } from '../../tensor/check.ts';
import {
  checkCount,
  formatShape,
  normalizeAxis,
  type Shape,
  ShapeError,
} from '../../tensor/shape.ts';

/**
 * Which of the two directions divides by the number of elements n: `backward`, the inverse transform;
 * `forward`, the forward one; `ortho`, both by the root of n, so that sums of squares stay.
 */
export type FourierNorm = 'backward' | 'ortho' | 'forward';

/** How to transform along one axis. */
export interface FourierOptions {
  /**
   * Number of elements that are transformed: the operand is cut, or filled up with zeros. All of the
   * operand's when left out.
   */
  readonly n?: number;
  /** Axis to transform along; the last unless said otherwise. */
  readonly axis?: number;
  /** `backward` when left out. */
  readonly norm?: FourierNorm;
}

/** How to transform along several axes. */
export interface FourierAxesOptions {
  /** Number of elements that are transformed on each of the axes, like `n` of one axis. */
  readonly shape?: readonly number[];
  /** Axes to transform along. */
  readonly axes?: readonly number[];
  /** `backward` when left out. */
  readonly norm?: FourierNorm;
}

/** One axis of a transform. */
export interface AxisLength {
  readonly axis: number;
  /** Number of elements that are transformed; what is there when undefined. */
  readonly n: number | undefined;
}

/** What a transform goes along, checked. */
export interface FourierAxes {
  readonly along: readonly AxisLength[];
  readonly norm: FourierNorm;
}

function normOf(name: string, norm: FourierNorm = 'backward'): FourierNorm {
  checkChoice(name, 'norm', norm, ['backward', 'ortho', 'forward']);
  return norm;
}

/** The options of a transform along one axis. */
export function oneAxis(name: string, options: FourierOptions, shape: Shape): FourierAxes {
  checkOptions(name, options, ['n', 'axis', 'norm']);
  const { n, axis = -1, norm } = options;
  if (n !== undefined) checkWhole(name, 'n', n, 1);
  const along = [{ axis: normalizeAxis(name, axis, shape), n }];
  checkLengths(name, along, shape);
  return { along, norm: normOf(name, norm) };
}

/** Refuses more elements than a tensor may have. */
function checkLengths(name: string, along: readonly AxisLength[], shape: Shape): void {
  checkCount(
    name,
    shape.map((extent, i) => along.find(({ axis }) => axis === i)?.n ?? extent),
  );
}

/** The options of a transform along several axes; `count` of the last ones, or all, when left out. */
export function severalAxes(
  name: string,
  options: FourierAxesOptions,
  shape: Shape,
  count?: number,
): FourierAxes {
  checkOptions(name, options, ['shape', 'axes', 'norm']);
  const lengths = options.shape;
  if (lengths !== undefined) {
    checkList(name, 'shape', lengths);
    for (const n of lengths) checkWhole(name, 'shape', n, 1);
  }
  const wanted = count ?? lengths?.length ?? shape.length;
  const last = Array.from({ length: wanted }, (_, i) => i - wanted);
  const axes = options.axes ?? last;
  checkList(name, 'axes', axes);
  if (lengths && lengths.length !== axes.length) {
    throw new ShapeError(
      `${name}: shape [${lengths.join(', ')}] gives ${lengths.length} extents for the ${axes.length} axes [${axes.join(', ')}]; give one for each.`,
    );
  }
  if (axes.length === 0) {
    throw new ShapeError(
      `${name}: there is no axis to transform along; name at least one in axes.`,
    );
  }
  const along = axes.map((axis, i) => ({
    axis: normalizeAxis(name, axis, shape),
    n: lengths?.[i],
  }));
  if (new Set(along.map(({ axis }) => axis)).size !== axes.length) {
    throw new ShapeError(
      `${name}: axes [${axes.join(', ')}] repeat for shape ${formatShape(shape)}; name each axis once.`,
    );
  }
  checkLengths(name, along, shape);
  return { along, norm: normOf(name, options.norm) };
}

/** What a transform multiplies by, `sizes` being its numbers of elements. */
export function scaleOf(norm: FourierNorm, inverse: boolean, sizes: readonly number[]): number {
  const count = sizes.reduce((product, n) => product * n, 1);
  if (norm === 'ortho') return 1 / Math.sqrt(count);
  return inverse === (norm === 'backward') ? 1 / count : 1;
}

/** The number of elements that are transformed on an axis with `extent`. */
export function lengthOn(name: string, { axis, n }: AxisLength, shape: Shape): number {
  const length = n ?? shape[axis] ?? 0;
  if (length > 0) return length;
  throw new ShapeError(
    `${name}: axis ${axis} of shape ${formatShape(shape)} has no elements to transform; give n to fill it up with zeros.`,
  );
}

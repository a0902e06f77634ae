/** Extents of each axis, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** A wrong shape, axis or index, named by the operation that refused it. */
export class ShapeError extends RangeError {
  /** Tells this kind of error from others, also across realms. */
  override readonly name = 'ShapeError';
}

/** A wrong element type, named by the operation that refused it. */
export class DTypeError extends TypeError {
  /** Tells this kind of error from others, also across realms. */
  override readonly name = 'DTypeError';
}

/**
 * Elements that a tensor may have, and positions on an axis: indices are int32, and so is the arithmetic
 * of compiled loops.
 */
const mostElements = 2 ** 31 - 1;

/**
 * Refuses a shape with an axis or a number of elements beyond `mostElements`, also where no memory
 * is needed for them.
 */
export function checkCount(operation: string, shape: Shape): void {
  let size = 1;
  for (const extent of shape) {
    if (extent > mostElements) throw tooMany(operation, shape, `an axis of ${extent}`);
    size *= extent;
  }
  if (size > mostElements) throw tooMany(operation, shape, `${size} elements`);
}

function tooMany(operation: string, shape: Shape, what: string): ShapeError {
  return new ShapeError(
    `${operation}: shape ${formatShape(shape)} has ${what}; at most ${mostElements} (2^31 - 1) are possible, ` +
      'on an axis and in a tensor, since positions are int32. Go over it in parts, for instance with map or scan.',
  );
}

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

/** Element strides of a row-major array. */
export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] ?? 1;
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** `[2, 3]`, or `[] (a scalar)`. */
export function formatShape(shape: Shape): string {
  return shape.length === 0 ? '[] (a scalar)' : `[${shape.join(', ')}]`;
}

/** The common shape of operands, by NumPy's rule: axes align at the end, and extent 1 stretches. */
export function broadcastShapes(operation: string, ...shapes: readonly Shape[]): number[] {
  const ndim = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(ndim).fill(1);
  for (const shape of shapes) {
    shape.forEach((extent, i) => {
      const axis = ndim - shape.length + i;
      const known = result[axis] ?? 1;
      if (extent === known || extent === 1) return;
      if (known !== 1) {
        throw new ShapeError(
          `${operation}: shapes ${shapes.map(formatShape).join(' and ')} do not broadcast: ` +
            `extents ${known} and ${extent} meet on axis ${axis - ndim}, counted from the end. ` +
            'Extents must be equal or 1; use reshape or expandDims to line the axes up.',
        );
      }
      result[axis] = extent;
    });
  }
  checkCount(operation, result);
  return result;
}

/** A non-negative axis; -1 is the last one. */
export function normalizeAxis(operation: string, axis: number, shape: Shape): number {
  const ndim = shape.length;
  if (!Number.isInteger(axis) || axis < -ndim || axis >= ndim) {
    throw new ShapeError(
      `${operation}: axis ${typeof axis === 'string' ? JSON.stringify(axis) : String(axis)} is out of range for shape ${formatShape(shape)}; ` +
        (ndim === 0
          ? 'a scalar has no axes.'
          : `use an integer from ${-ndim} to ${ndim - 1}, where -1 is the last axis.`),
    );
  }
  return axis < 0 ? axis + ndim : axis;
}

/** Distinct non-negative axes in rising order; `undefined` means all. */
export function normalizeAxes(
  operation: string,
  axis: number | readonly number[] | null | undefined,
  shape: Shape,
): number[] {
  if (axis === undefined || axis === null) return shape.map((_, i) => i);
  const axes = (typeof axis === 'object' && Array.isArray(axis) ? axis : [axis]).map((a) =>
    normalizeAxis(operation, a, shape),
  );
  if (new Set(axes).size !== axes.length) {
    throw new ShapeError(`${operation}: axes [${axes.join(', ')}] repeat; name each axis once.`);
  }
  return axes.sort((a, b) => a - b);
}

/** Throws when an extent is not a whole number of elements, or there are more than a tensor may have. */
export function checkShape(operation: string, shape: Shape): void {
  if (!Array.isArray(shape)) {
    throw new ShapeError(
      `${operation}: a shape is an array of extents, such as [2, 3]; it is ${shape === undefined ? 'missing' : String(shape)}.`,
    );
  }
  for (const extent of shape) {
    if (!Number.isInteger(extent) || extent < 0) {
      throw new ShapeError(
        `${operation}: ${formatShape(shape)} is not a shape; extents are whole numbers >= 0.`,
      );
    }
  }
  checkCount(operation, shape);
}

import { concatenate as concatenatePrimitive } from '../primitives/concatenate.ts';
import { dynamicSlice } from '../primitives/dynamic-slice.ts';
import { reshape as reshapePrimitive } from '../primitives/reshape.ts';
import { slice as slicePrimitive } from '../primitives/slice.ts';
import { transpose as transposePrimitive } from '../primitives/transpose.ts';
import { checkList, checkOptions, checkWhole, describeValue } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import {
  broadcastShapes,
  checkShape,
  formatShape,
  normalizeAxis,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
} from '../tensor/shape.ts';
import { fromData, type Tensor } from '../tensor/tensor.ts';
import { isTracing, performOne } from '../trace/trace.ts';
import { promote, stretch } from './promote.ts';
import { asTensor } from './tensor.ts';

/**
 * The same elements in row-major order under another shape; one extent may be -1 and is worked
 * out from the number of elements.
 */
export function reshape(x: TensorLike, shape: Shape): Tensor {
  const made = asTensor(x, 'reshape');
  if (!Array.isArray(shape) || !shape.every(Number.isInteger)) {
    throw new ShapeError(
      `reshape: a shape is an array of whole numbers, such as [2, -1]; it is ${describeValue(shape)}.`,
    );
  }
  const unknown = shape.filter((extent) => extent === -1).length;
  const known = sizeOf(shape.filter((extent) => extent !== -1));
  const size = sizeOf(made.shape);
  const target =
    unknown === 1 && known > 0 && size % known === 0
      ? shape.map((extent) => (extent === -1 ? size / known : extent))
      : shape;
  if (target.some((extent) => extent < 0) || sizeOf(target) !== size) {
    throw new ShapeError(
      `reshape: ${size} elements of shape ${formatShape(made.shape)} do not fit ${formatShape(shape)}.`,
    );
  }
  return sameShape(target, made.shape) ? made : reshapePrimitive(made, { shape: target });
}

/** Permutes axes; reverses them when `perm` is left out. Axis i of the result is axis perm[i] of x. */
export function transpose(x: TensorLike, perm?: readonly number[]): Tensor {
  const made = asTensor(x, 'transpose');
  if (perm !== undefined) checkList('transpose', 'perm', perm);
  const order = perm
    ? perm.map((axis) => normalizeAxis('transpose', axis, made.shape))
    : made.shape.map((_, axis) => made.ndim - 1 - axis);
  return transposePrimitive(made, { perm: order });
}

/** Moves one axis to another place; the others keep their order. */
export function moveAxis(x: TensorLike, from: number, to: number): Tensor {
  const made = asTensor(x, 'moveAxis');
  const source = normalizeAxis('moveAxis', from, made.shape);
  const target = normalizeAxis('moveAxis', to, made.shape);
  if (source === target) return made;
  const perm = made.shape.map((_, axis) => axis).filter((axis) => axis !== source);
  perm.splice(target, 0, source);
  return transposePrimitive(made, { perm });
}

/** Repeats x along new leading axes and axes of extent 1. */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  const made = asTensor(x, 'broadcastTo');
  checkShape('broadcastTo', shape);
  if (!sameShape(broadcastShapes('broadcastTo', made.shape, shape), shape)) {
    throw new ShapeError(
      `broadcastTo: shape ${formatShape(made.shape)} does not broadcast to ${formatShape(shape)}.`,
    );
  }
  return stretch(made, shape);
}

/** Inserts an axis of extent 1 at `axis` of the result, or one at each of several. */
export function expandDims(x: TensorLike, axis: number | readonly number[]): Tensor {
  const made = asTensor(x, 'expandDims');
  const wanted = [axis].flat();
  const places = [...made.shape, ...wanted];
  const axes = wanted.map((a) => normalizeAxis('expandDims', a, places));
  if (new Set(axes).size !== axes.length) {
    throw new ShapeError(`expandDims: axes [${wanted.join(', ')}] name one axis twice.`);
  }
  const rest = [...made.shape];
  return reshape(
    made,
    places.map((_, i) => (axes.includes(i) ? 1 : (rest.shift() ?? 1))),
  );
}

/** Removes axes of extent 1: all of them, or those that are named. */
export function squeeze(x: TensorLike, axis?: number | readonly number[]): Tensor {
  const made = asTensor(x, 'squeeze');
  if (axis === undefined)
    return reshape(
      made,
      made.shape.filter((extent) => extent !== 1),
    );
  const axes = [axis].flat().map((a) => {
    const at = normalizeAxis('squeeze', a, made.shape);
    if (made.shape[at] === 1) return at;
    throw new ShapeError(
      `squeeze: axis ${a} of shape ${formatShape(made.shape)} has extent ${made.shape[at]}, not 1.`,
    );
  });
  return reshape(
    made,
    made.shape.filter((_, i) => !axes.includes(i)),
  );
}

/** Joins tensors along an existing axis, the first unless said otherwise. */
export function concatenate(
  tensors: readonly TensorLike[],
  options: { axis?: number } = {},
): Tensor {
  checkOptions('concatenate', options, ['axis']);
  const { axis = 0 } = options;
  checkList('concatenate', 'the first argument', tensors);
  const made = promote('concatenate', tensors);
  const [first] = made;
  if (first === undefined) throw new ShapeError('concatenate: needs at least one tensor.');
  return concatenatePrimitive(made, { axis: normalizeAxis('concatenate', axis, first.shape) });
}

/** Joins tensors of one shape along a new axis, the first unless said otherwise. */
export function stack(tensors: readonly TensorLike[], options: { axis?: number } = {}): Tensor {
  checkOptions('stack', options, ['axis']);
  const { axis = 0 } = options;
  checkList('stack', 'the first argument', tensors);
  const made = promote('stack', tensors);
  const [first] = made;
  if (first === undefined) throw new ShapeError('stack: needs at least one tensor.');
  for (const x of made) {
    if (!sameShape(x.shape, first.shape)) {
      throw new ShapeError(
        `stack: tensors must have one shape; got ${made.map((t) => formatShape(t.shape)).join(', ')}.`,
      );
    }
  }
  const along = normalizeAxis('stack', axis, [...first.shape, 1]);
  return performOne(stack, made, { axis: along }, (...parts) =>
    concatenate(
      parts.map((x) => expandDims(x, along)),
      { axis: along },
    ),
  );
}

/** A range `[from, to)` of an axis, or every step-th of it; null is the end on that side. */
export type AxisRange = readonly [from: number | null, to: number | null, step?: number];

/** One axis of an index: a position, all (null), or a range. */
export type AxisIndex = number | null | AxisRange;

/**
 * Part of a tensor: a number takes one position of an axis (which vanishes), `null` all of it,
 * `[from, to]` a range and `[from, to, step]` every step-th, backwards where the step is negative.
 * Negative positions count from the end, and null stands for the end of the axis on that side; axes
 * that are not named are taken whole.
 */
export function at(x: TensorLike, ...index: readonly AxisIndex[]): Tensor {
  const made = asTensor(x, 'at');
  const { shape } = made;
  if (index.length > shape.length) {
    throw new ShapeError(
      `at: ${index.length} indices for shape ${formatShape(shape)}, which has ${shape.length} axes.`,
    );
  }
  const ranges = shape.map((extent, axis) => rangeOf(index[axis] ?? null, extent, axis, shape));
  const start = ranges.map((range) => range.start);
  const extents = ranges.map((range) => range.count);
  const step = ranges.map((range) => range.step);
  const kept = extents.filter((_, axis) => typeof index[axis] !== 'number');
  if (isTracing() || ranges.length === 0 || step.some((by) => by !== 1)) {
    return performOne(at, [made], { start, extents, step, kept }, (whole) =>
      reshape(slicePrimitive(whole, { start, extents, step }), kept),
    );
  }
  // Its place is data, so that a loop over places compiles once.
  const place = fromData('int32', [start.length], Int32Array.from(start));
  return performOne(at, [made, place], { extents, kept }, (whole, from) =>
    reshape(dynamicSlice(whole, from, { batch: 0, extents }), kept),
  );
}

function rangeOf(
  index: AxisIndex,
  extent: number,
  axis: number,
  shape: Shape,
): { start: number; count: number; step: number } {
  if (index === null) return { start: 0, count: extent, step: 1 };
  if (typeof index === 'number') {
    const start = index < 0 ? index + extent : index;
    if (!Number.isInteger(index) || start < 0 || start >= extent) {
      throw new ShapeError(
        `at: index ${index} is out of range on axis ${axis} of shape ${formatShape(shape)}; use ${-extent} to ${extent - 1}.`,
      );
    }
    return { start, count: 1, step: 1 };
  }
  if (!Array.isArray(index)) {
    throw new TypeError(
      `at: an index is a number, null or [from, to]; on axis ${axis} it is ${describeValue(index)}. Use take for positions that are data.`,
    );
  }
  const [from, to, step = 1] = index;
  if (![from ?? 0, to ?? 0, step].every(Number.isInteger) || step === 0) {
    throw new ShapeError(
      `at: [${index.map(String).join(', ')}] is not a range of whole numbers with step != 0.`,
    );
  }
  const clamp = (position: number): number => {
    const absolute = position < 0 ? position + extent : position;
    return Math.min(Math.max(absolute, step < 0 ? -1 : 0), step < 0 ? extent - 1 : extent);
  };
  const start = from === null ? (step < 0 ? extent - 1 : 0) : clamp(from);
  const end = to === null ? (step < 0 ? -1 : extent) : clamp(to);
  const count = Math.max(0, Math.ceil((end - start) / step));
  return { start: count === 0 ? 0 : start, count, step };
}

function checkPositions(what: string, positions: readonly unknown[]): void {
  for (const each of positions) if (each !== null) checkWhole('slice', `a number of ${what}`, each);
}

/**
 * A static slice: from `starts` up to, not including, `limits` on each axis, every `steps`-th entry,
 * backwards where a step is negative. Positions are those of Python's slices: negative ones count
 * from the end, null is the end of the axis on that side, and what lies outside is left out; axes
 * that are not named are taken whole. For positions that are computed see `dynamicSlice`.
 *
 * @throws ShapeError when there are more entries than axes, or a step is 0.
 */
export function slice(
  x: TensorLike,
  starts: readonly (number | null)[],
  limits: readonly (number | null)[] = [],
  steps: readonly number[] = [],
): Tensor {
  const made = asTensor(x, 'slice');
  checkList('slice', 'starts', starts);
  checkList('slice', 'limits', limits);
  checkList('slice', 'steps', steps);
  checkPositions('starts', starts);
  checkPositions('limits', limits);
  const count = Math.max(starts.length, limits.length, steps.length);
  if (count > made.ndim) {
    throw new ShapeError(
      `slice: ${count} positions for shape ${formatShape(made.shape)}, which has ${made.ndim} axes.`,
    );
  }
  return at(
    made,
    ...Array.from(
      { length: count },
      (_, axis): AxisRange => [starts[axis] ?? null, limits[axis] ?? null, steps[axis] ?? 1],
    ),
  );
}

/** The elements in reverse order along the given axes, all of them unless said otherwise. */
export function flip(x: TensorLike, options: { axis?: number | readonly number[] } = {}): Tensor {
  checkOptions('flip', options, ['axis']);
  const { axis } = options;
  const made = asTensor(x, 'flip');
  const axes = (axis === undefined ? made.shape.map((_, i) => i) : [axis].flat()).map((a) =>
    normalizeAxis('flip', a, made.shape),
  );
  return slicePrimitive(made, {
    start: made.shape.map((extent, i) => (axes.includes(i) ? Math.max(0, extent - 1) : 0)),
    extents: made.shape,
    step: made.shape.map((_, i) => (axes.includes(i) ? -1 : 1)),
  });
}

/**
 * The elements shifted by `shift` along an axis, or by several along as many axes; those that fall off
 * the end come back at the start.
 *
 * @throws ShapeError when there are not as many shifts as axes; RangeError when one is not whole.
 */
export function roll(
  x: TensorLike,
  shift: number | readonly number[],
  options: { axis?: number | readonly number[] } = {},
): Tensor {
  checkOptions('roll', options, ['axis']);
  const { axis = 0 } = options;
  const made = asTensor(x, 'roll');
  const [shifts, axes] = [[shift].flat(), [axis].flat()];
  for (const by of shifts) checkWhole('roll', 'a shift', by);
  if (shifts.length !== axes.length) {
    throw new ShapeError(
      `roll: shifts [${shifts.join(', ')}] along axes [${axes.join(', ')}]; one whole number for each axis is needed.`,
    );
  }
  return performOne(roll, [made], { shifts, axes }, (whole) =>
    axes.reduce((t, a, i) => rollOne(t, shifts[i] ?? 0, a), whole),
  );
}

function rollOne(made: Tensor, shift: number, axis: number): Tensor {
  const along = normalizeAxis('roll', axis, made.shape);
  const extent = made.shape[along] ?? 0;
  const by = extent === 0 ? 0 : ((shift % extent) + extent) % extent;
  if (by === 0) return made;
  const part = (from: number, to: number): Tensor =>
    at(made, ...made.shape.map((_, i): AxisIndex => (i === along ? [from, to] : null)));
  return concatenate([part(extent - by, extent), part(0, extent - by)], { axis: along });
}

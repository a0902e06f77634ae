import { checkChoice, checkList, checkNumber, checkOptions } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { checkCount, formatShape, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { performOne } from '../trace/trace.ts';
import { toOperand } from './promote.ts';
import { type AxisIndex, at, broadcastTo, concatenate, flip } from './shape.ts';
import { asTensor } from './tensor.ts';

/** Numbers of entries before and after an axis. */
export type PadWidths = readonly [before: number, after: number];

/** What to add around a tensor. */
export interface PadOptions {
  /**
   * The entries that are added: a value (`constant`), the outermost one (`edge`), x mirrored at its
   * outermost entry (`reflect`) or with that entry repeated (`symmetric`), or x from its other end
   * (`wrap`). `constant` when left out.
   */
  readonly mode?: 'constant' | 'edge' | 'reflect' | 'symmetric' | 'wrap';
  /** The value of mode `constant`; 0 when left out. */
  readonly value?: number;
}

/**
 * Adds entries before and after each axis: as many as a number says on all sides, or a number or
 * `[before, after]` for each axis.
 *
 * @throws ShapeError when the widths do not fit the axes, or more is mirrored or wrapped than there is.
 */
export function pad(
  x: TensorLike,
  widths: number | readonly (number | PadWidths)[],
  options: PadOptions = {},
): Tensor {
  checkOptions('pad', options, ['mode', 'value']);
  const { mode = 'constant', value = 0 } = options;
  checkChoice('pad', 'mode', mode, ['constant', 'edge', 'reflect', 'symmetric', 'wrap']);
  checkNumber('pad', 'the value', value);
  const made = asTensor(x, 'pad');
  if (typeof widths !== 'number') checkList('pad', 'widths', widths);
  const all = typeof widths === 'number' ? made.shape.map(() => widths) : widths;
  const pairs = all.map((entry): PadWidths => (typeof entry === 'number' ? [entry, entry] : entry));
  const whole = pairs.every(
    (pair) => Array.isArray(pair) && pair.every((n) => Number.isInteger(n) && n >= 0),
  );
  if (pairs.length !== made.ndim || !whole) {
    throw new ShapeError(
      `pad: shape ${formatShape(made.shape)} needs one number or [before, after] of whole numbers >= 0 for each axis; got ${JSON.stringify(widths)}.`,
    );
  }
  checkCount(
    'pad',
    made.shape.map((extent, i) => extent + (pairs[i]?.[0] ?? 0) + (pairs[i]?.[1] ?? 0)),
  );
  // The value is data, so that another one does not compile anew.
  const fill = mode === 'constant' ? [toOperand(value, made.dtype)] : [];
  return performOne(pad, [made, ...fill], { pairs, mode }, (inner, ...given) =>
    padded(inner, pairs, mode, given[0]),
  );
}

type PadMode = NonNullable<PadOptions['mode']>;

function padded(
  x: Tensor,
  pairs: readonly PadWidths[],
  mode: PadMode,
  fill: Tensor | undefined,
): Tensor {
  return pairs.reduce((t, pair, axis) => {
    const [before, after] = pair;
    const extent = t.shape[axis] ?? 0;
    const most = {
      constant: Infinity,
      edge: Infinity,
      reflect: extent - 1,
      symmetric: extent,
      wrap: extent,
    };
    const wide = Math.max(before, after);
    if (wide > Math.max(0, most[mode]) || (wide > 0 && mode === 'edge' && extent === 0)) {
      throw new ShapeError(
        `pad: mode '${mode}' has at most ${Math.max(0, most[mode])} entries to add to the ${extent} on axis ${axis} of shape ${formatShape(x.shape)}; got [${before}, ${after}].`,
      );
    }
    const side = (width: number, isFirst: boolean): Tensor[] =>
      width > 0 ? [added(t, axis, width, isFirst, mode, fill)] : [];
    const pieces = [...side(before, true), t, ...side(after, false)];
    return pieces.length === 1 ? t : concatenate(pieces, { axis });
  }, x);
}

function added(
  x: Tensor,
  axis: number,
  width: number,
  isFirst: boolean,
  mode: PadMode,
  fill: Tensor | undefined,
): Tensor {
  const extent = x.shape[axis] ?? 0;
  const shape = x.shape.with(axis, width);
  const part = (from: number, to: number): Tensor =>
    at(x, ...x.shape.map((_, i): AxisIndex => (i === axis ? [from, to] : null)));
  if (fill) return broadcastTo(fill, shape);
  switch (mode) {
    case 'edge':
      return broadcastTo(isFirst ? part(0, 1) : part(extent - 1, extent), shape);
    case 'wrap':
      return isFirst ? part(extent - width, extent) : part(0, width);
    default: {
      const skipped = mode === 'reflect' ? 1 : 0;
      const [from, to] = isFirst
        ? [skipped, skipped + width]
        : [extent - skipped - width, extent - skipped];
      return flip(part(from, to), { axis });
    }
  }
}

import { add as addPrimitive, mul as mulPrimitive } from '../primitives/arithmetic.ts';
import { cast } from '../primitives/cast.ts';
import { filled, iota } from '../primitives/create.ts';
import {
  checkDType,
  checkFinite,
  checkNumber,
  checkOptions,
  checkWhole,
  isInt32,
} from '../tensor/check.ts';
import type { DType } from '../tensor/dtype.ts';
import { checkCount, checkShape, type Shape, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { tensorType } from '../tensor/type.ts';
import { eq } from './elementwise.ts';
import { expandDims } from './shape.ts';

/** The dtype of a tensor that is made. */
export interface DTypeOption {
  /** Float64 unless said otherwise. */
  readonly dtype?: DType;
}

/** Options that nothing comes after. */
function lastOptions(name: string, options: DTypeOption, more: unknown): DTypeOption {
  if (more === undefined) return options;
  throw new TypeError(`${name}: options are one object, and come last.`);
}

/** A tensor of equal elements, float64 unless said otherwise. */
export function full(shape: Shape, value: number, options: DTypeOption = {}): Tensor {
  return equal('full', shape, value, options);
}

function equal(name: string, shape: Shape, value: number, options: DTypeOption): Tensor {
  const dtype = dtypeFrom(name, options);
  checkShape(name, shape);
  checkNumber(name, 'the value', value);
  return filled(tensorType(dtype, shape), value);
}

function dtypeFrom(name: string, options: DTypeOption): DType {
  checkOptions(name, options, ['dtype']);
  const { dtype = 'float64' } = options;
  checkDType(name, dtype);
  return dtype;
}

/** Zeros, float64 unless said otherwise. */
export function zeros(shape: Shape, options: DTypeOption = {}): Tensor {
  return equal('zeros', shape, 0, options);
}

/** Ones, float64 unless said otherwise. */
export function ones(shape: Shape, options: DTypeOption = {}): Tensor {
  return equal('ones', shape, 1, options);
}

/** The identity matrix of `n` rows, or ones on the diagonal of `n` by `m`. */
export function eye(n: number, options?: DTypeOption): Tensor;
export function eye(n: number, m: number, options?: DTypeOption): Tensor;
export function eye(n: number, m: number | DTypeOption = n, options?: DTypeOption): Tensor {
  if (typeof m === 'object') return eye(n, n, lastOptions('eye', m, options));
  const dtype = dtypeFrom('eye', options === undefined ? {} : options);
  checkWhole('eye', 'the number of rows', n, 0);
  checkWhole('eye', 'the number of columns', m, 0);
  checkCount('eye', [n, m]);
  const row = iota([], { size: n, dtype: 'int32' });
  const column = iota([], { size: m, dtype: 'int32' });
  return cast(eq(expandDims(row, 1), expandDims(column, 0)), { dtype });
}

/**
 * `start, start + step, ...` below `stop`; with one argument, from 0. int32 when all three and what
 * they enclose are whole numbers that int32 holds, else float64, unless said otherwise.
 *
 * @throws RangeError when int32 is asked for and does not hold all elements.
 */
export function arange(stop: number, options?: DTypeOption): Tensor;
export function arange(start: number, stop: number, options?: DTypeOption): Tensor;
export function arange(
  start: number,
  stop: number | undefined,
  step: number,
  options?: DTypeOption,
): Tensor;
export function arange(
  start: number,
  stop?: number | DTypeOption,
  step?: number | DTypeOption,
  options?: DTypeOption,
): Tensor {
  if (typeof stop === 'object') {
    return range(0, start, 1, lastOptions('arange', stop, step === undefined ? options : step));
  }
  const [lo, hi] = stop === undefined ? [0, start] : [start, stop];
  if (typeof step === 'object') return range(lo, hi, 1, lastOptions('arange', step, options));
  return range(lo, hi, step === undefined ? 1 : step, options === undefined ? {} : options);
}

function range(lo: number, hi: number, step: number, options: DTypeOption): Tensor {
  checkOptions('arange', options, ['dtype']);
  const { dtype } = options;
  if (dtype !== undefined) checkDType('arange', dtype);
  for (const bound of [lo, hi]) checkFinite('arange', 'a bound', bound);
  checkFinite('arange', 'the step', step);
  if (!(Math.abs(step) > 0)) throw new ShapeError(`arange: the step is ${step}; it must not be 0.`);
  const size = Math.max(0, Math.ceil((hi - lo) / step));
  checkCount('arange', [size]);
  const last = lo + Math.max(0, size - 1) * step;
  const kind =
    dtype ?? ([lo, last, step].every(isInt32) && Number.isInteger(hi) ? 'int32' : 'float64');
  if (kind === 'int32' && size > 0 && ![lo, last].every((x) => isInt32(Math.trunc(x)))) {
    throw new RangeError(
      `arange: elements from ${lo} to ${last} do not fit int32, which ends at 2147483647 (2^31 - 1). Use dtype 'float64'.`,
    );
  }
  return ramp(size, lo, step, kind);
}

/** `count` equally spaced float64 numbers from `start` to `stop`, both included. */
export function linspace(
  start: number,
  stop: number,
  count: number = 50,
  options: DTypeOption = {},
): Tensor {
  const dtype = dtypeFrom('linspace', options);
  checkWhole('linspace', 'the count', count, 0);
  checkNumber('linspace', 'start', start);
  checkNumber('linspace', 'stop', stop);
  checkCount('linspace', [count]);
  return ramp(count, start, count > 1 ? (stop - start) / (count - 1) : 0, dtype);
}

function ramp(size: number, start: number, step: number, dtype: DType): Tensor {
  const type = tensorType(dtype, [size]);
  const steps = iota([], { size, dtype });
  const scaled = step === 1 ? steps : mulPrimitive(steps, filled(type, step));
  return start === 0 ? scaled : addPrimitive(scaled, filled(type, start));
}

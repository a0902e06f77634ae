import { add as addPrimitive, mul as mulPrimitive } from '../primitives/arithmetic.ts';
import { cast } from '../primitives/cast.ts';
import { filled, iota } from '../primitives/create.ts';
import {
  checkDType,
  checkFinite,
  checkNumber,
  checkOptions,
  checkWhole,
  describeValue,
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

/** Numbers, as many as are given, and the options after them. */
function optionsLast(
  name: string,
  given: readonly (number | DTypeOption | undefined)[],
): [numbers: readonly (number | undefined)[], options: DTypeOption] {
  const last = given.at(-1);
  const hasOptions = typeof last === 'object';
  const numbers = (hasOptions ? given.slice(0, -1) : given).map((each) => {
    if (typeof each !== 'object') return each;
    throw new TypeError(`${name}: ${describeValue(each)} is no number; options come last.`);
  });
  return [numbers, hasOptions ? last : {}];
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
export function eye(n: number, ...more: (number | DTypeOption | undefined)[]): Tensor {
  const [[m = n], options] = optionsLast('eye', more);
  const dtype = dtypeFrom('eye', options);
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
export function arange(start: number, ...more: (number | DTypeOption | undefined)[]): Tensor {
  const [[stop, step = 1], options] = optionsLast('arange', more);
  checkOptions('arange', options, ['dtype']);
  const { dtype } = options;
  if (dtype !== undefined) checkDType('arange', dtype);
  const [lo, hi] = stop === undefined ? [0, start] : [start, stop];
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

import { broadcast } from '../primitives/broadcast.ts';
import { cast } from '../primitives/cast.ts';
import { isInt32 } from '../tensor/check.ts';
import { type DType, isFloat } from '../tensor/dtype.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { broadcastShapes, DTypeError, type Shape, sameShape } from '../tensor/shape.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { scalarOf } from '../trace/trace.ts';
import { asTensor } from './tensor.ts';

/**
 * What operands of an operation become.
 *
 * | operands | result |
 * | --- | --- |
 * | number with a float tensor | the tensor's dtype |
 * | whole number that int32 holds with an int32 tensor | int32 |
 * | another number with an int32 tensor | float64 |
 * | numbers only | float64, weak |
 * | int32 or bool with a float tensor | the float dtype |
 * | bool with int32 or a whole number | int32 |
 * | float32 with float64 | an error that names the cast |
 */
function commonDtype(name: string, operands: readonly (number | Tensor)[]): DType {
  let dtype: DType | undefined;
  let fraction = false;
  let weakFloat = false;
  for (const operand of operands) {
    if (typeof operand === 'number') {
      weakFloat = true;
      fraction ||= !isInt32(operand);
      continue;
    }
    const x = operand;
    if (x.type.kind === 'tensor' && x.type.weak) {
      weakFloat = true;
      fraction = true;
      continue;
    }
    if (dtype === undefined || rank(dtype) < rank(x.dtype)) {
      if (dtype === 'float32' && x.dtype === 'float64') throw mixed(name, operands);
      dtype = x.dtype;
    } else if (dtype === 'float64' && x.dtype === 'float32') {
      throw mixed(name, operands);
    }
  }
  if (dtype === undefined) return 'float64';
  if (!weakFloat || isFloat(dtype)) return dtype;
  return fraction ? 'float64' : 'int32';
}

function rank(dtype: DType): number {
  return { bool: 0, int32: 1, float32: 2, float64: 3 }[dtype];
}

function mixed(name: string, operands: readonly (number | Tensor)[]): DTypeError {
  const all = operands.map((x) => (typeof x === 'number' ? x : describeType(x.type)));
  return new DTypeError(
    `${name}: float32 and float64 tensors do not mix (${all.join(', ')}). Convert one of them: x.astype('float64') or y.astype('float32').`,
  );
}

/** An operand as a tensor of the given dtype; plain numbers are made in it. */
export function toOperand(x: number | Tensor, dtype: DType): Tensor {
  if (typeof x === 'number') return scalarOf(x, tensorType(dtype, []));
  return x.dtype === dtype ? x : cast(x, { dtype });
}

function isWeak(x: number | Tensor): boolean {
  if (typeof x === 'number') return true;
  const { type } = x;
  return type.kind === 'tensor' && type.weak;
}

/** Operands in their common dtype, each in its own shape. */
export function promote(name: string, given: readonly TensorLike[]): Tensor[] {
  const operands = given.map((x, i) =>
    typeof x === 'number' || isTensor(x) ? x : asTensor(x, name, `operand ${i}`),
  );
  if (operands.every(isWeak)) return operands.map((x) => asTensor(x));
  const dtype = commonDtype(name, operands);
  return operands.map((x) => toOperand(x, dtype));
}

/** Operands in their common dtype and broadcast shape. */
export function align(name: string, operands: readonly TensorLike[]): Tensor[] {
  return stretchAll(name, promote(name, operands));
}

/** Tensors in their broadcast shape. */
export function stretchAll(name: string, tensors: readonly Tensor[]): Tensor[] {
  const shape = broadcastShapes(name, ...tensors.map((x) => x.shape));
  return tensors.map((x) => stretch(x, shape));
}

/** A tensor repeated to a shape that it broadcasts to. */
export function stretch(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = shape.length - x.shape.length;
  return broadcast(x, { shape, axes: x.shape.map((_, axis) => axis + lead) });
}

/** An operand of a function on floats: int32 and bool become float64. */
export function toFloat(x: TensorLike, name?: string): Tensor {
  const made = asTensor(x, name);
  return isFloat(made.dtype) ? made : cast(made, { dtype: 'float64' });
}

import { defineOperation, type Primitive } from '../primitives/define.ts';
import { ShapeError } from '../tensor/shape.ts';
import { describeType, sameType, stackType, tensorType, type ValueType } from '../tensor/type.ts';
import type { ScanParams } from './operations.ts';
import { linearizeScan, transposeScan } from './scan-derivative.ts';
import { vmapScan } from './scan-vmap.ts';

/** Operands (or types of operands) of a scan by their part. */
export interface ScanParts<T> {
  readonly count: readonly T[];
  readonly consts: readonly T[];
  readonly carry: readonly T[];
  readonly xs: readonly T[];
}

/** Takes the operands of a scan apart. */
export function splitScan<T>(operands: readonly T[], params: ScanParams): ScanParts<T> {
  const start = params.length === null ? 1 : 0;
  const consts = start + params.consts;
  const carry = consts + params.carry;
  return {
    count: operands.slice(0, start),
    consts: operands.slice(start, consts),
    carry: operands.slice(consts, carry),
    xs: operands.slice(carry),
  };
}

/** Type of one element of scanned values. */
function elementType(type: ValueType, length: number | null): ValueType {
  if (type.kind === 'stack') return type.element;
  if (length === null || type.shape[0] !== length) {
    throw new ShapeError(
      `scan: scanned values need a leading axis of ${length ?? 'a stack'}; got ${describeType(type)}.`,
    );
  }
  return tensorType(type.dtype, type.shape.slice(1), type.weak);
}

/** Type of all elements of scanned values. */
function collectedType(element: ValueType, length: number | null): ValueType {
  if (length === null || element.kind === 'stack') return stackType(element);
  return tensorType(element.dtype, [length, ...element.shape], element.weak);
}

function scanType(operands: readonly ValueType[], params: ScanParams): readonly ValueType[] {
  const { body, length } = params;
  const { count, consts, carry, xs } = splitScan(operands, params);
  if (count.some((type) => !sameType(type, tensorType('int32', [])))) {
    throw new ShapeError('scan: the number of steps must be an int32 scalar.');
  }
  const given = [...consts, ...carry, ...xs.map((type) => elementType(type, length))];
  const outputs = body.outputs.map((output) => output.type);
  given.forEach((type, i) => {
    const expected = body.inputs[i]?.type;
    if (!expected || !sameType(type, expected)) {
      throw new ShapeError(
        `scan: the body takes ${expected ? describeType(expected) : 'fewer inputs'} as input ${i}, given ${describeType(type)}.`,
      );
    }
  });
  carry.forEach((type, i) => {
    const next = outputs[i];
    if (!next || !sameType(type, next)) {
      throw new ShapeError(
        `scan: the carry must keep its type; entry ${i} is ${describeType(type)} and becomes ${next ? describeType(next) : 'nothing'}.`,
      );
    }
  });
  return [
    ...carry,
    ...outputs.slice(carry.length).map((element) => collectedType(element, length)),
  ];
}

/** A loop whose body is a Program, compiled as a loop. */
export const scanOperation: Primitive = defineOperation({
  name: 'scan',
  typeOf: (operands: readonly ValueType[], params: ScanParams) => scanType(operands, params),
  linearizeAll: linearizeScan,
  transpose: transposeScan,
  vmap: vmapScan,
});

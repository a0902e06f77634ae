import { setLoopCompiler } from '../compiler/loop-compiler.ts';
import { loops } from '../compiler/loops.ts';
import { setSum } from '../primitives/cotangent.ts';
import { defineOperation, type Primitive } from '../primitives/define.ts';
import type { ScanParams } from '../program/loops.ts';
import { ShapeError } from '../tensor/shape.ts';
import { describeType, sameType, stackType, tensorType, type ValueType } from '../tensor/type.ts';
import { scanDependence } from './scan-dependence.ts';
import { linearizeScan, transposeScan } from './scan-derivative.ts';
import { vmapScan } from './scan-vmap.ts';
import { splitScan } from './split-scan.ts';
import { sumOf } from './sum-of-stacks.ts';

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
  step: 'scan',
  typeOf: (operands: readonly ValueType[], params: ScanParams) => scanType(operands, params),
  linearizeAll: linearizeScan,
  depend: scanDependence,
  transpose: transposeScan,
  vmap: vmapScan,
});

// All stacks come from loops, and a page without loops need not load this.
setSum(sumOf);

setLoopCompiler(loops);

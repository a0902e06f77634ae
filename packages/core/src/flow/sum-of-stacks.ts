import { maximum } from '../functions/elementwise.ts';
import { add } from '../primitives/arithmetic.ts';
import type { ScanParams } from '../program/loops.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import { bind, bindOne, traceClosed } from '../trace/trace.ts';
import { scanOperation } from './scan-operation.ts';
import { stackLength } from './stack-length.ts';

/** The sum of two values of a type; of stacks, element by element, where an empty one is zeros. */
export function sumOf(type: ValueType, a: Tensor, b: Tensor): Tensor {
  if (type.kind === 'tensor') return add(a, b);
  const { element } = type;
  const body = traceClosed(
    [element, element],
    (x, y) => (x && y ? [sumOf(element, x, y)] : []),
    'scan',
  );
  const [both] = bind(
    scanOperation,
    [maximum(bindOne(stackLength, [a]), bindOne(stackLength, [b])), a, b],
    { body, consts: 0, carry: 0, length: null, reverse: false } satisfies ScanParams,
  );
  if (!both) throw new Error('unreachable');
  return both;
}

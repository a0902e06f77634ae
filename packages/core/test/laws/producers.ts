import { neg } from '../../src/primitives/arithmetic.ts';
import { broadcast } from '../../src/primitives/broadcast.ts';
import { zeros } from '../../src/primitives/create.ts';
import { slice, sliceAdd } from '../../src/primitives/slice.ts';
import { transpose } from '../../src/primitives/transpose.ts';
import type { Shape } from '../../src/tensor/shape.ts';
import { type Tensor, typeOf } from '../../src/tensor/tensor.ts';
import { tensorType } from '../../src/tensor/type.ts';

/** A way to hand an operand to a primitive, so that the two are fused. */
export interface Producer {
  readonly name: string;
  readonly applies: (operand: Tensor) => boolean;
  /** Whether the operand gets other values than the sample says. */
  readonly changes?: boolean;
  /** The tensor from which `produce` makes the operand (or, for `broadcast`, one like it). */
  readonly source: (operand: Tensor) => Tensor;
  readonly produce: (source: Tensor, shape: Shape) => Tensor;
}

const backwards = (shape: Shape): number[] => shape.map((_, axis) => shape.length - 1 - axis);

/** Every second element, beginning with the second one. */
const strided = (shape: Shape) => ({
  start: shape.map(() => 1),
  extents: shape,
  step: shape.map(() => 2),
});

const reversed = (shape: Shape) => ({
  start: shape.map((extent) => Math.max(0, extent - 1)),
  extents: shape,
  step: shape.map(() => -1),
});

const firstOfEach = (shape: Shape) => ({
  start: shape.map(() => 0),
  extents: shape.map((extent) => Math.min(1, extent)),
  step: shape.map(() => 1),
});

export const producers: readonly Producer[] = [
  {
    name: 'as it is',
    applies: () => true,
    source: (x) => x,
    produce: (x) => x,
  },
  {
    name: 'transposed',
    applies: (x) => x.ndim > 1,
    source: (x) => transpose(x, { perm: backwards(x.shape) }),
    produce: (x, shape) => transpose(x, { perm: backwards(shape) }),
  },
  {
    name: 'every second element of a larger tensor',
    applies: (x) => x.ndim > 0 && x.dtype !== 'bool',
    source: (x) => {
      const shape = x.shape.map((extent) => 2 * extent + 1);
      return sliceAdd(zeros(tensorType(x.dtype, shape)), x, strided(x.shape));
    },
    produce: (x, shape) => slice(x, strided(shape)),
  },
  {
    name: 'read backwards',
    applies: (x) => x.ndim > 0,
    source: (x) => slice(x, reversed(x.shape)),
    produce: (x, shape) => slice(x, reversed(shape)),
  },
  {
    name: 'broadcast from one element of each axis',
    changes: true,
    applies: (x) => x.size > 1,
    source: (x) => slice(x, firstOfEach(x.shape)),
    produce: (x, shape) => broadcast(x, { shape, axes: shape.map((_, axis) => axis) }),
  },
  {
    name: 'computed',
    applies: (x) => typeOf(x).dtype !== 'bool',
    source: (x) => neg(x),
    produce: (x) => neg(x),
  },
];

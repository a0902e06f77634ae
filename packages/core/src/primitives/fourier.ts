import { isFloat } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sameShape, sizeOf } from '../tensor/shape.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { describeType, type ValueType } from '../tensor/type.ts';
import { bind } from '../trace/trace.ts';
import { mul } from './arithmetic.ts';
import { Cotangent, isLinear } from './cotangent.ts';
import { filledLike, zeros } from './create.ts';
import { type Batched, defineOperation, type Linearized, type Primitive } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { fourierPlan } from './fourier-plan.ts';
import { mapParts, type Parts, swapped, transformed } from './fourier-transform.ts';
import { reshape } from './reshape.ts';
import { slice } from './slice.ts';

export interface FourierParams {
  readonly axis: number;
  /** Whether the sign of the exponent is plus. */
  readonly inverse: boolean;
  /** By what each element is multiplied besides. */
  readonly scale: number;
}

/**
 * The discrete Fourier transform of complex numbers along an axis. Operands are the real parts, the
 * imaginary parts, and the table of constants for the extent, which nothing is differentiated in and
 * all entries of a batch share; results are the real and the imaginary parts. As a map of pairs of real tensors it is linear, and its
 * transpose is the transform with the other sign.
 */
const fourierOperation: Primitive = defineOperation({
  name: 'fourier',

  typeOf: (operands: readonly ValueType[], { axis }: FourierParams): readonly ValueType[] => {
    const [re, im, table] = operands;
    const all = operands.map(describeType).join(', ');
    if (re?.kind !== 'tensor' || im?.kind !== 'tensor' || table?.kind !== 'tensor') {
      throw new TypeError(`fourier: takes two parts and a table; got ${all}.`);
    }
    const extent = re.shape[axis] ?? 0;
    const entries = extent > 0 ? fourierPlan(extent).to : 0;
    if (extent < 1 || !sameShape(re.shape, im.shape) || !sameShape(table.shape, [2, entries])) {
      throw new ShapeError(
        `fourier: takes two parts of one shape, not empty along axis ${axis}, and a table [2, ${entries}]; got ${all}.`,
      );
    }
    if (!isFloat(re.dtype) || im.dtype !== re.dtype || table.dtype !== re.dtype) {
      throw new DTypeError(`fourier: takes operands of float64 or of float32; got ${all}.`);
    }
    return [re, re];
  },

  decompose: ([re, im, table], { axis, inverse, scale }: FourierParams): readonly Tensor[] => {
    if (!re || !im || !table) throw new Error('unreachable');
    const { shape } = re;
    const n = shape[axis] ?? 0;
    const lines = [sizeOf(shape.slice(0, axis)), n, sizeOf(shape.slice(axis + 1))];
    const scaled = mapParts({ re, im }, (part) => {
      const made = reshape(part, { shape: lines });
      return scale === 1 ? made : mul(made, filledLike(made, scale));
    });
    const turn = (x: Parts): Parts => (inverse ? swapped(x) : x);
    const made = turn(transformed(turn(scaled), fourierPlan(n), table));
    return [reshape(made.re, { shape }), reshape(made.im, { shape })];
  },

  linearizeAll: (operands, params: FourierParams, active): Linearized => {
    const outputs = bind(fourierOperation, operands, params);
    const moves = active[0] === true || active[1] === true;
    return {
      outputs,
      active: [moves, moves],
      pushforward: ([re, im]) => {
        if (!re && !im) return [null, null];
        const [x, y, table] = operands;
        if (!x || !y || !table) throw new Error('unreachable');
        return bind(
          fourierOperation,
          [re ?? zeros(typeOf(x)), im ?? zeros(typeOf(y)), table],
          params,
        );
      },
    };
  },

  transpose: ([dre, dim], [re, im, table], params: FourierParams): void => {
    const ct = dre ?? dim;
    if (!ct || !re || !im || !table || table instanceof Cotangent) throw new Error('unreachable');
    const none = zeros(typeOf(ct));
    const pulled = bind(fourierOperation, [dre ?? none, dim ?? none, table], {
      ...params,
      inverse: !params.inverse,
    });
    [re, im].forEach((operand, i) => {
      const part = pulled[i];
      if (part && isLinear(operand)) operand.add(part);
    });
  },

  vmap: ([re, im, table], [ofRe, ofIm, ofTable], params: FourierParams, size): Batched => {
    if (!re || !im || !table) throw new Error('unreachable');
    if (!ofRe && !ofIm) {
      const outputs = bind(fourierOperation, [re, im, entryOf(table)], params);
      return { outputs, batched: [false, false] };
    }
    const parts = alignBatch([re, im], [ofRe === true, ofIm === true]);
    if (size === 0) return { outputs: parts, batched: [true, true] };
    const shared = ofTable ? entryOf(table) : table;
    const outputs = bind(fourierOperation, [...parts, shared], {
      ...params,
      axis: params.axis + 1,
    });
    return { outputs, batched: [true, true] };
  },
});

/** The table of a batch: loops and branches may give each entry its own, and all are equal. */
function entryOf(table: Tensor): Tensor {
  const [, ...shape] = table.shape;
  const start = table.shape.map(() => 0);
  const step = start.map(() => 1);
  return reshape(slice(table, { start, extents: [1, ...shape], step }), { shape });
}

/** `fourierOperation` applied. */
export function fourier(x: Parts, table: Tensor, params: FourierParams): Parts {
  const [re, im] = bind(fourierOperation, [x.re, x.im, table], params);
  if (!re || !im) throw new Error('unreachable');
  return { re, im };
}

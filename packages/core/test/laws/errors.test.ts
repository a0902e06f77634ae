// The fifth law: wrong shapes, dtypes and counts of operands are errors that name the operation and
// what it was given. Whatever is not refused must work.

import { MatrixError, type Tensor, take, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { isBounded } from '../../src/backends/reference/error-bound.ts';
import type { Primitive } from '../../src/primitives/define.ts';
import { barrier, cast, iota, named, scatterAdd, stopped } from '../../src/primitives/index.ts';
import { allocate, type DType, dtypes, toDtype } from '../../src/tensor/dtype.ts';
import {
  DTypeError,
  formatShape,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
} from '../../src/tensor/shape.ts';
import { fromData, typeOf } from '../../src/tensor/tensor.ts';
import { accuracyOf } from './accuracy.ts';
import { expectUlps, expectWithinBounds } from './agreement.ts';
import { backends, on } from './backends.ts';
import { type Case, casesOf, primitives, programOf } from './cases.ts';

interface Provocation {
  readonly what: string;
  readonly operands: readonly Tensor[];
}

/** The same elements, the last one repeated or some left out, under another dtype and shape. */
function remade(x: Tensor, dtype: DType, shape: Shape): Tensor {
  const from = x.dataSync();
  const data = allocate(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++)
    data[i] = toDtype(dtype, from[Math.min(i, from.length - 1)] ?? 0);
  return fromData(dtype, shape, data);
}

/** The operands with one of them changed in its dtype, number of axes, or one extent. */
function provocations({ operands }: Case): Provocation[] {
  return operands.flatMap((x, i) => {
    const { dtype, shape } = typeOf(x);
    const other = (what: string, changed: Tensor): Provocation => ({
      what: `operand ${i} ${what}`,
      operands: operands.with(i, changed),
    });
    return [
      ...dtypes.filter((d) => d !== dtype).map((d) => other(`as ${d}`, remade(x, d, shape))),
      other('with an axis more', remade(x, dtype, [2, ...shape])),
      ...(shape.length > 0 ? [other('with an axis less', remade(x, dtype, shape.slice(1)))] : []),
      ...shape.map((extent, axis) =>
        other(`longer on axis ${axis}`, remade(x, dtype, shape.with(axis, extent + 1))),
      ),
    ];
  });
}

/** Asserts that a refusal is of the right kind and says enough. */
function expectHelp(error: unknown, primitive: Primitive, { operands }: Provocation): void {
  const kinds = [ShapeError, DTypeError];
  if (!(error instanceof Error) || !kinds.some((kind) => error instanceof kind)) throw error;
  expect(error.message).toMatch(new RegExp(`^${primitive.name}: `));
  const named = operands.some(
    (x) => error.message.includes(formatShape(x.shape)) || error.message.includes(x.dtype),
  );
  if (!named) throw new Error(`names none of its operands: ${error.message}`);
}

/** Primitives that any single operand fits. */
const takesAnything: ReadonlySet<Primitive> = new Set<Primitive>([barrier, cast, named, stopped]);

/** Refuses with help, or works and gives what the reference gives; tells whether it refused. */
function provoke(sample: Case, provocation: Provocation): boolean {
  const { primitive, params } = sample;
  const { operands } = provocation;
  try {
    primitive.typeOf(
      operands.map((x) => x.type),
      params,
    );
  } catch (error) {
    expectHelp(error, primitive, provocation);
    return true;
  }
  const program = programOf(sample, operands);
  try {
    // What is composed of factorizations may hang on rounding where a matrix is nearly singular.
    if (isBounded(primitive)) {
      expect(expectWithinBounds(program, operands) || !primitive.lower).toBe(true);
    } else expectUlps(program, operands, accuracyOf(primitive));
    return false;
  } catch (error) {
    const outside = new RegExp(`^${primitive.name}: index -?\\d+ is out of range`);
    if (error instanceof RangeError && outside.test(error.message)) return true;
    if (error instanceof MatrixError) return true;
    throw error;
  }
}

describe('a wrong operand', () => {
  test.each(primitives.filter((p) => p !== iota).map((p) => [p.name, p] as const))(
    'of %s is an error that says what is wrong, or works',
    (_, primitive) => {
      let refused = 0;
      let tried = 0;
      for (const sample of casesOf(primitive, 'float64')) {
        if (sample.operands.some((x) => x.size === 0)) continue;
        for (const provocation of provocations(sample)) {
          tried += 1;
          try {
            refused += Number(provoke(sample, provocation));
          } catch (error) {
            throw new Error(`${sample.title}, ${provocation.what}`, { cause: error });
          }
        }
      }
      expect(tried).toBeGreaterThan(0);
      if (!takesAnything.has(primitive)) expect(refused).toBeGreaterThan(0);
    },
  );

  test.each(
    primitives.filter((p) => casesOf(p)[0]?.operands.length).map((p) => [p.name, p] as const),
  )('of %s that is missing is an error that names it', (name, primitive) => {
    const [sample] = casesOf(primitive);
    expect(() => primitive.typeOf([], sample?.params ?? {})).toThrow(new RegExp(`^${name}: `));
  });

  test('of iota is a size that is no whole number', () => {
    for (const size of [-1, 1.5, Number.NaN]) {
      expect(() => iota([], { size, dtype: 'float64' })).toThrow(
        /^iota: the size is a whole number/,
      );
    }
  });
});

describe.each(backends)('an index outside its axis on the %s backend', (_, backend) => {
  test.each([-1, 3, 2 ** 31 - 1, -(2 ** 31)])('is an error of take that names %i', (index) => {
    const at = tensor([0, index], { dtype: 'int32' });
    on(backend, () => {
      expect(() => take(tensor([1, 2, 3]), at)).toThrow(
        `take: index ${index} is out of range for an axis of extent 3`,
      );
    });
  });

  test('is an error of scatterAdd, and nothing is written', () => {
    const x = tensor([1, 2, 3]);
    const at = tensor([1, 3], { dtype: 'int32' });
    on(backend, () => {
      expect(() => scatterAdd(x, at, tensor([10, 10]), { batch: 0 })).toThrow(
        'scatterAdd: index 3 is out of range for an axis of extent 3',
      );
      expect(x.toArray()).toEqual([1, 2, 3]);
      const inside = scatterAdd(x, tensor([1, 1], { dtype: 'int32' }), tensor([10, 10]), {
        batch: 0,
      });
      expect(inside.toArray()).toEqual([1, 22, 3]);
      expect(sameShape(inside.shape, x.shape)).toBe(true);
    });
  });
});

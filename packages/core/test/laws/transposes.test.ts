// Reverse mode reaches a transpose rule through the linear part of a derivative only, and some rules
// seldom. So each is tested by itself: for every operand in which a primitive is linear, the product
// of a cotangent with the result is that of the pulled-back cotangent with the operand.

import { MatrixError, type Tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { Noise } from '../../src/backends/reference/noise.ts';
import { Cotangent } from '../../src/primitives/cotangent.ts';
import { zeros } from '../../src/primitives/create.ts';
import type { Primitive } from '../../src/primitives/define.ts';
import { isFloat, roundingUnit } from '../../src/tensor/dtype.ts';
import { typeOf } from '../../src/tensor/tensor.ts';
import {
  innerProduct,
  maxNorm,
  type Numbers,
  numbersOf,
  pairingSize,
  randomLike,
  tensorsOf,
} from '../../src/testing/flat-function.ts';
import { bindOne } from '../../src/trace/trace.ts';
import { backends, on } from './backends.ts';
import { type Case, casesOf, primitives } from './cases.ts';

const plus = (a: Numbers, b: Numbers, factor = 1): Numbers =>
  a.map((x, i) => x.map((value, k) => value + factor * (b[i]?.[k] ?? Number.NaN)));

/** Tests the rule for the given operands together; false where the primitive is not linear in them. */
function transposes({ primitive, params, operands }: Case, chosen: readonly number[]): boolean {
  const noise = new Noise(3);
  const point = chosen.flatMap((i) => operands[i] ?? []);
  const apply = (moved: readonly Tensor[]): Numbers =>
    numbersOf([
      bindOne(
        primitive,
        operands.map((x, i) => moved[chosen.indexOf(i)] ?? x),
        params,
      ),
    ]);
  const origin = apply(point.map((x) => zeros(typeOf(x))));
  const linearPart = (v: Numbers): Numbers => plus(apply(tensorsOf(v, point)), origin, -1);
  const [v, u] = [randomLike(point, noise), randomLike(point, noise)];
  const image = linearPart(v);
  const sum = plus(image, linearPart(u), 2);
  const bent = maxNorm(plus(linearPart(plus(v, u, 2)), sum, -1));
  if (!(bent <= 1e-6 * Math.max(1, maxNorm(sum)))) return false;

  const result = bindOne(primitive, operands, params);
  const weights = randomLike([result], noise);
  const mixed = operands.map((x, i) => (chosen.includes(i) ? new Cotangent(x.type) : x));
  primitive.transpose?.(tensorsOf(weights, [result]), mixed, params);
  const pulled = numbersOf(
    mixed.flatMap((x) => (x instanceof Cotangent ? [x.get() ?? zeros(x.dense())] : [])),
  );
  const [left, right] = [innerProduct(weights, image), innerProduct(pulled, v)];
  const unit = Math.max(...[...point, result].map((x) => roundingUnit(x.dtype)));
  const size = Math.max(pairingSize(weights, image), pairingSize(pulled, v));
  if (!(Math.abs(left - right) <= 16 * unit * size)) {
    throw new Error(`operands ${chosen}: (w, f(v)) is ${left}, (f'(w), v) is ${right}`);
  }
  return true;
}

function floatsOf({ operands }: Case): number[] {
  return operands.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []));
}

const transposable = primitives.filter((primitive) => primitive.transpose !== undefined);

/** How many cases of a primitive were linear, and agreed. */
function tested(primitive: Primitive): number {
  let count = 0;
  for (const sample of casesOf(primitive)) {
    const floats = floatsOf(sample);
    const together = primitive.linear?.as === 'together' && floats.length > 1 ? [floats] : [];
    for (const chosen of [...floats.map((i) => [i]), ...together]) {
      const result = bindOne(primitive, sample.operands, sample.params);
      if (!isFloat(result.dtype) || !sample.smooth) continue;
      try {
        count += Number(transposes(sample, chosen));
      } catch (error) {
        // It is not linear in a matrix that must not be 0.
        if (error instanceof MatrixError) continue;
        throw new Error(sample.title, { cause: error });
      }
    }
  }
  return count;
}

describe.each(backends)('on the %s backend', (_, backend) => {
  test.each(transposable.map((primitive) => [primitive.name, primitive] as const))(
    'the transpose of %s is that of the linear map it is',
    (_name, primitive) => {
      expect(on(backend, () => tested(primitive))).toBeGreaterThan(0);
    },
  );
});

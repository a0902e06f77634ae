// The first law: compiled code gives what the reference interpreter gives. Integers, bools and
// correctly rounded operations are equal; elementary functions are within 2 ulp; sums and matrix
// products within the bound of stochastic arithmetic.

import { jvp, type Tensor, vjp } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { isBounded } from '../../src/backends/reference/error-bound.ts';
import { Noise } from '../../src/backends/reference/noise.ts';
import type { Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import { randomLike, tensorsOf } from '../../src/testing/flat-function.ts';
import { trace } from '../../src/trace/trace.ts';
import { accuracyOf } from './accuracy.ts';
import { expectUlps, expectWithinBounds, ulpDistance } from './agreement.ts';
import { on, reference } from './backends.ts';
import { type Case, casesOf, isDifferentiable, ofFloats, primitives, programOf } from './cases.ts';
import { type Producer, producers } from './producers.ts';

function expectAgreement(
  sample: Case,
  { produce, source, applies, changes = false }: Producer,
): boolean {
  const { operands, primitive, variety } = sample;
  const chosen = operands.map((x, i) => applies(x) && !(changes && variety[i] !== 'any'));
  if (operands.length > 0 && !chosen.includes(true)) return false;
  const inputs = on(reference, () => operands.map((x, i) => (chosen[i] ? source(x) : x)));
  const program = programOf(sample, inputs, (input, i) =>
    chosen[i] ? produce(input, operands[i]?.shape ?? []) : input,
  );
  if (isBounded(primitive)) expect(expectWithinBounds(program, inputs)).toBe(true);
  else expectUlps(program, inputs, accuracyOf(primitive));
  return true;
}

describe.each(producers.map((producer) => [producer.name, producer] as const))(
  'with operands %s',
  (_, producer) => {
    test.each(primitives.map((primitive) => [primitive.name, primitive] as const))(
      'compiled %s gives what the reference interpreter gives',
      (_name, primitive) => {
        for (const sample of casesOf(primitive)) {
          try {
            expectAgreement(sample, producer);
          } catch (error) {
            throw new Error(sample.title, { cause: error });
          }
        }
      },
    );
  },
);

/** Values, tangents and cotangents of a case as one Program of the point, v and w. */
function derivativeProgram(sample: Case): { program: Program; inputs: readonly Tensor[] } {
  const { f, point } = ofFloats(sample);
  const values = on(reference, () => f(...point));
  const noise = new Noise(11);
  const [v, w] = [point, values].map((like) => tensorsOf(randomLike(like, noise), like));
  const inputs = [...point, ...(v ?? []), ...(w ?? [])];
  const n = point.length;
  const { program, captures } = trace(
    inputs.map((x) => x.type),
    (...all) => {
      const at = all.slice(0, n);
      const [, tangents] = jvp<readonly Tensor[], readonly Tensor[]>(f, at, all.slice(n, 2 * n));
      const [, pullback] = vjp<readonly Tensor[], readonly Tensor[]>(f, ...at);
      return [...tangents, ...pullback(all.slice(2 * n))];
    },
    { name: 'derivatives' },
  );
  return { program: verify(program, 'derivatives'), inputs: [...captures, ...inputs] };
}

test.each(
  primitives
    .filter((primitive) => casesOf(primitive).some(isDifferentiable))
    .map((primitive) => [primitive.name, primitive] as const),
)(
  'compiled derivatives of %s are those of the reference, at special values too',
  (_, primitive) => {
    let decided = 0;
    for (const sample of casesOf(primitive).filter(isDifferentiable)) {
      try {
        const { program, inputs } = derivativeProgram(sample);
        decided += Number(expectWithinBounds(program, inputs));
      } catch (error) {
        throw new Error(sample.title, { cause: error });
      }
    }
    expect(decided).toBeGreaterThan(0);
  },
);

test('distances in ulp count representable numbers, across zero too', () => {
  expect(ulpDistance(1, 1 + 2 ** -52, false)).toBe(1);
  expect(ulpDistance(1, 1 + 2 ** -23, true)).toBe(1);
  expect(ulpDistance(-(2 ** -1074), 2 ** -1074, false)).toBe(2);
  expect(ulpDistance(0, -0, false)).toBe(0);
  expect(ulpDistance(Number.NaN, 0, false)).toBe(Number.POSITIVE_INFINITY);
});

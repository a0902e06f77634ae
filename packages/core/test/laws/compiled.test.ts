// The first law: compiled code gives what the reference interpreter gives. Integers, bools and
// correctly rounded operations are equal; elementary functions are within 2 ulp; sums and matrix
// products within the bound of stochastic arithmetic.

import { describe, expect, test } from 'vitest';
import { summing } from '../../src/backends/reference/error-bound.ts';
import type { Primitive } from '../../src/primitives/define.ts';
import { expectUlps, expectWithinBounds, ulpDistance } from './agreement.ts';
import { on, reference } from './backends.ts';
import { type Case, casesOf, primitives, programOf } from './cases.ts';
import { type Producer, producers } from './producers.ts';

function allowedUlps({ lower }: Primitive): number {
  return lower?.kind === 'pull' && lower.cost === 'math' ? 2 : 0;
}

function expectAgreement(sample: Case, { produce, source, applies }: Producer): boolean {
  const { operands, primitive } = sample;
  const chosen = operands.map((operand) => applies(operand));
  if (operands.length > 0 && !chosen.includes(true)) return false;
  const inputs = on(reference, () => operands.map((x, i) => (chosen[i] ? source(x) : x)));
  const program = programOf(sample, inputs, (input, i) =>
    chosen[i] ? produce(input, operands[i]?.shape ?? []) : input,
  );
  if (summing.has(primitive)) expect(expectWithinBounds(program, inputs)).toBe(true);
  else expectUlps(program, inputs, allowedUlps(primitive));
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

test('distances in ulp count representable numbers, across zero too', () => {
  expect(ulpDistance(1, 1 + 2 ** -52, false)).toBe(1);
  expect(ulpDistance(1, 1 + 2 ** -23, true)).toBe(1);
  expect(ulpDistance(-(2 ** -1074), 2 ** -1074, false)).toBe(2);
  expect(ulpDistance(0, -0, false)).toBe(0);
  expect(ulpDistance(Number.NaN, 0, false)).toBe(Number.POSITIVE_INFINITY);
});

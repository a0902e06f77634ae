import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerProgram } from '../../src/compiler/compile.ts';
import { explainModule } from '../../src/compiler/explain.ts';
import { add, crossMul, mul, neg, sub, tangentMul } from '../../src/primitives/arithmetic.ts';
import { ne } from '../../src/primitives/compare.ts';
import { filledLike } from '../../src/primitives/create.ts';
import { select } from '../../src/primitives/select.ts';
import type { Program } from '../../src/program/program.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { tensorType } from '../../src/tensor/type.ts';
import { trace } from '../../src/trace/trace.ts';
import { evaluateProgram, expectExact, runCompiled } from './agree.ts';
import { interpretModule } from './interpret-kernels.ts';

const specials = [0, -0, 1, -1.5, 3e-320, Number.POSITIVE_INFINITY, -Number.MAX_VALUE, Number.NaN];
/** All triples of them. */
const size = specials.length ** 3;
const inputs = [1, specials.length, specials.length ** 2].map((step) =>
  Float64Array.from(
    { length: size },
    (_, i) => specials[Math.floor(i / step) % specials.length] ?? 0,
  ),
);

type Masks = (a: Tensor, b: Tensor, t: Tensor) => Tensor;

const record = (f: Masks): Program =>
  trace(
    inputs.map(() => tensorType('float64', [size])),
    (...[a, b, t]) => (a && b && t ? [f(a, b, t)] : []),
    { name: 'masks' },
  ).program;

type Step = (x: Tensor, y: Tensor) => Tensor;
const steps: readonly Step[] = [
  (x, y) => tangentMul(x, y),
  (x, y) => crossMul(x, y),
  (x, y) => add(x, y),
  (x, y) => sub(x, y),
  (x, y) => mul(x, y),
  (x) => neg(x),
];

/** Chains of such steps, mostly of the first ones, each on any two values that are there. */
const chains: fc.Arbitrary<Program> = fc
  .array(fc.tuple(fc.nat(12), fc.nat(), fc.nat()), { minLength: 2, maxLength: 14 })
  .map((choices) =>
    record((a, b, t) => {
      const values = [a, b, t];
      let last = t;
      for (const [kind, first, second] of choices) {
        const step = steps[kind] ?? steps[kind % 3] ?? tangentMul;
        const [x, y] = [values.at(-1 - (first % 3)), values.at(-1 - (second % values.length))];
        last = step(x ?? a, y ?? t);
        values.push(last);
      }
      return last;
    }),
  );

const comparisons = (f: Masks): number =>
  explainModule(lowerProgram(record(f))).split('ne(').length - 1;

describe('products that are 0 where a tangent is', () => {
  it('share one comparison where they are summed', () => {
    const sum: Masks = (a, b, t) => add(tangentMul(a, t), tangentMul(b, t));
    expect(comparisons(sum)).toBe(1);
    expect(comparisons((a, b, t) => add(sum(a, b, t), t))).toBe(1);
    expect(comparisons((a, b, t) => sub(sum(a, b, t), tangentMul(a, t)))).toBe(1);
    expect(comparisons((a, b, t) => add(tangentMul(a, t), tangentMul(b, a)))).toBe(2);
  });

  it('have the same bits beside the tangent itself, of either sign', () => {
    const programs = steps.flatMap((step) =>
      steps
        .slice(0, 5)
        .flatMap((other) => [
          record((a, b, t) => other(t, step(step(a, t), step(b, t)))),
          record((a, b, t) => other(step(step(a, t), step(b, t)), t)),
          record((a, b, t) => step(other(tangentMul(a, t), t), other(b, tangentMul(a, t)))),
          record((a, b, t) => step(other(t, tangentMul(a, t)), other(tangentMul(a, t), b))),
        ]),
    );
    const minus = (x: Tensor, t: Tensor): Tensor =>
      select(ne(t, filledLike(t, 0)), x, filledLike(t, -0));
    programs.push(record((a, b, t) => add(minus(a, t), minus(b, t))));
    programs.push(record((a, b, t) => sub(minus(a, t), tangentMul(b, t))));
    for (const program of programs) {
      expectExact(runCompiled(program, inputs), evaluateProgram(program, inputs));
    }
  });

  it('have the same bits for all special values', () => {
    fc.assert(
      fc.property(chains, (program) => {
        const expected = evaluateProgram(program, inputs);
        expectExact(runCompiled(program, inputs), expected);
        expectExact(interpretModule(lowerProgram(program), inputs).outputs, expected);
      }),
      { numRuns: 300, seed: 20261126 },
    );
  });
});

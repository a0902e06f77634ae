import { debug, explain, jit, jvp, type Tensor, tensor } from '@grad/core';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { joinSums } from '../../src/compiler/join-sums.ts';
import { add, mul, reduceSum, tanh } from '../../src/primitives/index.ts';
import { sums } from '../../src/primitives/sums.ts';
import type { Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import type { DType } from '../../src/tensor/dtype.ts';
import { tensorType } from '../../src/tensor/type.ts';
import { trace } from '../../src/trace/trace.ts';
import { expectAgreement } from './agree.ts';

const waves = (count: number, dtype: DType = 'float64'): Tensor =>
  tensor(Float64Array.from({ length: count }, (_, i) => Math.sin(i))).astype(dtype);

const polynomial = (x: Tensor): Tensor => x.mul(x).add(x).mul(x.sub(2)).mul(x).sum();
const slope = (x: number): number => 4 * x ** 3 - 3 * x ** 2 - 4 * x;

/** Random Programs of vectors, of scalars that are their sums, and of what follows from both. */
const randomSums: fc.Arbitrary<Program> = fc
  .array(fc.tuple(fc.nat(3), fc.nat(), fc.nat()), { minLength: 4, maxLength: 40 })
  .map(
    (choices) =>
      trace(
        [tensorType('float64', [70]), tensorType('float64', [70])],
        (...inputs) => {
          const vectors = [...inputs];
          const scalars: Tensor[] = [];
          const pick = (from: readonly Tensor[], i: number): Tensor | undefined =>
            from[i % Math.max(1, from.length)];
          for (const [kind, first, second] of choices) {
            const [x, y, s] = [pick(vectors, first), pick(vectors, second), pick(scalars, second)];
            if (!x || !y) continue;
            if (kind === 0) vectors.push(tanh(mul(x, y)));
            else if (kind === 1) vectors.push(s ? tanh(x.mul(s)) : add(x, y).mul(0.5));
            else scalars.push(reduceSum(x, { axes: [0] }));
          }
          return [...scalars, ...vectors.slice(-1)];
        },
        { name: 'sums' },
      ).program,
  );

describe('sums of values that are computed from the same', () => {
  it('are one loop that stores nothing, as a value and its directional derivative', () => {
    const x = waves(1003);
    const v = x.mul(0.5).add(0.25);
    const both = (x: Tensor, v: Tensor): [Tensor, Tensor] => jvp(polynomial, [x], [v]);
    expect(String(explain(both, x, v))).toMatch(/^1 kernel,.* 0 B of workspace/);
    const [value, tangent] = jit(both)(x, v);
    const elements = [...x.dataSync()].map(Number);
    const expected = elements.reduce((sum, e) => sum + slope(e) * (0.5 * e + 0.25), 0);
    expect(tangent.item()).toBeCloseTo(expected, 9);
    expect(value.item()).toBe(jit(polynomial)(x).item());
  });

  for (const dtype of ['float64', 'float32'] as const) {
    for (const shape of [[64], [1031], [5000], [3, 40], [37, 5, 3], [300, 30]]) {
      it(`have the bits that each has alone: ${dtype} of ${shape.join('x')}`, () => {
        const x = waves(
          shape.reduce((a, b) => a * b, 1),
          dtype,
        ).reshape(shape);
        const parts: ((x: Tensor) => Tensor)[] = [
          (x) => x.exp().sum(),
          (x) => x.exp().mul(x).sum(),
          (x) => x.exp().add(1).log().sum(),
          (x) => x.sum(),
          (x) => x.exp().square().sum(),
        ];
        const together = jit((x: Tensor) => parts.map((part) => part(x)))(x);
        expect(together.map((sum) => sum.item())).toEqual(parts.map((part) => jit(part)(x).item()));
      });
    }
  }

  it('stay apart where one depends on the other', () => {
    const x = waves(1000);
    const moments = (x: Tensor): Tensor[] => {
      const mean = x.mean();
      return [mean, x.sub(mean).square().mean()];
    };
    const [mean, variance] = jit(moments)(x);
    const elements = [...x.dataSync()].map(Number);
    const m = elements.reduce((sum, e) => sum + e, 0) / 1000;
    const v = elements.reduce((sum, e) => sum + (e - m) ** 2, 0) / 1000;
    expect(mean?.item()).toBeCloseTo(m, 12);
    expect(variance?.item()).toBeCloseTo(v, 12);
  });

  it('are joined around what depends on one of them, which follows', () => {
    const x = waves(1000);
    const f = (x: Tensor): Tensor[] => {
      const scaled = x.div(x.square().sum().sqrt());
      return [scaled, x.square().mul(x).sum()];
    };
    expect(String(explain(f, x))).toContain('sums(');
    const norm = Math.hypot(...[...x.dataSync()].map(Number));
    expect(Number(jit(f)(x)[0]?.at(7).item())).toBeCloseTo(Math.sin(7) / norm, 14);
  });

  it('leave what is printed in order', () => {
    const printed: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((line) => printed.push(line));
    const f = (x: Tensor): Tensor => {
      debug.print('a norm {}', x.exp().sum().gt(0));
      debug.print('an element {}', x.at(0));
      return x.exp().mul(x).sum();
    };
    jit(f)(waves(500));
    log.mockRestore();
    expect(printed).toEqual(['a norm true', 'an element 0']);
  });

  it('agree with the reference in random Programs', () => {
    let joined = 0;
    fc.assert(
      fc.property(randomSums, (program) => {
        const other = joinSums(program);
        verify(other, 'joinSums');
        joined += other.equations.filter(({ operation }) => operation === sums).length;
        expectAgreement(program);
      }),
      { numRuns: 200, seed: 20261126 },
    );
    expect(joined).toBeGreaterThan(100);
  });
});

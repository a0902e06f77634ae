import {
  fft,
  floor,
  linalg,
  maximum,
  sin,
  sqrt,
  sum,
  type Tensor,
  tensor,
  where,
} from '@grad/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bounded, interpretWithBounds } from '../../src/backends/reference/error-bound.ts';
import { interpret, storageOfTensor } from '../../src/backends/reference/interpret.ts';
import { Noise } from '../../src/backends/reference/noise.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import type { DenseStorage } from '../../src/tensor/storage.ts';
import { trace } from '../../src/trace/trace.ts';
import { randomProgram } from '../compiler/random-programs.ts';
import { inFloat32 } from '../laws/in-float32.ts';

function bounded(f: (x: Tensor) => Tensor, x: Tensor): Bounded {
  const { program, captures } = trace([x.type], (y) => [f(y)], { name: 'test' });
  return interpretWithBounds(program, [...captures, x].map(storageOfTensor));
}

function onlyBound(f: (x: Tensor) => Tensor, x: number): number {
  const { undecided, results } = bounded(f, tensor(x));
  expect(undecided).toBe(false);
  return results[0]?.bound[0] ?? Number.NaN;
}

describe('bounds by stochastic arithmetic', () => {
  test('are a few units in the last place of a well-conditioned result', () => {
    const bound = onlyBound((x) => sin(x).mul(x), 1.3);
    expect(bound).toBeGreaterThan(2 ** -52);
    expect(bound).toBeLessThan(2 ** -46);
  });

  test('grow by what cancellation loses', () => {
    const bound = onlyBound((x) => sin(x).mul(1e8).add(1).sub(sin(x).mul(1e8)), 1.3);
    expect(bound).toBeGreaterThan(1e-8);
    expect(bound).toBeLessThan(1e-5);
  });

  test('are zero for integers, and a unit of rounding where nothing is rounded', () => {
    expect(onlyBound((x) => x.astype('int32'), 7)).toBe(0);
    expect(onlyBound((x) => x.neg(), 1)).toBe(2 ** -53);
  });

  test('do not grow where sums, products, quotients and roots are exact', () => {
    const unit = (x: number): number => 2 ** (Math.floor(Math.log2(x)) - 53);
    for (const f of [
      (x: Tensor) => x.mul(0.5),
      (x: Tensor) => x.add(3),
      (x: Tensor) => x.sub(0.75),
      (x: Tensor) => x.div(3),
      (x: Tensor) => sqrt(x.mul(0.75)),
    ]) {
      const y = f(tensor(12)).item();
      expect(onlyBound(f, 12)).toBeGreaterThanOrEqual(unit(y));
      expect(onlyBound(f, 12)).toBeLessThanOrEqual(2 * unit(y));
    }
    for (const f of [
      (x: Tensor) => x.mul(0.1),
      (x: Tensor) => x.add(0.1),
      (x: Tensor) => x.sub(0.1),
      (x: Tensor) => x.div(7),
      (x: Tensor) => sqrt(x),
    ]) {
      expect(onlyBound(f, 12)).toBeGreaterThan(2 * unit(f(tensor(12)).item()));
    }
    expect(onlyBound((x) => x.mul(1e-200).mul(1e-110), 12)).toBeGreaterThan(2 ** -1073);
    expect(bounded((x) => floor(x.div(3)), tensor(6)).undecided).toBe(false);
  });

  test('of a sum are in proportion to the size of its terms', () => {
    const terms = tensor([1e8, 1, -1e8]);
    const { results } = bounded((x) => sum(x), terms);
    expect(results[0]?.data[0]).toBe(1);
    expect(results[0]?.bound[0]).toBeGreaterThan(1e-8);
    expect(results[0]?.bound[0]).toBeLessThan(1e-6);
  });

  test('see what only errors of one sign can change', () => {
    // The difference is 0, or a rounding of it, and moves either way.
    const x = sin(tensor(2));
    for (let seed = 0; seed < 300; seed++) {
      const { program, captures } = trace(
        [x.type],
        (y) => [maximum(sin(y).sub(Math.sin(x.item())), 0)],
        { name: 'test' },
      );
      const inputs = [...captures, x].map(storageOfTensor);
      const bound = interpretWithBounds(program, inputs, seed).results[0]?.bound[0];
      expect(bound).toBeGreaterThan(2 ** -54);
    }
  });

  test('are refused where a branch hangs on rounding, and only there', () => {
    const f = (x: Tensor): Tensor => where(x.mul(3).div(3).gt(0.1), x, 0);
    expect(bounded(f, tensor(0.1)).undecided).toBe(true);
    expect(bounded(f, tensor(0.1 + 1e-12)).undecided).toBe(false);
    expect(bounded((x) => floor(x.mul(0.1).mul(10)), tensor(3)).undecided).toBe(true);
  });

  test('of values of a matrix allow for errors of all its elements along their vectors', () => {
    // Where every error has the sign that its vectors have there, values move as far as Weyl allows.
    const [m, n] = [12, 30];
    const ones = tensor(Array.from({ length: m }, () => new Array<number>(n).fill(1)));
    const worst = 8 * 2 ** -53 * Math.sqrt(m * n);
    const square = tensor(Array.from({ length: n }, () => new Array<number>(n).fill(-1)));
    const bounds = [
      bounded((x) => linalg.svdvals(x), ones).results[0]?.bound,
      bounded((x) => linalg.svd(x)[1], ones).results[0]?.bound,
      bounded((x) => linalg.svd(x, { fullMatrices: true })[1], ones).results[0]?.bound,
    ];
    for (const bound of bounds.map((each) => each?.at(-1))) {
      expect(bound).toBeGreaterThan(0.7 * worst);
      expect(bound).toBeLessThan(2 * worst);
    }
    const { results } = bounded((x) => linalg.eigvalsh(x), square);
    expect(results[0]?.bound.at(-1)).toBeGreaterThan(0.7 * 8 * 2 ** -53 * n);
    // Vectors stay within units of 1.
    const { bound } = bounded((x) => linalg.svd(x)[0].at(null, 0), ones).results[0] ?? {};
    expect(Math.max(...(bound ?? [1]))).toBeLessThan(1e-13);
  });

  test('are refused where it hangs on rounding whether something is 0', () => {
    const whether = (x: Tensor) => sum(x).ne(0);
    expect(bounded(whether, tensor([1, 1e-17, -1])).undecided).toBe(true);
    expect(bounded(whether, tensor([1, 1e-10, -1])).undecided).toBe(false);
  });

  test('allow for columns that errors may have made zero, and that are not reflected then', () => {
    const corner = (x: Tensor): Tensor => linalg.qr(x)[1].at(0, 0);
    const bound = (below: number): number =>
      bounded(corner, tensor([[1], [below]])).results[0]?.bound[0] ?? Number.NaN;
    expect(bound(1e-20)).toBeCloseTo(2, 12);
    expect(bound(0)).toBeCloseTo(2, 12);
    expect(bound(1e-10)).toBeLessThan(1e-14);
  });

  test('say nothing where the steps of a Fourier transform decide what an infinity becomes', () => {
    const f = (x: Tensor): Tensor => fft.fft(x).re;
    expect(bounded(f, tensor([1, Number.NEGATIVE_INFINITY, 2])).undecided).toBe(true);
    expect(bounded(f, tensor([1, -1e300, 2])).undecided).toBe(false);
  });

  test('say nothing where the order of terms decides whether their sum overflows', () => {
    const total = (x: Tensor): Tensor => sum(x);
    const undecided = (...terms: readonly number[]): boolean =>
      bounded(total, tensor(Float32Array.from(terms))).undecided;
    expect(undecided(3e38, -3e38, 3e38)).toBe(true);
    // Too large whatever the order, but first of the other sign here.
    expect(undecided(3e38, 3e38, -3e38, -3e38, -3e38, -3e38)).toBe(true);
    expect(undecided(3e37, -3e38, 1)).toBe(false);
    expect(undecided(Number.POSITIVE_INFINITY, -3e38, 1)).toBe(false);
  });

  test('hold for what float32 loses on random Programs, and are not idle', () => {
    const slack: number[] = [];
    fc.assert(
      fc.property(randomProgram, (program) => {
        const noise = new Noise(5);
        const single = program.inputs.map(({ type }): DenseStorage => {
          const size = type.kind === 'tensor' ? sizeOf(type.shape) : 0;
          return { kind: 'dense', data: Float32Array.from({ length: size }, () => noise.normal()) };
        });
        const double = single.map(
          ({ data }): DenseStorage => ({ kind: 'dense', data: Float64Array.from(data) }),
        );
        const { undecided, results } = interpretWithBounds(inFloat32(program), single);
        const right = interpret(program, double);
        if (undecided) return;
        results.forEach(({ data, bound }, i) => {
          const exact = right[i];
          data.forEach((x, k) => {
            const y = exact?.kind === 'dense' ? (exact.data[k] ?? Number.NaN) : Number.NaN;
            if (!Number.isFinite(x)) return;
            const error = Math.abs(x - y);
            expect(error).toBeLessThanOrEqual(bound[k] ?? 0);
            if (error > 0) slack.push((bound[k] ?? 0) / error);
          });
        });
      }),
      { numRuns: 200, seed: 20261123 },
    );
    slack.sort((a, b) => a - b);
    expect(slack.length).toBeGreaterThan(500);
    expect(slack[Math.floor(slack.length / 2)]).toBeLessThan(200);
  });
});

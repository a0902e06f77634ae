import { describe, expect, it } from 'vitest';
import { type Primitive, primitiveOf } from '../../src/primitives/define.ts';
import * as primitives from '../../src/primitives/index.ts';
import {
  add,
  broadcast,
  concatenate,
  cos,
  dot,
  exp,
  mul,
  reduceSum,
  reshape,
  scatterAdd,
  sin,
  slice,
  sliceAdd,
  sub,
  take,
  transpose,
} from '../../src/primitives/index.ts';
import type { Program } from '../../src/program/program.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { tensorType, type ValueType } from '../../src/tensor/type.ts';
import { bind, trace } from '../../src/trace/trace.ts';
import { expectAgreement, sampleOf } from './agree.ts';

const f64 = (...shape: number[]): ValueType => tensorType('float64', shape);

function record(
  types: readonly ValueType[],
  body: (...xs: Tensor[]) => readonly Tensor[],
): Program {
  return trace(types, body, { name: 'test' }).program;
}

function only<T>(values: readonly T[]): T {
  const [value] = values;
  if (value === undefined) throw new Error('nothing');
  return value;
}

describe('lowering one equation', () => {
  const all: Primitive[] = Object.values(primitives).map(primitiveOf);
  for (const primitive of all) {
    for (const sample of primitive.samples ?? []) {
      it(`computes ${primitive.name} of ${sample.title}`, () => {
        const dtype = (kind: string | undefined) =>
          kind === 'int32' || kind === 'bool' ? kind : 'float64';
        const types = sample.operands.map((o) => tensorType(dtype(o.dtype), o.shape));
        const program = record(types, (...xs) => bind(primitive, xs, sample.params));
        const inputs = sample.operands.map(({ values, from, to }, i) => {
          const data = sampleOf(types[i] ?? f64(), i + 1);
          return data.map((x, k) => {
            if (values) return values[k % values.length] ?? x;
            return from !== undefined && to !== undefined && types[i]?.dtype === 'float64'
              ? from + ((x + 2) / 4) * (to - from)
              : x;
          });
        });
        expectAgreement(program, inputs);
      });
    }
  }
});

describe('fusion', () => {
  it('makes one kernel of an elementwise chain of any length up to the limit', () => {
    const program = record([f64(40)], (x) => {
      let y = x;
      for (let i = 0; i < 50; i++) y = add(sin(y), x);
      return [y];
    });
    const { module } = expectAgreement(program);
    expect(module.kernels.length).toBe(1);
  });

  it('stores several results from one kernel, whoever reads them', () => {
    const program = record([f64(40), f64(40)], (x, y) => {
      const a = mul(x, y);
      const b = add(a, x);
      return [a, b, sin(b), cos(y)];
    });
    const { module } = expectAgreement(program);
    expect(module.kernels.length).toBe(1);
  });

  it('reads through broadcasts, slices, transposes and reshapes without storing them', () => {
    const program = record([f64(12), f64(3, 5)], (x, y) => {
      const part = slice(x, { start: [2], extents: [5], step: [2] });
      const rows = broadcast(part, { shape: [3, 5], axes: [1] });
      const turned = transpose(mul(rows, y), { perm: [1, 0] });
      return [reshape(turned, { shape: [15] })];
    });
    const { module } = expectAgreement(program);
    expect(module.kernels.length).toBe(1);
    expect(module.workspaceBytes).toBe(0);
  });

  it('fuses producers into a reduction and readers behind it', () => {
    const program = record([f64(20, 30), f64(20)], (x, y) => {
      const sums = reduceSum(exp(mul(x, x)), { axes: [1] });
      return [sin(add(sums, y)), sums];
    });
    const { module } = expectAgreement(program);
    expect(module.kernels.length).toBe(1);
    expect(module.workspaceBytes).toBe(0);
  });

  it('does not repeat a function for each column of a product', () => {
    const program = record([f64(1, 20, 30), f64(1, 30, 25)], (x, y) => [dot(exp(x), y)]);
    const { module } = expectAgreement(program);
    expect(module.kernels.length).toBe(2);
  });

  it('makes straight-line code of small vectors and matrices', () => {
    const program = record([f64(3), f64(3, 3)], (x, a) => {
      const at = (i: number): Tensor => slice(x, { start: [i], extents: [1], step: [1] });
      const turned = concatenate([mul(at(1), at(2)), sub(at(0), at(2)), at(0)], { axis: 0 });
      const column = reshape(turned, { shape: [1, 3, 1] });
      const y = reshape(dot(reshape(a, { shape: [1, 3, 3] }), column), { shape: [3] });
      const total = reduceSum(y, { axes: [0] });
      const moved = sliceAdd(y, reshape(total, { shape: [1] }), {
        start: [1],
        extents: [1],
        step: [1],
      });
      return [sin(moved), total];
    });
    const { module } = expectAgreement(program);
    expect(module.kernels.length).toBe(1);
    expect(module.workspaceBytes).toBe(0);
  });

  it('keeps values that other kernels read at other positions', () => {
    const program = record([f64(40)], (x) => {
      const y = sin(x);
      const shifted = concatenate(
        [
          slice(y, { start: [39], extents: [1], step: [1] }),
          slice(y, { start: [0], extents: [39], step: [1] }),
        ],
        { axis: 0 },
      );
      return [sub(mul(y, shifted), y)];
    });
    expectAgreement(program);
  });

  it('updates in place what nothing else reads, and a copy otherwise', () => {
    const update = { start: [3], extents: [10], step: [2] };
    const dead = record([f64(40), f64(10)], (x, y) => [sliceAdd(sin(x), y, update)]);
    expect(expectAgreement(dead).statistics.copies).toBe(0);
    const alive = record([f64(40), f64(10)], (x, y) => {
      const base = sin(x);
      return [sliceAdd(base, y, update), base];
    });
    expect(expectAgreement(alive).statistics.copies).toBe(1);
    const input = record([f64(40), f64(10)], (x, y) => [sliceAdd(x, y, update)]);
    expect(expectAgreement(input).statistics.copies).toBe(1);
  });

  it('joins any number of tensors', () => {
    const program = record([f64(200)], (x) => {
      const parts = Array.from({ length: 200 }, (_, i) =>
        slice(x, { start: [(7 * i) % 200], extents: [1], step: [1] }),
      );
      return [
        concatenate(
          parts.map((part) => sin(part)),
          { axis: 0 },
        ),
      ];
    });
    const { module } = expectAgreement(program);
    for (const { params } of module.kernels) expect(params.length).toBeLessThan(1000);
  });

  it('takes the operand as the result of an update of no elements', () => {
    const types = [f64(20), tensorType('int32', [0]), f64(0)];
    const program = record(types, (x, index, y) => [scatterAdd(x, index, y, { batch: 0 })]);
    expectAgreement(program);
  });

  it('gathers and scatters at positions that data decides', () => {
    const types = [f64(20, 3), tensorType('int32', [12]), f64(12, 3)];
    const program = record(types, (x, index, y) => {
      const rows = take(x, index, { batch: 0 });
      return [scatterAdd(x, index, mul(rows, y), { batch: 0 }), rows];
    });
    const index = Int32Array.from({ length: 12 }, (_, i) => (i * 7) % 20);
    const [x, y] = [sampleOf(only([f64(20, 3)])), sampleOf(only([f64(12, 3)]), 2)];
    expectAgreement(program, [x, index, y]);
  });

  it('returns inputs, constants and one value twice', () => {
    const program = record([f64(12)], (x) => {
      const y = sin(x);
      const one = broadcast(reduceSum(x, { axes: [0] }), { shape: [11], axes: [] });
      return [x, y, y, one];
    });
    expectAgreement(program);
  });
});

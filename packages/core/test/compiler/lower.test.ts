import { describe, expect, it } from 'vitest';
import { lowerProgram } from '../../src/compiler/compile.ts';
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
import { literalOf, trace } from '../../src/trace/trace.ts';
import { casesOf, programOf } from '../laws/cases.ts';
import { evaluateProgram, expectAgreement, expectClose, sampleOf } from './agree.ts';
import { interpretModule } from './interpret-kernels.ts';

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
    for (const sample of casesOf(primitive, 'float64')) {
      it(`computes ${sample.title}`, () => {
        const program = programOf(sample, sample.operands);
        const inputs = sample.operands.map((x) => x.dataSync());
        const { outputs } = interpretModule(lowerProgram(program), inputs);
        expectClose(outputs, evaluateProgram(program, inputs));
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

  it('counts what a chain reads at each of its steps once', () => {
    // A polynomial by Horner's rule, and its tangent.
    const program = record([f64(500), f64(500)], (x, dx) => {
      let [y, dy] = [x, dx];
      for (let i = 0; i < 25; i++) [y, dy] = [add(mul(y, x), x), add(mul(dy, x), mul(y, dx))];
      return [dy];
    });
    expect(expectAgreement(program).module.kernels.length).toBe(1);
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

  it('fuses what a reduction reads more than once at the same element', () => {
    const program = record([f64(20, 30), f64(30)], (x, y) => {
      const d = sub(x, broadcast(y, { shape: [20, 30], axes: [1] }));
      return [reduceSum(mul(exp(mul(d, d)), d), { axes: [1] })];
    });
    const { module } = expectAgreement(program);
    expect(module.kernels.length).toBe(1);
    expect(module.workspaceBytes).toBe(0);
  });

  it('computes once what two reductions read, or one at two places', () => {
    const twoReductions = record([f64(20, 30)], (x) => {
      const y = sin(exp(x));
      return [reduceSum(y, { axes: [0] }), reduceSum(mul(y, y), { axes: [1] })];
    });
    expect(expectAgreement(twoReductions).module.kernels.length).toBe(3);
    const twoPlaces = record([f64(20, 20)], (x) => {
      const y = sin(exp(x));
      return [reduceSum(mul(y, transpose(y, { perm: [1, 0] })), { axes: [1] })];
    });
    expect(expectAgreement(twoPlaces).module.kernels.length).toBe(2);
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

  const rolled = (x: Tensor, axis: number, by: number): Tensor => {
    const extent = x.shape[axis] ?? 0;
    const step = x.shape.map(() => 1);
    const part = (from: number, to: number): Tensor => {
      const start = x.shape.map((_, i) => (i === axis ? from : 0));
      return slice(x, {
        start,
        extents: x.shape.map((n, i) => (i === axis ? to - from : n)),
        step,
      });
    };
    const at = (extent - by) % extent;
    return concatenate([part(at, extent), part(0, at)], { axis });
  };

  it('makes one kernel of a periodic stencil, on one axis and on two', () => {
    for (const shape of [[40], [12, 20]]) {
      const program = record([f64(...shape)], (x) => {
        let sum = x;
        shape.forEach((extent, axis) => {
          sum = add(sum, sub(rolled(x, axis, 1), mul(rolled(x, axis, extent - 1), x)));
          sum = sub(sum, rolled(x, axis, 2));
        });
        return [sum];
      });
      const { module } = expectAgreement(program);
      expect(module.kernels.length).toBe(1);
      expect(module.workspaceBytes).toBe(0);
    }
  });

  it('adds to parts of a new array in one kernel', () => {
    const program = record([f64(30), f64(40)], (part, x) => {
      const zero = literalOf(0, tensorType('float64', []));
      const zeros = broadcast(zero, { shape: [40], axes: [] });
      const once = sliceAdd(zeros, part, { start: [0], extents: [30], step: [1] });
      const twice = sliceAdd(once, part, { start: [10], extents: [30], step: [1] });
      return [mul(twice, x)];
    });
    const { module } = expectAgreement(program);
    expect(module.kernels.length).toBe(1);
  });

  it('stores a concatenation where no loop can be cut between its parts', () => {
    const program = record([f64(4, 5), f64(4, 3)], (x, y) => {
      const joined = concatenate([x, y], { axis: 1 });
      const flat = sin(reshape(joined, { shape: [32] }));
      const sums = reduceSum(mul(joined, joined), { axes: [1] });
      return [flat, sums];
    });
    expectAgreement(program);
  });

  it('stores what consists of more parts than a kernel has room for', () => {
    const program = record([f64(200)], (x) => {
      let sum = x;
      for (let by = 1; by < 160; by += 2) sum = add(sum, rolled(x, 0, by));
      return [sum];
    });
    const { module } = expectAgreement(program);
    expect(module.kernels.length).toBeGreaterThan(1);
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

import { describe, expect, it } from 'vitest';
import { scanParams, whileParams } from '../../src/compiler/loop-equations.ts';
import { simplify } from '../../src/compiler/simplify.ts';
import { scanOperation } from '../../src/flow/scan-operation.ts';
import { whileOperation } from '../../src/flow/while-operation.ts';
import {
  add,
  broadcast,
  concatenate,
  lt,
  mul,
  reduceSum,
  slice,
  sub,
  take,
  tanh,
} from '../../src/primitives/index.ts';
import type { Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { tensorType, type ValueType } from '../../src/tensor/type.ts';
import { bind, literalOf, trace } from '../../src/trace/trace.ts';
import { evaluateProgram, expectAgreement, expectExact, sampleOf } from './agree.ts';

const f64 = (...shape: number[]): ValueType => tensorType('float64', shape);

function record(
  types: readonly ValueType[],
  body: (...xs: Tensor[]) => readonly Tensor[],
): Program {
  return trace(types, body, { name: 'test' }).program;
}

function scan(
  body: Program,
  carry: number,
  operands: readonly (Tensor | undefined)[],
  options: { consts?: number; length?: number | null; reverse?: boolean } = {},
): Tensor[] {
  const given = operands.filter((x) => x !== undefined);
  return bind(scanOperation, given, {
    consts: 0,
    length: 5,
    reverse: false,
    ...options,
    body,
    carry,
  });
}

function shifted(x: Tensor): Tensor {
  const parts = [
    slice(x, { start: [11], extents: [1], step: [1] }),
    slice(x, { start: [0], extents: [11], step: [1] }),
  ];
  return concatenate(parts, { axis: 0 });
}

/** Numbers of arrays that the loops of a Program collect. */
function collections(program: Program): number[] {
  return program.equations.flatMap((equation) => {
    const params = scanParams(equation) ?? whileParams(equation);
    return params ? [params.body.outputs.length - params.carry] : [];
  });
}

/** Simplifies, and asserts the same bits, and the same values as compiled code. */
function thinned(program: Program): Program {
  const inputs = program.inputs.map(({ type }, i) => sampleOf(type, i + 1));
  const result = simplify(program, { check: verify });
  expectExact(evaluateProgram(result, inputs), evaluateProgram(program, inputs));
  expectAgreement(program);
  return result;
}

const back = record([f64(12), f64(12), f64(12)], (ct, a, b) => [add(mul(ct, a), b)]);

describe('residuals of loops', () => {
  it('that follow from one value by cheap arithmetic are replaced by it', () => {
    const forward = record([f64(12)], (x) => {
      const state = tanh(x);
      return [mul(state, shifted(x)), sub(state, shifted(state)), shifted(state)];
    });
    const program = thinned(
      record([f64(12), f64(12)], (x, ct) => {
        const [, a, b] = scan(forward, 1, [x]);
        return scan(back, 1, [ct, a, b], { reverse: true });
      }),
    );
    expect(collections(program)).toEqual([1, 0]);
  });

  it('may also depend on constants and on xs, which are not collected', () => {
    const forward = record([f64(), f64(12), f64(12)], (c, x, z) => {
      const scale = broadcast(c, { shape: [12], axes: [] });
      return [tanh(add(x, z)), mul(z, scale), shifted(sub(scale, z))];
    });
    const program = thinned(
      record([f64(), f64(12), f64(5, 12), f64(12)], (c, x, zs, ct) => {
        const [last, a, b] = scan(forward, 1, [c, x, zs], { consts: 1 });
        return [...(last ? [last] : []), ...scan(back, 1, [ct, a, b], { reverse: true })];
      }),
    );
    expect(collections(program)).toEqual([0, 0]);
  });

  it('that were gathered from a smaller array are gathered again', () => {
    const index = tensorType('int32', [30]);
    const forward = record([index, f64(12)], (at, x) => {
      const rows = take(tanh(x), at, { batch: 0 });
      return [add(x, broadcast(reduceSum(rows, { axes: [0] }), { shape: [12], axes: [] })), rows];
    });
    const sum = record([f64(), f64(30)], (total, rows) => [
      add(total, reduceSum(mul(rows, rows), { axes: [0] })),
    ]);
    const program = record([index, f64(12), f64()], (at, x, total) => {
      const [, rows, other] = scan(forward, 1, [at, x], { consts: 1 });
      return other ? [] : scan(sum, 1, [total, rows], { reverse: true });
    });
    const simpler = simplify(program, { check: verify });
    const [collecting] = simpler.equations;
    expect(collecting?.outputs.map(({ type }) => type)).toMatchObject([{}, { shape: [5, 12] }]);
    const at = Int32Array.from({ length: 30 }, (_, i) => (5 * i) % 12);
    expectAgreement(program, [at, sampleOf(f64(12)), Float64Array.of(0)]);
  });

  it('stay when they are returned as well', () => {
    const forward = record([f64(12)], (x) => {
      const state = tanh(x);
      return [state, sub(state, shifted(state)), shifted(state)];
    });
    const program = thinned(
      record([f64(12), f64(12)], (x, ct) => {
        const [, a, b] = scan(forward, 1, [x]);
        const results = scan(back, 1, [ct, a, b], { reverse: true });
        return a && b ? [...results, a, b] : results;
      }),
    );
    expect(collections(program)).toEqual([2, 0]);
  });

  it('stay when their source is larger than they are', () => {
    const forward = record([f64(400)], (x) => {
      const state = tanh(x);
      return [
        state,
        slice(state, { start: [3], extents: [12], step: [1] }),
        slice(state, { start: [40], extents: [12], step: [2] }),
      ];
    });
    const program = thinned(
      record([f64(400), f64(12)], (x, ct) => {
        const [, a, b] = scan(forward, 1, [x]);
        return scan(back, 1, [ct, a, b], { reverse: true });
      }),
    );
    expect(collections(program)).toEqual([2, 0]);
  });

  it('of loops of unknown length are replaced on their stacks', () => {
    const cond = record([f64(12)], (x) => [
      lt(reduceSum(mul(x, x), { axes: [0] }), literalOf(400, tensorType('float64', []))),
    ]);
    const forward = record([f64(12)], (x) => {
      const state = add(x, tanh(x));
      return [state, sub(state, shifted(state)), shifted(state)];
    });
    const program = thinned(
      record([f64(12), f64(12)], (x, ct) => {
        const [, steps, a, b] = bind(whileOperation, [x], {
          cond,
          body: forward,
          condConsts: 0,
          bodyConsts: 0,
          carry: 1,
          maxSteps: null,
        });
        return scan(back, 1, [steps, ct, a, b], { length: null, reverse: true });
      }),
    );
    expect(collections(program)).toEqual([1, 0]);
  });

  it('inside an outer loop are replaced there', () => {
    const forward = record([f64(12)], (x) => {
      const state = tanh(x);
      return [state, sub(state, shifted(state)), shifted(state)];
    });
    const outer = record([f64(12)], (x) => {
      const [last, a, b] = scan(forward, 1, [x]);
      return scan(back, 1, [last, a, b], { reverse: true });
    });
    const program = thinned(record([f64(12)], (x) => scan(outer, 1, [x], { length: 3 })));
    const [loop] = program.equations;
    const params = loop && scanParams(loop);
    expect(params && collections(params.body)).toEqual([1, 0]);
  });
});

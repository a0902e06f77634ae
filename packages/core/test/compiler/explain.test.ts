import { describe, expect, it } from 'vitest';
import { tileRemark } from '../../src/backends/wasm/emit/tile-remark.ts';
import { lowerProgram } from '../../src/compiler/compile.ts';
import { explainModule } from '../../src/compiler/explain.ts';
import { scanOperation } from '../../src/flow/scan-operation.ts';
import {
  add,
  dot,
  mul,
  reduceSum,
  reshape,
  sin,
  take,
  transpose,
} from '../../src/primitives/index.ts';
import type { Program } from '../../src/program/program.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { tensorType, type ValueType } from '../../src/tensor/type.ts';
import { bind, trace } from '../../src/trace/trace.ts';

const f64 = (...shape: number[]): ValueType => tensorType('float64', shape);

function record(
  types: readonly ValueType[],
  body: (...xs: Tensor[]) => readonly Tensor[],
): Program {
  return trace(types, body, { name: 'test' }).program;
}

describe('explainModule', () => {
  it('shows kernels, their loops and arrays, the loops around them and their memory', () => {
    const body = record([f64(50), f64(50)], (carry, x) => {
      const next = sin(mul(carry, x));
      return [next, reduceSum(next, { axes: [0] })];
    });
    const params = { body, consts: 0, carry: 1, length: 7, reverse: true };
    const program = record([f64(50), f64(7, 50)], (x, xs) =>
      bind(scanOperation, [add(x, x), xs], params),
    );
    expect(explainModule(lowerProgram(program))).toBe(
      [
        '3 kernels, 3.1 KiB in, 456 B out, 800 B of workspace',
        'k0 add(in0: f64[50], out0: f64[50]):',
        '  for i0 < 50:',
        '    out0[i0] = (in0[i0] + in0[i0])',
        'k1 sin(in0: f64[50], in1: f64[50], out0: f64[50]):',
        '  for i0 < 50:',
        '    out0[i0] = sin((in0[i0] * in1[i0]))',
        'k2 sum(in0: f64[50], out0: f64[1]):',
        '  t0 = add of in0[r1_0] over r1_0 < 50',
        '  out0[0] = t0',
        'main:',
        '  k0 add(input0, carry0)',
        '  in order for t < 7:',
        '    k1 sin(carry0, input1 - 50*t + 300, next1)',
        '    k2 sum(next1, output1 - t + 6)',
        '    swap carry0, next1',
        '  copy output0 = carry0, 400 B',
      ].join('\n'),
    );
  });

  it('shows what the backend says of a loop, once', () => {
    const program = record([f64(9, 300), f64(300, 12)], (x, y) => [
      dot(reshape(x, { shape: [1, 9, 300] }), reshape(y, { shape: [1, 300, 12] })),
    ]);
    expect(explainModule(lowerProgram(program), tileRemark)).toContain(
      [
        '  in tiles of 5 x 4, terms in 2 blocks of up to 150:',
        '    for i0_0 < 9:',
        '      for i0_1 < 12:',
        '        t0 = add of (in0[300*i0_0 + r1_0] * in1[12*r1_0 + i0_1]) over r1_0 < 300',
      ].join('\n'),
    );
  });

  it('shows no division where a position is taken apart and put together again', () => {
    const index = tensorType('int32', [8]);
    const program = record([f64(3, 5, 7), index], (x, at) => [
      take(reshape(transpose(x, { perm: [1, 2, 0] }), { shape: [35, 3] }), at, { batch: 0 }),
    ]);
    const text = explainModule(lowerProgram(program));
    expect(text).toContain('in1[35*i1 + checked(in0[i0] < 35)]');
    expect(text).not.toMatch(/rem|\//);
  });
});

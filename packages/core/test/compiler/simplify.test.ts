import { describe, expect, it } from 'vitest';
import { scanParams, whileParams } from '../../src/compiler/loop-equations.ts';
import { simplify } from '../../src/compiler/simplify.ts';
import { scanOperation } from '../../src/flow/scan-operation.ts';
import { whileOperation } from '../../src/flow/while-operation.ts';
import * as p from '../../src/primitives/index.ts';
import { countEquations, type Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import type { DType } from '../../src/tensor/dtype.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { tensorType, type ValueType } from '../../src/tensor/type.ts';
import { bind, literalOf, trace } from '../../src/trace/trace.ts';
import { evaluateProgram, expectExact, sampleOf } from './agree.ts';

const f64 = (...shape: number[]): ValueType => tensorType('float64', shape);
const specials = [0, -0, 1, -1, 1.5, -2e300, 5e-324, Infinity, -Infinity, Number.NaN];

function record(
  types: readonly ValueType[],
  body: (...xs: Tensor[]) => readonly Tensor[],
): Program {
  return trace(types, body, { name: 'test' }).program;
}

function constant(value: number, shape: readonly number[], dtype: DType = 'float64'): Tensor {
  const scalar = literalOf(value, tensorType(dtype, []));
  return shape.length === 0 ? scalar : p.broadcast(scalar, { shape, axes: [] });
}

/** Simplifies, and asserts the same bits for special values of every input. */
function simplified(program: Program): Program {
  const result = simplify(program, { check: verify });
  const inputs = program.inputs.map(({ type }, i) => {
    const data = sampleOf(type, i + 1);
    if (type.kind === 'tensor' && type.dtype !== 'float64') return data;
    return data.map((_, k) => specials[(k + 3 * i) % specials.length] ?? 0);
  });
  expectExact(evaluateProgram(result, inputs), evaluateProgram(program, inputs));
  return result;
}

const n = [100];
type Unary = (x: Tensor) => Tensor;

describe('algebra', () => {
  const removed: { readonly [title: string]: Unary } = {
    'x * 1': (x) => p.mul(x, constant(1, n)),
    '1 * x': (x) => p.mul(constant(1, n), x),
    'x + -0': (x) => p.add(x, constant(-0, n)),
    '-0 + x': (x) => p.add(constant(-0, n), x),
    'x - 0': (x) => p.sub(x, constant(0, n)),
    'x / 1': (x) => p.div(x, constant(1, n)),
    '-(-x)': (x) => p.neg(p.neg(x)),
    'select(true, x, 2 x)': (x) => p.select(constant(1, n, 'bool'), x, p.add(x, x)),
    'select(false, 2 x, x)': (x) => p.select(constant(0, n, 'bool'), p.add(x, x), x),
    'a cast to its own dtype': (x) => p.cast(x, { dtype: 'float64' }),
    'a transpose and its inverse': (x) => {
      const cube = p.reshape(x, { shape: [2, 5, 10] });
      const there = p.transpose(cube, { perm: [1, 2, 0] });
      const back = p.transpose(there, { perm: [2, 0, 1] });
      return p.reshape(back, { shape: n });
    },
    'a slice of all': (x) => p.slice(x, { start: [0], extents: n, step: [1] }),
    'a concatenation of one': (x) => p.concatenate([x], { axis: 0 }),
    'a broadcast to its own shape': (x) => p.broadcast(x, { shape: n, axes: [0] }),
  };
  for (const [title, rule] of Object.entries(removed)) {
    it(`makes x of ${title}`, () => {
      const program = simplified(record([f64(...n)], (x) => [rule(x)]));
      expect(countEquations(program)).toBe(0);
    });
  }

  const kept: { readonly [title: string]: Unary } = {
    'x + 0, since -0 + 0 is 0': (x) => p.add(x, constant(0, n)),
    'x - -0': (x) => p.sub(x, constant(-0, n)),
    'x * 0, which may be NaN': (x) => p.mul(x, constant(0, n)),
    '0 - x, since 0 - 0 is 0': (x) => p.sub(constant(0, n), x),
    'x - x, which may be NaN': (x) => p.sub(x, x),
    'the tangent in 1 * tangent, whose -0 becomes 0': (x) => p.tangentMul(constant(1, n), x),
  };
  for (const [title, expression] of Object.entries(kept)) {
    it(`keeps ${title}`, () => {
      const program = simplified(record([f64(...n)], (x) => [expression(x)]));
      expect(countEquations(program)).toBeGreaterThan(0);
    });
  }

  it('drops integer additions of 0', () => {
    const int = tensorType('int32', n);
    const program = simplified(record([int], (x) => [p.add(constant(0, n, 'int32'), x)]));
    expect(countEquations(program)).toBe(0);
  });

  it('makes a negation of x * -1 and keeps the signs of zeros', () => {
    const program = simplified(record([f64(...n)], (x) => [p.mul(x, constant(-1, n))]));
    expect(program.equations.map(({ operation }) => operation.name)).toEqual(['neg']);
  });

  it('computes with constants, rounding to their dtype', () => {
    const third = simplify(
      record([], () => [p.div(constant(1, [], 'float32'), constant(3, [], 'float32'))]),
    );
    expect(third.equations).toEqual([]);
    expect(third.outputs).toMatchObject([{ value: Math.fround(1 / 3) }]);
  });

  it('turns the seed of a derivative into the coefficient', () => {
    const program = simplified(record([f64(...n)], (x) => [p.tangentMul(x, constant(1, n))]));
    expect(countEquations(program)).toBe(0);
    const zero = simplified(record([f64(...n)], (x) => [p.tangentMul(x, constant(0, n))]));
    expect(zero.equations.map(({ operation }) => operation.name)).toEqual(['broadcast']);
  });
});

describe('equal equations', () => {
  it('are computed once', () => {
    const program = simplified(
      record([f64(...n)], (x) => [
        p.add(p.mul(x, x), constant(2, n)),
        p.add(p.mul(x, x), constant(2, n)),
      ]),
    );
    expect(countEquations(program)).toBe(3);
    expect(program.outputs[0]).toBe(program.outputs[1]);
  });

  it('are told apart by parameters, operands and the sign of a zero', () => {
    const program = simplified(
      record([f64(4, 25)], (x) => [
        p.reduceMax(x, { axes: [0] }),
        p.reduceMax(x, { axes: [1] }),
        p.mul(x, constant(0, [4, 25])),
        p.mul(x, constant(-0, [4, 25])),
      ]),
    );
    expect(new Set(program.outputs).size).toBe(4);
  });
});

function scan(body: Program, consts: number, carry: number, operands: Tensor[]): Tensor[] {
  const params = { body, consts, carry, length: 4, reverse: false };
  return bind(scanOperation, operands, params);
}

function onlyBody(program: Program): Program {
  for (const equation of program.equations) {
    const body = scanParams(equation)?.body ?? whileParams(equation)?.body;
    if (body) return body;
  }
  throw new Error('there is no loop');
}

const names = ({ equations }: Program): string[] =>
  equations.map(({ operation }) => operation.name);

describe('loops', () => {
  it('lose carries, xs, constants and results that nothing needs', () => {
    const body = record([f64(3), f64(3), f64(3), f64(3), f64(3)], (c, d, used, unused, x) => [
      p.add(used, c),
      p.add(unused, d),
      p.mul(used, x),
      p.tanh(used),
    ]);
    const program = simplified(
      record([f64(3), f64(3), f64(3), f64(3), f64(4, 3)], (...xs) =>
        scan(body, 2, 2, xs).slice(0, 1),
      ),
    );
    expect(names(onlyBody(program))).toEqual(['add']);
    expect(program.equations[0]?.inputs.length).toBe(2);
    expect(program.equations[0]?.outputs.length).toBe(1);
  });

  it('keep a carry that only another carry needs', () => {
    const body = record([f64(3), f64(3)], (a, b) => [p.add(a, b), p.tanh(b)]);
    const program = simplified(
      record([f64(3), f64(3)], (a, b) => scan(body, 0, 2, [a, b]).slice(0, 1)),
    );
    expect(onlyBody(program).outputs.length).toBe(2);
  });

  it('vanish when nothing needs them', () => {
    const body = record([f64(3)], (a) => [p.tanh(a)]);
    const program = record([f64(3)], (a) => [p.add(a, scan(body, 0, 1, [a])[0] ? a : a)]);
    expect(names(simplified(program))).toEqual(['add']);
  });

  it('compute what depends on constants alone before they start', () => {
    const body = record([f64(3), f64(3)], (c, carry) => [p.mul(carry, p.tanh(c))]);
    const program = simplified(record([f64(3), f64(3)], (c, x) => scan(body, 1, 1, [c, x])));
    expect(names(program)).toEqual(['tanh', 'scan']);
    expect(names(onlyBody(program))).toEqual(['mul']);
  });

  it('take literals and repeated values into the body', () => {
    const body = record([f64(3), f64(3), f64(3)], (c, carry, x) => [p.mul(p.mul(carry, c), x)]);
    const program = simplified(
      record([f64(3)], (x) => scan(body, 1, 1, [constant(1, [3]), x, constant(2, [4, 3])])),
    );
    expect(names(program)).toEqual(['scan']);
    expect(program.equations[0]?.inputs.length).toBe(1);
    expect(names(onlyBody(program))).toEqual(['broadcast', 'mul']);
  });

  it('give what is the same in each step, or an operand, without collecting it', () => {
    const body = record([f64(3), f64(3), f64(3)], (c, carry, x) => [
      p.mul(carry, x),
      p.tanh(c),
      x,
      carry,
    ]);
    const program = simplified(
      record([f64(3), f64(3), f64(4, 3)], (...xs) => scan(body, 1, 1, xs)),
    );
    expect(names(program)).toEqual(['tanh', 'broadcast', 'scan']);
    expect(onlyBody(program).outputs.length).toBe(2);
  });

  it('treat a carry that never changes as a constant', () => {
    const body = record([f64(3), f64(3)], (kept, x) => [kept, p.mul(x, p.tanh(kept))]);
    const program = simplified(record([f64(3), f64(3)], (a, b) => scan(body, 0, 2, [a, b])));
    expect(names(program)).toEqual(['tanh', 'scan']);
    expect(program.outputs[0]).toBe(program.inputs[0]);
  });

  it('keep in a while what could fail before its first step', () => {
    const index = tensorType('int32', [2]);
    const cond = record([f64(2)], (x) => [p.lt(p.reduceSum(x, { axes: [0] }), constant(2, []))]);
    const body = record([f64(3), index, f64(2)], (table, at, x) => [
      p.add(p.add(x, p.take(table, at, { batch: 0 })), p.tanh(constant(2, [2]))),
    ]);
    const program = simplify(
      record([f64(3), index, f64(2)], (...operands) =>
        bind(whileOperation, operands, {
          cond,
          body,
          condConsts: 0,
          bodyConsts: 2,
          carry: 1,
          maxSteps: null,
        }),
      ),
      { check: verify },
    );
    expect(names(program)).toEqual(['broadcast', 'tanh', 'whileLoop']);
    expect(names(onlyBody(program))).toContain('take');
  });
});

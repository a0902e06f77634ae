import { describe, expect, it } from 'vitest';
import { compileModule } from '../../src/backends/wasm/compile.ts';
import { instantiateModule } from '../../src/backends/wasm/instantiate.ts';
import { statusKinds } from '../../src/backends/wasm/layout.ts';
import { RealmMemory } from '../../src/backends/wasm/memory.ts';
import { lowerProgram } from '../../src/compiler/compile.ts';
import { scanOperation } from '../../src/flow/scan-operation.ts';
import { whileOperation } from '../../src/flow/while-operation.ts';
import {
  add,
  broadcast,
  cast,
  lt,
  mul,
  reduceSum,
  reshape,
  sin,
  sliceAdd,
  take,
} from '../../src/primitives/index.ts';
import type { ScanParams, WhileParams } from '../../src/program/loops.ts';
import type { Program } from '../../src/program/program.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { stackType, tensorType, type ValueType } from '../../src/tensor/type.ts';
import { bind, evaluateProgram, literalOf, trace } from '../../src/trace/trace.ts';
import { expectAgreement } from './agree.ts';
import { interpretModule } from './interpret-kernels.ts';

const f64 = (...shape: number[]): ValueType => tensorType('float64', shape);
const int = tensorType('int32', []);

function record(
  types: readonly ValueType[],
  body: (...xs: Tensor[]) => readonly Tensor[],
): Program {
  return trace(types, body, { name: 'test' }).program;
}

function scan(
  params: Partial<ScanParams> & { body: Program; carry: number },
  ...operands: Tensor[]
): Tensor[] {
  return bind(scanOperation, operands, { consts: 0, length: 5, reverse: false, ...params });
}

function whileLoop(
  params: Partial<WhileParams> & { cond: Program; body: Program; carry: number },
  ...operands: Tensor[]
): Tensor[] {
  return bind(whileOperation, operands, {
    condConsts: 0,
    bodyConsts: 0,
    maxSteps: null,
    ...params,
  });
}

function int0(): Tensor {
  return literalOf(0, int);
}

function only(values: readonly (Tensor | undefined)[], i = 0): Tensor {
  const value = values[i];
  if (value === undefined) throw new Error('nothing');
  return value;
}

/** Counts statements of a kind anywhere in a module. */
function count(program: Program, kind: string): number {
  return (
    JSON.stringify(lowerProgram(program).main, (key, value: unknown) =>
      key === 'kernel' ? undefined : value,
    ).split(`"do":"${kind}"`).length - 1
  );
}

describe('scan', () => {
  const body = record([f64(12), f64(12), f64(12)], (c, h, x) => {
    const next = sin(add(mul(c, h), x));
    return [next, mul(next, x)];
  });

  for (const reverse of [false, true]) {
    it(`carries and collects ${reverse ? 'from the last element' : 'from the first element'}`, () => {
      const program = record([f64(12), f64(12), f64(5, 12)], (c, h, xs) =>
        scan({ body, consts: 1, carry: 1, reverse }, c, h, xs),
      );
      const { statistics, module } = expectAgreement(program);
      expect(module.kernels.length).toBe(1);
      expect(statistics.calls).toBe(5);
      expect(statistics.copies).toBe(2); // the initial carry in, the final one out
    });
  }

  it('writes the initial carry where the loop starts, without a copy', () => {
    const program = record([f64(12), f64(12), f64(5, 12)], (c, h, xs) => {
      const results = scan({ body, consts: 1, carry: 1 }, c, sin(h), xs);
      return [mul(only(results), h), only(results, 1)];
    });
    expect(expectAgreement(program).statistics.copies).toBe(0);
  });

  it('runs no step and gives the initial carry when the length is 0', () => {
    const program = record([f64(12), f64(12), f64(0, 12)], (c, h, xs) =>
      scan({ body, consts: 1, carry: 1, length: 0 }, c, h, xs),
    );
    expectAgreement(program);
  });

  it('exchanges, keeps, repeats and replaces entries of the carry', () => {
    const shuffle = record([f64(), f64(), f64(3), f64(12)], (a, b, kept, d) => {
      const one = literalOf(1, tensorType('float64', []));
      return [
        b,
        add(a, b),
        kept,
        broadcast(add(a, one), { shape: [12], axes: [] }),
        a,
        d,
        one,
        b,
        b,
      ];
    });
    const program = record([f64(), f64(), f64(3), f64(12)], (...carry) =>
      scan({ body: shuffle, carry: 4 }, ...carry),
    );
    expectAgreement(program);
  });

  it('updates a carry in place when nothing reads the old one afterwards', () => {
    const slot = { start: [2], extents: [4], step: [3] };
    const update = record([f64(40), f64(4)], (c, x) => [sliceAdd(sliceAdd(c, x, slot), x, slot)]);
    const program = record([f64(40), f64(5, 4)], (c, xs) =>
      scan({ body: update, carry: 1 }, c, xs),
    );
    expect(expectAgreement(program).statistics.copies).toBe(1);
    expect(count(program, 'swap')).toBe(0);
  });

  it('copies a carry that is updated but still needed', () => {
    const slot = { start: [2], extents: [4], step: [3] };
    const update = record([f64(40), f64(4)], (c, x) => [sliceAdd(c, x, slot), c]);
    const program = record([f64(40), f64(5, 4)], (c, xs) =>
      scan({ body: update, carry: 1 }, c, xs),
    );
    expectAgreement(program);
  });

  it('nests, and writes what the inner loop collects straight into the outer result', () => {
    const outer = record([f64(12), f64(12), f64(5, 12)], (c, h, xs) => {
      const [next, ys] = scan({ body, consts: 1, carry: 1 }, c, h, xs);
      return [only([next]), only([ys]), h];
    });
    const program = record([f64(12), f64(12), f64(3, 5, 12)], (c, h, xs) =>
      scan({ body: outer, consts: 1, carry: 1, length: 3 }, c, h, xs),
    );
    const { statistics } = expectAgreement(program);
    expect(statistics.calls).toBe(15);
    // Outside: the carry in and out. In each of 3 outer steps: the inner carry in and out, and h.
    expect(statistics.copies).toBe(2 + 3 * 3);
  });

  describe('with a loop inside that updates in place', () => {
    const slot = { start: [2], extents: [4], step: [3] };
    const update = record([f64(40), f64(4)], (c, x) => [sliceAdd(c, x, slot)]);
    const inner = (c: Tensor, xs: Tensor): Tensor => only(scan({ body: update, carry: 1 }, c, xs));
    const run = (
      outputs: (c: Tensor, xs: Tensor) => readonly Tensor[],
      collected: number,
    ): { copies: number } => {
      const outer = record([f64(5, 4), f64(40)], (xs, c) => outputs(c, xs));
      const program = record([f64(5, 4), f64(40)], (xs, c) => {
        const results = scan({ body: outer, consts: 1, carry: 1, length: 3 }, xs, c);
        expect(results).toHaveLength(1 + collected);
        return results;
      });
      return expectAgreement(program).statistics;
    };

    it('updates the carry of the outer one in place', () => {
      expect(run((c, xs) => [inner(c, xs)], 0).copies).toBe(1);
      const twice = run(
        (c, xs) => [inner(sliceAdd(inner(c, xs), take(xs, int0(), { batch: 0 }), slot), xs)],
        0,
      );
      expect(twice.copies).toBe(1);
    });

    it('copies where the start of it is still needed', () => {
      expect(run((c, xs) => [inner(c, xs), c], 1).copies).toBeGreaterThan(1);
      expect(run((c, xs) => [add(inner(c, xs), c)], 0).copies).toBeGreaterThan(1);
    });

    it('does not take an element of what the outer one collects for its carry', () => {
      run((c, xs) => [sliceAdd(c, take(xs, int0(), { batch: 0 }), slot), inner(add(c, c), xs)], 1);
    });
  });

  it('passes literals and views as constants, carries and elements', () => {
    const program = record([f64(12), f64(12)], (x, h) => {
      const xs = broadcast(x, { shape: [5, 12], axes: [1] });
      const zero = broadcast(literalOf(0, tensorType('float64', [])), { shape: [12], axes: [] });
      return scan({ body, consts: 1, carry: 1 }, zero, h, xs);
    });
    expectAgreement(program);
  });
});

describe('while', () => {
  const cond = record([f64(), f64(12)], (limit, x) => [lt(reduceSum(x, { axes: [0] }), limit)]);
  const body = record([f64(12), f64(12)], (step, x) => [add(x, step), mul(x, x)]);
  const inputs = [Float64Array.of(30), new Float64Array(12).fill(0.25), new Float64Array(12)];

  it('runs until the condition fails, and collects on a stack', () => {
    const program = record([f64(), f64(12), f64(12)], (limit, step, x) => {
      const results = whileLoop(
        { cond, body, carry: 1, condConsts: 1, bodyConsts: 1 },
        limit,
        step,
        x,
      );
      const collect = record([f64(12), f64(12)], (c, y) => [add(c, sin(y)), y]);
      const [sum, again] = scan(
        { body: collect, carry: 1, length: null, reverse: true },
        only(results, 1),
        x,
        only(results, 2),
      );
      const [last] = scan(
        { body: collect, carry: 1, length: null },
        only(results, 1),
        x,
        only([again]),
      );
      return [only(results), only(results, 1), only([sum]), only([last])];
    });
    const { outputs } = expectAgreement(program, inputs);
    expect(outputs[1]).toEqual(Int32Array.of(10));
  });

  it('runs no step when the condition fails at once', () => {
    const program = record([f64(), f64(12), f64(12)], (...operands) =>
      whileLoop({ cond, body, carry: 1, condConsts: 1, bodyConsts: 1 }, ...operands).slice(0, 2),
    );
    const { outputs } = expectAgreement(program, [Float64Array.of(-1), ...inputs.slice(1)]);
    expect(outputs[1]).toEqual(Int32Array.of(0));
  });

  it('fails after maxSteps steps, naming the loop', () => {
    const program = record([f64(), f64(12), f64(12)], (...operands) =>
      whileLoop(
        { cond, body, carry: 1, condConsts: 1, bodyConsts: 1, maxSteps: 9 },
        ...operands,
      ).slice(0, 1),
    );
    expect(() => interpretModule(lowerProgram(program), inputs)).toThrow(
      'whileLoop: maxSteps 9 (limit 9)',
    );
  });

  it('keeps a stack of stacks for a loop inside a loop', () => {
    const inner = (limit: Tensor, step: Tensor, x: Tensor): Tensor[] =>
      whileLoop({ cond, body, carry: 1, condConsts: 1, bodyConsts: 1 }, limit, step, x);
    const outer = record([f64(), f64(12), f64(12), int], (limit, step, x, i) => {
      const [, steps, stack] = inner(
        limit,
        step,
        mul(x, broadcast(cast(i, { dtype: 'float64' }), { shape: [12], axes: [] })),
      );
      return [step, only([steps]), only([stack])];
    });
    const back = record([f64(12), int, stackType(f64(12))], (c, steps, stack) => {
      const step = record([f64(12), f64(12)], (total, y) => [add(total, y)]);
      return scan({ body: step, carry: 1, length: null, reverse: true }, steps, c, stack);
    });
    const program = record(
      [f64(), f64(12), f64(12), tensorType('int32', [4])],
      (limit, step, x, is) => {
        const looped = record([f64(), f64(12), f64(12), int], (l, x0, carried, i) => {
          const [next, steps, stack] = evaluateProgram(outer, [l, carried, x0, i]);
          return [only([next]), only([steps]), only([stack])];
        });
        const [, steps, stacks] = scan(
          { body: looped, consts: 2, carry: 1, length: 4 },
          limit,
          x,
          step,
          is,
        );
        return scan(
          { body: back, carry: 1, length: 4, reverse: true },
          x,
          only([steps]),
          only([stacks]),
        );
      },
    );
    expectAgreement(program, [
      Float64Array.of(30),
      new Float64Array(12).fill(0.25),
      new Float64Array(12).fill(0.5),
      Int32Array.of(0, 3, 1, 9),
    ]);
  });

  it('fills the stack of an inner loop on the same memory each time', () => {
    const back = record([f64(12), f64(12)], (total, y) => [add(total, y)]);
    const outer = record([f64(), f64(12), f64(12)], (limit, step, x) => {
      const zero = mul(
        x,
        broadcast(literalOf(0, tensorType('float64', [])), { shape: [12], axes: [] }),
      );
      const results = whileLoop(
        { cond, body, carry: 1, condConsts: 1, bodyConsts: 1 },
        limit,
        step,
        zero,
      );
      const sums = scan(
        { body: back, carry: 1, length: null, reverse: true },
        only(results, 1),
        x,
        only(results, 2),
      );
      return [sin(only(sums))];
    });
    const program = record([f64(), f64(12), f64(12)], (limit, step, x) =>
      scan({ body: outer, consts: 2, carry: 1, length: 1000 }, limit, step, x),
    );
    expectAgreement(program, inputs);
    // 1000 stacks of ten elements would need more than a megabyte.
    const realm = new RealmMemory({ maximumPages: 4 });
    const compiled = compileModule(lowerProgram(program));
    const base = realm.allocate(compiled.layout.bytes + 1024);
    const table = new Int32Array(realm.memory.buffer, base, compiled.layout.tableAt / 4 + 4).fill(
      0,
    );
    table.set(
      [512, 640, 768, 896].map((at) => base + compiled.layout.bytes + at),
      compiled.layout.tableAt / 4,
    );
    realm.enter([]);
    instantiateModule(compiled, { realm })(base);
    expect(new Int32Array(realm.memory.buffer, base, 1)[0]).toBe(statusKinds.ok);
  });

  it('lets data decide positions inside a loop', () => {
    const collatz = record([int], (n) => [lt(literalOf(1, tensorType('int32', [])), n)]);
    const table = record([tensorType('int32', [10]), int], (next, n) => [
      take(next, n, { batch: 0 }),
    ]);
    const program = record([tensorType('int32', [10]), int], (next, n) =>
      whileLoop({ cond: collatz, body: table, carry: 1, bodyConsts: 1 }, next, n),
    );
    const next = Int32Array.of(0, 1, 1, 5, 2, 8, 3, 1, 4, 7);
    const { outputs } = expectAgreement(program, [next, Int32Array.of(6)]);
    expect(outputs).toEqual([Int32Array.of(1), Int32Array.of(6)]);
  });

  it('takes a reshaped element as the carry', () => {
    const flat = record([f64(3, 4)], (x) => [
      lt(reduceSum(x, { axes: [0, 1] }), literalOf(2, tensorType('float64', []))),
    ]);
    const grow = record([f64(3, 4)], (x) => [
      add(x, broadcast(literalOf(1, tensorType('float64', [])), { shape: [3, 4], axes: [] })),
    ]);
    const program = record([f64(12)], (x) =>
      whileLoop({ cond: flat, body: grow, carry: 1 }, reshape(x, { shape: [3, 4] })),
    );
    expectAgreement(program);
  });
});

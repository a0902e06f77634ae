import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, mul, neg, reduceSum } from '../../src/primitives/index.ts';
import type { Program } from '../../src/program/program.ts';
import { Resident } from '../../src/runtime/residents.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { Elements } from '../../src/tensor/storage.ts';
import { fromData, makeTensor, type Tensor } from '../../src/tensor/tensor.ts';
import { tensorType } from '../../src/tensor/type.ts';
import { trace } from '../../src/trace/trace.ts';

const size = 10_000;
const bytes = 8 * size;
const type = tensorType('float64', [size]);

function record(inputs: number, body: (...xs: Tensor[]) => readonly Tensor[]): Program {
  return trace(Array(inputs).fill(type), body, { name: 'test' }).program;
}

function filled(value: number, length = size): Tensor {
  return fromData('float64', [length], new Float64Array(length).fill(value));
}

function expectFilled(tensor: Tensor | undefined, value: number): void {
  expect(tensor?.read((data) => data.every((x) => x === value))).toBe(true);
}

function homeOf({ source }: Tensor): Resident {
  const home = source instanceof Elements ? source.home : undefined;
  if (home instanceof Resident) return home;
  throw new Error('the tensor has no home');
}

const twice = record(1, (x) => [add(x, x)]);
/** Room for the workspace of a call besides the tensors. */
const work = 2 ** 16;

describe('a large tensor', () => {
  it('stays in memory and is taken from there by the next call', () => {
    const executor = new WasmExecutor();
    const x = filled(1);
    const [y] = executor.run(twice, [x]);
    if (!y) throw new Error('no result');
    // What comes from JavaScript stays from its second use on.
    expect(executor.bytesInUse).toBe(bytes + work);
    executor.run(twice, [x])[0]?.dispose();
    const [atX, atY] = [homeOf(x).address, homeOf(y).address];
    expect(executor.bytesInUse).toBe(2 * bytes + work);
    for (let i = 0; i < 3; i++) {
      const [z] = executor.run(
        record(2, (a, b) => [add(a, b)]),
        [x, y],
      );
      expectFilled(z, 3);
      z?.dispose();
    }
    expect([homeOf(x).address, homeOf(y).address]).toEqual([atX, atY]);
    expect(executor.bytesInUse).toBe(2 * bytes + work);
  });

  it('is no part of another: not of an input passed through, nor of an equal result', () => {
    const executor = new WasmExecutor();
    const x = filled(2);
    const both = record(1, (a) => {
      const b = neg(a);
      return [a, b, b, a];
    });
    executor.run(twice, [x]);
    const results = executor.run(both, [x]);
    const addresses = [x, ...results].map((t) => homeOf(t).address);
    expect(new Set([0, ...addresses]).size).toBe(6);
    for (const t of [x, ...results.slice(1)]) t.dispose();
    executor.run(twice, [filled(9)]);
    expectFilled(results[0], 2);
  });

  it('is given twice to a call like any two tensors', () => {
    const executor = new WasmExecutor();
    const x = filled(3);
    const [product] = executor.run(
      record(2, (a, b) => [mul(a, b)]),
      [x, x],
    );
    expectFilled(product, 9);
  });

  it('comes from another realm by a copy that is freed after the call', () => {
    const [one, other] = [new WasmExecutor(), new WasmExecutor()];
    const [x] = one.run(twice, [filled(1)]);
    if (!x) throw new Error('no result');
    const [y] = other.run(twice, [x]);
    expectFilled(y, 4);
    expect(other.bytesInUse).toBe(bytes + work);
    y?.dispose();
    expect(other.bytesInUse).toBe(work);
  });

  it('that a failed call was to make is freed', () => {
    const executor = new WasmExecutor({ maximumPages: 8, residentBytes: 2 ** 30 });
    const many = record(1, (x) => Array.from({ length: 40 }, () => neg(x)));
    const x = filled(1);
    expect(() => executor.run(many, [x])).toThrow(/Cannot allocate 80000 bytes for float64/);
    expect(executor.bytesInUse).toBe(work);
    expectFilled(executor.run(twice, [x])[0], 2);
  });
});

describe('beyond the budget', () => {
  it('the tensors used longest ago move out, and come back when they are used', () => {
    const executor = new WasmExecutor({ residentBytes: 3 * bytes });
    const results: Tensor[] = [];
    for (let i = 0; i < 20; i++) {
      results.push(...executor.run(twice, [filled(i)]));
      expect(executor.bytesInUse).toBeLessThanOrEqual(3 * bytes + work);
    }
    expect(results.filter((t) => homeOf(t).address !== 0).length).toBeLessThanOrEqual(3);
    results.forEach((t, i) => {
      const [again] = executor.run(twice, [t]);
      expectFilled(again, 4 * i);
      expectFilled(t, 2 * i);
    });
    expect(executor.bytesInUse).toBeLessThanOrEqual(3 * bytes + work);
  });

  it('the operands of a call stay until it has ended', () => {
    const executor = new WasmExecutor({ residentBytes: 2 * bytes });
    const inputs = Array.from({ length: 9 }, (_, i) => filled(2 ** i));
    const sum = record(9, (...xs) => {
      const [first, ...rest] = xs;
      return first ? [rest.reduce((total, x) => add(total, x), first), first] : [];
    });
    const results = executor.run(sum, inputs);
    expectFilled(results[0], 511);
    expectFilled(results[1], 1);
    expect(executor.bytesInUse).toBeLessThanOrEqual(2 * bytes + work);
  });

  it('everything gives way to one that is larger than all, and comes back', () => {
    const executor = new WasmExecutor({ maximumPages: 40, keptBytes: 2 ** 16 });
    const [y] = executor.run(twice, [filled(1)]);
    const large = tensorType('float64', [250_000]);
    const program = trace([large], (x) => [reduceSum(x, { axes: [0] })], { name: 'test' }).program;
    expect(executor.run(program, [filled(1, 250_000)])[0]?.item()).toBe(250_000);
    expectFilled(y, 2);
    if (y) expectFilled(executor.run(twice, [y])[0], 4);
  });

  it('an array that does not fit at all is an error that names it, and nothing is lost', () => {
    const executor = new WasmExecutor({ maximumPages: 20 });
    const [y] = executor.run(twice, [filled(1)]);
    const large = tensorType('float64', [512, 512]);
    const { program } = trace([large], (x) => [neg(x)], { name: 'test' });
    const x = fromData('float64', [512, 512], new Float64Array(512 * 512));
    expect(() => executor.run(program, [x])).toThrow(RangeError);
    expect(() => executor.run(program, [x])).toThrow(
      /Cannot allocate 2097152 bytes for float64 of shape \[512, 512\]: .* cannot grow further/,
    );
    if (y) expectFilled(executor.run(twice, [y])[0], 4);
  });
});

describe('whatever the budget and the order', () => {
  it('values are what they are without it', () => {
    const shapes = [3, 20, 77];
    const step = fc.record({
      do: fc.constantFrom('make', 'add', 'negate', 'read', 'dispose'),
      which: fc.tuple(fc.nat(1000), fc.nat(1000)),
      value: fc.integer({ min: -9, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(2000), (steps, residentBytes) => {
        const executor = new WasmExecutor({ residentFrom: 64, broughtFrom: 64, residentBytes });
        const live: { tensor: Tensor; values: number[] }[] = [];
        for (const { do: what, which, value } of steps) {
          const [x, y] = which.map((i) => live[i % Math.max(1, live.length)]);
          if (what === 'make' || !x || !y) {
            const length = shapes[which[0] % shapes.length] ?? 1;
            const values = Array.from({ length }, (_, i) => value + i);
            live.push({ tensor: fromData('float64', [length], Float64Array.from(values)), values });
          } else if (what === 'read') {
            expect(x.tensor.toArray()).toEqual(x.values);
          } else if (what === 'dispose') {
            live.splice(live.indexOf(x), 1);
            x.tensor.dispose();
          } else if (what === 'negate') {
            const { program } = trace([x.tensor.type], (a) => [neg(a)], { name: 'test' });
            const [tensor] = executor.run(program, [x.tensor]);
            if (tensor) live.push({ tensor, values: x.values.map((v) => -v) });
          } else if (x.values.length === y.values.length) {
            const types = [x.tensor.type, y.tensor.type];
            const { program } = trace(types, (a, b) => [add(a, b), b], { name: 'test' });
            const [sum, same] = executor.run(program, [x.tensor, y.tensor]);
            if (sum)
              live.push({ tensor: sum, values: x.values.map((v, i) => v + (y.values[i] ?? 0)) });
            if (same) live.push({ tensor: same, values: y.values });
          }
        }
        for (const { tensor, values } of live) {
          expect([...tensor.dataSync()]).toEqual(values);
          tensor.dispose();
        }
        expect(executor.bytesInUse).toBeLessThanOrEqual(2 ** 16);
      }),
      { numRuns: 60 },
    );
  });

  it('a storage that nobody manages is handed over all the same', () => {
    const executor = new WasmExecutor();
    const data = new Float64Array(size).fill(4);
    const x = makeTensor(type, { kind: 'dense', data });
    expectFilled(executor.run(twice, [x])[0], 8);
    const short = makeTensor(type, { kind: 'dense', data: data.slice(1) });
    expect(() => executor.run(twice, [short])).toThrow('9999 elements were given where float64');
  });
});

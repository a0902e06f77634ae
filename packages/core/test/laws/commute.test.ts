// The fourth law: on random Programs, transforms commute where mathematics says so. Both sides are
// Programs; the reference interpreter gives their values with bounds on what rounding can do, and
// compiled code has to keep within the same bounds.

import {
  grad,
  jit,
  jvp,
  logicalAnd,
  stack,
  sum,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bounded, interpretWithBounds } from '../../src/backends/reference/error-bound.ts';
import { storageOfTensor } from '../../src/backends/reference/interpret.ts';
import { Noise } from '../../src/backends/reference/noise.ts';
import { tanh } from '../../src/primitives/index.ts';
import { formatProgram } from '../../src/program/print.ts';
import type { Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import { allocate } from '../../src/tensor/dtype.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { type FlatFunction, numbersOf } from '../../src/testing/flat-function.ts';
import { evaluateProgram, trace } from '../../src/trace/trace.ts';
import { fitted, randomProgram } from '../compiler/random-programs.ts';
import { compiled } from './backends.ts';
import { inFloat32 } from './in-float32.ts';

type Scalar = (...x: readonly Tensor[]) => Tensor;

const options = { numRuns: 40, seed: 20261123, interruptAfterTimeLimit: 12_000 };

/** Random tensors of the types of a Program's inputs, with a leading axis when asked. */
function inputsOf({ inputs }: Program, seed: number, batch: readonly number[] = []): Tensor[] {
  const noise = new Noise(seed);
  return inputs.map(({ type }) => {
    if (type.kind !== 'tensor') throw new Error('a random Program has dense inputs');
    const shape = [...batch, ...type.shape];
    const data = allocate(type.dtype, sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = noise.normal();
    return fromData(type.dtype, shape, data);
  });
}

function callable(program: Program): FlatFunction {
  return (...x) => evaluateProgram(program, x);
}

/** All results in one number. */
function total(f: FlatFunction): Scalar {
  return (...x) => f(...x).reduce((rest, y) => rest.add(sum(y)), sum(0));
}

/** A function as a Program, with the inputs to run it on: what it captures comes first. */
function recorded(f: FlatFunction, inputs: readonly Tensor[]): [Program, readonly Tensor[]] {
  const { program, captures } = trace(
    inputs.map((x) => x.type),
    (...x) => f(...x),
    { name: 'law' },
  );
  return [verify(program, 'law'), [...captures, ...inputs]];
}

const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** How many cases were decided, for a check that most are. */
class Tally {
  decided = 0;
  undecided = 0;

  /** Asserts that two functions agree, on the reference interpreter and compiled. */
  agree(left: FlatFunction, right: FlatFunction, inputs: readonly Tensor[]): void {
    const sides = [left, right].map((f) => recorded(f, inputs));
    const programs = sides.map(([program]) => program);
    const bounded = sides.map(([program, values]) =>
      interpretWithBounds(program, values.map(storageOfTensor)),
    );
    if (bounded.some(({ undecided }) => undecided)) {
      this.undecided += 1;
      return;
    }
    this.decided += 1;
    const [a, b] = bounded;
    if (!a || !b || a.results.length !== b.results.length) throw new Error('results are missing');
    a.results.forEach((result, i) => {
      const other = b.results[i];
      if (!other) throw new Error('a result is missing');
      const bound = result.bound.map((x, k) => x + (other.bound[k] ?? 0));
      within(other.data, { data: result.data, bound }, 'the two sides differ', programs);
    });
    sides.forEach(([program, values], i) => {
      expectCompiled(program, values, bounded[i]);
    });
  }
}

function expectCompiled(
  program: Program,
  inputs: readonly Tensor[],
  bounded: Bounded | undefined,
): void {
  const results = compiled.run(program, inputs);
  bounded?.results.forEach((expected, i) => {
    within(results[i]?.dataSync() ?? [], expected, 'compiled code differs', [program]);
  });
}

function within(
  actual: ArrayLike<number>,
  { data, bound }: Bounded['results'][number],
  what: string,
  programs: readonly Program[],
): void {
  expect(actual.length).toBe(data.length);
  data.forEach((y, k) => {
    const x = actual[k] ?? Number.NaN;
    if (Object.is(x, y) || Math.abs(x - y) <= (bound[k] ?? 0)) return;
    throw new Error(
      `${what}: ${x} and ${y}, element ${k}, bound ${bound[k]}\n${programs.map(formatProgram).join('\n')}`,
    );
  });
}

/** Makes fast-check print a counterexample as the text of the Program. */
function readable(program: Program): Program {
  return Object.defineProperty(program, fc.toStringMethod, { value: () => formatProgram(program) });
}

/** Runs a law on random Programs, and asserts that most of them were decided. */
function forAll(programs: fc.Arbitrary<Program>, change: Change, law: Law): void {
  const tally = new Tally();
  fc.assert(
    fc.property(programs.map(readable), (program) => {
      law(change(callable(program)), program, tally);
    }),
    options,
  );
  expect(tally.decided).toBeGreaterThan(4 * tally.undecided);
}

/** A loop of unknown length around a random Program: it runs until its state has grown enough. */
function looped(f: FlatFunction): FlatFunction {
  return (x, ...rest) => {
    if (!x) return [];
    const step = ({ y, n }: { y: Tensor; n: Tensor }) => {
      const [out] = f(y, ...rest);
      const next = out ? tanh(fitted(y, out)) : y;
      return { y: next.add(y), n: n.add(1) };
    };
    const goesOn = ({ y, n }: { y: Tensor; n: Tensor }): Tensor =>
      logicalAnd(sum(y.mul(y)).lt(20), n.lt(5));
    return [whileLoop(goesOn, step, { y: x, n: tensor(0, { dtype: 'int32' }) }).y];
  };
}

type Change = (f: FlatFunction) => FlatFunction;
type Law = (f: FlatFunction, program: Program, tally: Tally) => void;

const push =
  (f: FlatFunction, v: readonly Tensor[]): FlatFunction =>
  (...x) =>
    jvp<readonly Tensor[], readonly Tensor[]>(f, x, v)[1];

const laws: Readonly<Record<string, Law>> = {
  'compiled code gives what the reference interpreter gives': (f, program, tally) => {
    tally.agree(f, f, inputsOf(program, 1));
  },

  'forward and reverse mode give one directional derivative': (f, program, tally) => {
    const inputs = inputsOf(program, 2);
    const v = inputsOf(program, 3);
    tally.agree(
      (...x) => [total(push(f, v))(...x)],
      (...x) => {
        const gradients = grad(total(f), { argnums: all(x.length) })(...x);
        return [gradients.reduce((rest, g, i) => rest.add(sum(g.mul(v[i] ?? 0))), sum(0))];
      },
      inputs,
    );
  },

  'forward over reverse mode is reverse over forward mode': (f, program, tally) => {
    const inputs = inputsOf(program, 4);
    const v = inputsOf(program, 5);
    const argnums = all(inputs.length);
    tally.agree(
      push((...x) => grad(total(f), { argnums })(...x), v),
      (...x) => grad(total(push(f, v)), { argnums })(...x),
      inputs,
    );
  },

  'vmap is a loop': (f, program, tally) => {
    const inputs = inputsOf(program, 6, [3]);
    tally.agree(
      (...x) => vmap(f)(...x),
      (...x) => {
        const calls = all(3).map((i) => f(...x.map((each) => each.at(i))));
        return (calls[0] ?? []).map((_, k) => stack(calls.flatMap((call) => call[k] ?? [])));
      },
      inputs,
    );
  },

  'vmap of grad is grad of the sum of vmap': (f, program, tally) => {
    const inputs = inputsOf(program, 7, [2]);
    const argnums = all(inputs.length);
    tally.agree(
      (...x) => vmap<readonly Tensor[], readonly Tensor[]>(grad(total(f), { argnums }))(...x),
      (...x) => grad((...y: readonly Tensor[]) => sum(vmap(total(f))(...y)), { argnums })(...x),
      inputs,
    );
  },

  'vmap of jvp is jvp of vmap': (f, program, tally) => {
    const inputs = inputsOf(program, 8, [2]);
    const v = inputsOf(program, 9, [2]);
    const n = inputs.length;
    tally.agree(
      (...x) =>
        vmap((...xv: readonly Tensor[]) => push(f, xv.slice(n))(...xv.slice(0, n)))(...x, ...v),
      push((...x) => vmap(f)(...x), v),
      inputs,
    );
  },

  'jit changes no bit of a gradient, outside grad or inside': (f, program, tally) => {
    const inputs = inputsOf(program, 10);
    const argnums = all(inputs.length);
    const plain = numbersOf(grad(total(f), { argnums })(...inputs));
    expect(numbersOf(jit(grad(total(f), { argnums }))(...inputs))).toEqual(plain);
    expect(numbersOf(grad(jit(total(f)), { argnums })(...inputs))).toEqual(plain);
    tally.decided += 1;
  },
};

const unchanged: Change = (f) => f;

const families: readonly (readonly [string, fc.Arbitrary<Program>, Change])[] = [
  ['random Programs', randomProgram, unchanged],
  ['random Programs of float32', randomProgram.map(inFloat32), unchanged],
  ['loops of unknown length around random Programs', randomProgram, looped],
];

describe.each(families)('on %s', (_, programs, change) => {
  test.each(Object.entries(laws))('%s', (_name, law) => forAll(programs, change, law));
});

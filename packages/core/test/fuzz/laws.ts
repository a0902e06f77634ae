import { grad, jit, jvp, stack, sum, type Tensor, vjp, vmap } from '@grad/core';
import { interpret, storageOfTensor } from '../../src/backends/reference/interpret.ts';
import { simplify } from '../../src/compiler/simplify.ts';
import { formatProgram } from '../../src/program/print.ts';
import { verify } from '../../src/program/verify.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { type Data, isFloat } from '../../src/tensor/dtype.ts';
import type { FlatFunction } from '../../src/testing/flat-function.ts';
import { agree, LawBroken, Side, sameBits, type Verdict } from './agree.ts';
import { differences } from './differences.ts';
import { type Batch, randomOf, type Subject } from './subject.ts';
import { onThreads, threadCounts } from './threads.ts';

/** What a function of a recipe must do; throws where it does not. */
export type Law = (subject: Subject) => Verdict;

/** Executors that divide work which others would do at once: random functions have but few rows. */
const divided = [8, 16, 32, 64].map(
  (blockBytes) =>
    new WasmExecutor({
      blockBytes,
      longWork: [
        [4, 2 ** 8],
        [2, 1],
      ],
    }),
);

const every = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** All results in one number. */
function total(f: FlatFunction): (...x: readonly Tensor[]) => Tensor {
  return (...x) => f(...x).reduce((rest, y) => rest.add(sum(y)), sum(0));
}

const push =
  (f: FlatFunction, v: readonly Tensor[]): FlatFunction =>
  (...x) =>
    jvp<readonly Tensor[], readonly Tensor[]>(f, x, v)[1];

function gradient(f: FlatFunction): FlatFunction {
  return (...x) => grad(total(f), { argnums: every(x.length) })(...x);
}

/** The sum of the products of values and weights. */
function inner(values: readonly Tensor[], weights: readonly Tensor[]): Tensor {
  return values.reduce((rest, y, i) => rest.add(sum(y.mul(weights[i] ?? 0))), sum(0));
}

const elements = (tensors: readonly Tensor[]): Data[] => tensors.map((x) => x.dataSync());

/** Two sides of a law; every other function has the one or the other compiled. */
function equal({ seed }: Subject, left: Side, right: Side): Verdict {
  return agree(left, right, seed % 2 === 0 ? left : right);
}

/** Which inputs are batched, and along which axes; at least one is. */
function batches({ specs, noise }: { specs: Subject['specs']; noise: () => number }, size: number) {
  const sure = Math.floor(noise() * specs.length);
  return specs.map(({ shape }, i): Batch | null =>
    i === sure || noise() < 0.6 ? { axis: Math.floor(noise() * (shape.length + 1)), size } : null,
  );
}

export const laws: Readonly<Record<string, Law>> = {
  'compiled code gives what the reference interpreter gives': ({ recorded }) =>
    agree(recorded, recorded),

  'simplification keeps values': (subject) => {
    const { program, inputs } = subject.recorded;
    const values = inputs.map(storageOfTensor);
    const data = (results: ReturnType<typeof interpret>): Data[] =>
      results.map((result) => {
        if (result.kind === 'dense') return result.data;
        throw new LawBroken('a result is a stack');
      });
    const simpler = simplify(program, { check: verify });
    return sameBits(
      'simplified',
      data(interpret(simpler, values)),
      data(interpret(program, values)),
    );
  },

  'tangents are what differences approach': differences,

  'forward and reverse mode give one derivative': (subject) => {
    if (subject.traits.reverseOnly) return 'outside';
    const { smooth, recorded } = subject;
    const x = subject.floats();
    const v = subject.floats(1);
    const noise = subject.noise(1);
    const cts = recorded.program.outputs.flatMap(({ type }) =>
      type.kind === 'tensor' && isFloat(type.dtype) ? [randomOf(type, noise)] : [],
    );
    return equal(
      subject,
      new Side((...at) => [inner(push(smooth, v)(...at), cts)], x),
      new Side((...at) => {
        const [, pull] = vjp<readonly Tensor[], readonly Tensor[]>(smooth, ...at);
        return [inner(pull(cts), v)];
      }, x),
    );
  },

  'forward over reverse mode is reverse over forward mode': (subject) => {
    // Where a rule leaves out a part of the derivative, second derivatives need not be symmetric.
    if (subject.traits.reverseOnly || subject.traits.closesOver) return 'outside';
    const { smooth } = subject;
    const v = subject.floats(1);
    const x = subject.floats(2);
    return equal(
      subject,
      new Side(push(gradient(smooth), v), x),
      new Side(gradient(push(smooth, v)), x),
    );
  },

  'vmap is a loop': (subject) => {
    const noise = subject.noise(2);
    const uniform = (): number => noise.uniform();
    const size = 1 + Math.floor(uniform() * 3);
    const batch = batches({ specs: subject.specs, noise: uniform }, size);
    const outAxes = -Math.floor(uniform() * 2);
    const inAxes = batch.map((at) => at?.axis ?? null);
    const inputs = subject.inputs(3, { batch, values: subject.values });
    return equal(
      subject,
      new Side((...x) => vmap(subject.f, { inAxes, outAxes })(...x), inputs),
      new Side((...x) => {
        const calls = every(size).map((i) =>
          subject.f(
            ...x.map((each, k) => {
              const at = batch[k];
              return at ? each.at(...every(at.axis).map(() => null), i) : each;
            }),
          ),
        );
        return (calls[0] ?? []).map((_, k) =>
          stack(
            calls.flatMap((call) => call[k] ?? []),
            { axis: outAxes },
          ),
        );
      }, inputs),
    );
  },

  'vmap of grad is grad of the sum of vmap': (subject) => {
    const { smooth } = subject;
    const x = batched(subject, 4);
    return equal(
      subject,
      new Side((...at) => vmap(gradient(smooth))(...at), x),
      new Side(
        gradient((...at) => [sum(vmap(total(smooth))(...at))]),
        x,
      ),
    );
  },

  'vmap of jvp is jvp of vmap': (subject) => {
    if (subject.traits.reverseOnly) return 'outside';
    const { smooth } = subject;
    const x = batched(subject, 5);
    const v = batched(subject, 6);
    const both = (...xv: readonly Tensor[]): readonly Tensor[] =>
      push(smooth, xv.slice(x.length))(...xv.slice(0, x.length));
    return equal(
      subject,
      new Side((...at) => vmap(both)(...at, ...v), x),
      new Side(
        push((...at) => vmap(smooth)(...at), v),
        x,
      ),
    );
  },

  'jit changes no bit': (subject) => {
    const inputs = subject.inputs(7, { values: subject.values });
    const compiled = elements(jit(subject.f)(...inputs));
    const eager = elements(subject.f(...inputs));
    return sameBits('one operation after the other', eager, compiled);
  },

  'jit changes no bit of a gradient, outside grad or inside': (subject) => {
    const { smooth } = subject;
    const x = subject.floats(8);
    const plain = elements(gradient(smooth)(...x));
    // Parts that are differentiated on their own add the same terms in another order.
    if (subject.traits.looks) {
      const side = new Side(gradient(smooth), x);
      return agree(side, side, side, plain);
    }
    sameBits('jit of grad', elements(jit(gradient(smooth))(...x)), plain);
    return sameBits('grad of jit', elements(gradient(jit(smooth))(...x)), plain);
  },

  'what loops keep for their derivatives changes no bit of the first': (subject) => {
    const x = subject.floats(10);
    const [side, stored] = [subject.smooth, subject.stored].map((f) => new Side(gradient(f), x));
    if (!side || !stored || formatProgram(side.program) === formatProgram(stored.program)) {
      return 'outside';
    }
    if (side.large || stored.large) return 'too large';
    // A second derivative of loops adds the same terms in another order.
    if (subject.traits.differentiates) return agree(side, stored);
    return sameBits('with another checkpoint policy', side.run(), stored.run());
  },

  'leaving a call at every point and going on changes no bit': (subject) => {
    const { smooth, recorded, seed } = subject;
    const side = seed % 2 === 0 ? recorded : new Side(gradient(smooth), subject.floats(9));
    if (side.large) return 'too large';
    return sameBits('in pieces', side.runInPieces(), side.run());
  },

  'blocks of rows and vectors in turns change no bit': (subject) => {
    const { smooth, recorded, seed } = subject;
    const side = seed % 2 === 0 ? recorded : new Side(gradient(smooth), subject.floats(12));
    if (side.large) return 'too large';
    const by = divided[Math.floor(seed / 2) % divided.length];
    return sameBits('divided', side.run(by), side.run());
  },

  'any number of threads gives the same bits': (subject) => {
    const { smooth, recorded, seed } = subject;
    const side = seed % 2 === 0 ? recorded : new Side(gradient(smooth), subject.floats(11));
    if (side.large) return 'too large';
    const expected = side.run();
    for (const count of threadCounts) {
      const [whole, inPieces] = onThreads(count, (by) => [side.run(by), side.runInPieces(by)]);
      sameBits(`on ${count} threads`, whole, expected);
      sameBits(`on ${count} threads, in pieces`, inPieces, expected);
    }
    return 'holds';
  },
};

/** Float inputs with a batch of two. */
function batched(subject: Subject, number: number): Tensor[] {
  const batch = subject.specs.map(() => ({ axis: 0, size: 2 }));
  return subject.inputs(number, { batch }).filter((_, i) => subject.specs[i]?.kind === 'float');
}

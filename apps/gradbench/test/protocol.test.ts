import { expect, test } from 'vitest';
import { evals } from '../src/evals/index.ts';
import { Input } from '../src/input.ts';
import { answer, ProtocolError } from '../src/protocol.ts';
import { type Eval, evaluation } from '../src/task.ts';

const ask = (message: object): unknown => JSON.parse(answer(JSON.stringify(message), evals));
const evaluate = (module: string, f: string, input?: unknown): unknown =>
  ask({ id: 5, kind: 'evaluate', module, function: f, input });
const nanoseconds = expect.any(Number);

test('start is answered with the name of the tool', () => {
  expect(ask({ id: 0, kind: 'start', eval: 'hello' })).toEqual({ id: 0, tool: 'grad' });
});

test('all twelve modules can be defined', () => {
  const names = 'ba det gmm hello ht kmeans llsq lse lstm ode particle saddle'.split(' ');
  for (const module of names) {
    expect(ask({ id: 1, kind: 'define', module })).toEqual({ id: 1, success: true });
  }
});

test('a module that does not exist is refused, with those that do', () => {
  expect(ask({ id: 1, kind: 'define', module: 'foo' })).toEqual({
    id: 1,
    success: false,
    error: expect.stringContaining("no module 'foo'; there are hello, ba, det"),
  });
});

test('an evaluation has an output, the preparation, and one timing for each run', () => {
  expect(evaluate('hello', 'double', 3)).toEqual({
    id: 5,
    success: true,
    output: 6,
    timings: [
      { name: 'prepare', nanoseconds },
      { name: 'evaluate', nanoseconds },
    ],
  });
  const run = { name: 'evaluate', nanoseconds };
  expect(evaluate('lse', 'primal', { x: [0, 0], min_runs: 3, min_seconds: 0 })).toEqual({
    id: 5,
    success: true,
    output: Math.log(2),
    timings: [{ name: 'prepare', nanoseconds }, run, run, run],
  });
});

test('runs go on until they have taken min_seconds together', () => {
  const answered = evaluate('llsq', 'primal', { x: [1], n: 4, min_runs: 1, min_seconds: 0.01 });
  const { timings } = Object(answered);
  const [, ...runs] = timings;
  const elapsed = runs.reduce((sum: number, t: { nanoseconds: number }) => sum + t.nanoseconds, 0);
  expect(elapsed).toBeGreaterThanOrEqual(1e7);
  expect(elapsed - runs.at(-1).nanoseconds).toBeLessThan(1e7);
});

test('numbers arrive with all of their digits', () => {
  const x = 0.1 + 2 ** -50;
  expect(evaluate('hello', 'square', x)).toMatchObject({ output: x * x });
});

test.each([
  ['an unknown function', 'hello', 'cube', 1, "module 'hello' has no function 'cube'; it has"],
  ['a name that objects inherit', 'hello', 'toString', 1, "has no function 'toString'"],
  ['no input', 'hello', 'square', undefined, 'message.input is missing'],
  ['text for a number', 'hello', 'square', '1', 'message.input must be an array of shape []'],
  ['a missing field', 'llsq', 'primal', { n: 3 }, 'message.input.x is missing'],
  ['an object for numbers', 'lse', 'primal', { x: {} }, 'shape [any]; it is an object'],
  [
    'text among numbers',
    'lse',
    'primal',
    { x: [1, '2'] },
    'shape [any]; it is an array of other things',
  ],
  ['too few rows', 'gmm', 'objective', { d: 2, k: 3, n: 1, alpha: [1, 2] }, 'shape [3]; it is'],
  ['ragged rows', 'kmeans', 'cost', { points: [[1, 2], [3]] }, 'nested arrays are ragged'],
  ['a fractional count', 'llsq', 'primal', { x: [1], n: 2.5 }, 'a whole number of at least 2'],
  ['no runs', 'lse', 'primal', { x: [1], min_runs: 0 }, 'min_runs must be a whole number'],
  ['no elements', 'lse', 'primal', { x: [] }, 'output is -Infinity'],
  ['a result without a number', 'ode', 'gradient', { x: [1e308, 1e308], s: 1 }, 'is Infinity'],
])('%s is an error of the evaluation', (_, module, f, input, message) => {
  expect(evaluate(module, f, input)).toEqual({
    id: 5,
    success: false,
    error: expect.stringContaining(message),
  });
});

test('a flag and a name must be what they are', () => {
  expect(() => new Input('no', 'flag').boolean()).toThrow(
    'flag must be true or false; it is "no".',
  );
  expect(() => new Input([], 'name').string()).toThrow('name must be a string; it is an array.');
});

test('an error inside a function is part of the answer', () => {
  const fail = (): never => {
    throw new RangeError('it is too hard');
  };
  const failing: Eval = {
    f: evaluation(
      (): [] => [],
      fail,
      () => 0,
    ),
  };
  const line = JSON.stringify({ id: 7, kind: 'evaluate', module: 'm', function: 'f', input: {} });
  expect(JSON.parse(answer(line, new Map([['m', failing]])))).toEqual({
    id: 7,
    success: false,
    error: 'RangeError: it is too hard',
  });
});

test('other messages are acknowledged, known or not', () => {
  expect(ask({ id: 3, kind: 'analysis', of: 2, valid: false, error: 'no' })).toEqual({ id: 3 });
  expect(ask({ id: 4, kind: 'something new' })).toEqual({ id: 4 });
});

test('a line that no answer can refer to is refused', () => {
  const refused = (line: string) => () => answer(line, evals);
  expect(refused('{"id": 1')).toThrow(ProtocolError);
  expect(refused('{"id": 1')).toThrow(/not JSON .*: {"id": 1/);
  for (const line of ['{"kind": "start"}', '[]', 'null', '{"id": "1"}']) {
    expect(refused(line)).toThrow('a message has no id');
  }
});

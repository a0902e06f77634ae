// Lines are those of the file as it is written, which only Node runs: a page is served other ones.

// Errors of compiled code name the line of the user's code that asked for the operation.

import {
  cond,
  customJvp,
  definePrimitive,
  foriLoop,
  grad,
  IndexError,
  jit,
  jvp,
  mod,
  StepLimitError,
  scan,
  scatter,
  type Tensor,
  take,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { expect, test } from 'vitest';
import { probe } from '../../src/compiler/probe.ts';
import { newVar } from '../../src/program/program.ts';
import { callerIn } from '../../src/program/source.ts';
import { casesOf, primitives } from '../laws/cases.ts';

const x = tensor([1, 2, 3]);
const bad = tensor([0, 5], { dtype: 'int32' });

/** The line on which this is called. */
function line(): number {
  const stack = new Error().stack?.split('\n').slice(2).join('\n');
  return Number(/:(\d+):\d+$/.exec(callerIn(stack) ?? '')?.[1]);
}

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('nothing was thrown');
}

/** The line that a message names. */
function lineIn(message: string): number {
  const [, row] = /\(at .*source\.node\.test\.ts:(\d+):\d+\)/.exec(message) ?? [];
  return Number(row);
}

test('an index out of range in a jit names the line of the take', () => {
  const at = line() + 1;
  const f = jit((i: Tensor) => take(x, i));
  expect(() => f(bad)).toThrow(IndexError);
  expect(lineIn(messageOf(() => f(bad)))).toBe(at);
});

test('two Programs of one structure name their own lines', () => {
  const at = line() + 1;
  const f = jit((i: Tensor) => take(x, i));
  const g = jit((i: Tensor) => take(x, i));
  expect([f, g, f].map((h) => lineIn(messageOf(() => h(bad))))).toEqual([at, at + 1, at]);
});

test('transforms keep the line, forward, in reverse and batched', () => {
  const at = line() + 1;
  const f = (i: Tensor, y: Tensor): Tensor => take(y.mul(2), i).sum();
  const rows = tensor([[0, 5]], { dtype: 'int32' });
  const calls = [
    () => jit((i: Tensor, y: Tensor) => grad((z: Tensor) => f(i, z))(y))(bad, x),
    () => grad((z: Tensor) => f(bad, z))(x),
    () => jvp((z: Tensor) => f(bad, z), [x], [x]),
    () => jit(vmap(f, { inAxes: [0, null] }))(rows, x),
    () => grad((z: Tensor) => vmap(f, { inAxes: [0, null] })(rows, z).sum())(x),
    () => grad((z: Tensor) => grad((w: Tensor) => f(bad, w.mul(w)))(z).sum())(x),
  ];
  expect(calls.map((call) => lineIn(messageOf(call)))).toEqual(calls.map(() => at));
});

test('the derivative of a loop names the line in its body', () => {
  const i = tensor([0, 1, 7], { dtype: 'int32' });
  const at = line() + 2;
  const f = (y: Tensor): Tensor =>
    scan((c: Tensor, k: Tensor) => [c.mul(take(y, k)), null], 1, i)[0];
  expect(lineIn(messageOf(() => f(x)))).toBe(at);
  expect(lineIn(messageOf(() => grad(f)(x)))).toBe(at);
  expect(lineIn(messageOf(() => jit(grad(f))(x)))).toBe(at);
});

test('a scatter, an integer division and a limit of steps name their lines', () => {
  const at = line() + 1;
  const set = jit((i: Tensor) => scatter(x, i, tensor([9, 9]), { mode: 'set' }));
  const rest = jit((n: Tensor) => mod(tensor(7, { dtype: 'int32' }), n));
  const loop = jit((y: Tensor) =>
    whileLoop(
      (c) => c.gt(0),
      (c) => c.add(1),
      y,
      { maxSteps: 3 },
    ),
  );
  const zero = tensor(0, { dtype: 'int32' });
  expect(lineIn(messageOf(() => set(bad)))).toBe(at);
  expect(lineIn(messageOf(() => rest(zero)))).toBe(at + 1);
  expect(lineIn(messageOf(() => loop(1)))).toBe(at + 3);
  expect(() => loop(1)).toThrow(StepLimitError);
});

test('branches, indices of tensors and counted loops name their lines', () => {
  const seven = tensor(7, { dtype: 'int32' });
  const at = line() + 4;
  const f = jit((i: Tensor) =>
    cond(
      i.gt(3),
      (k: Tensor) => take(x, k),
      () => tensor(0),
      i,
    ),
  );
  const g = jit((i: Tensor) => foriLoop(0, 3, (k, c) => c.add(take(x, k.add(i))), 0));
  expect(lineIn(messageOf(() => f(seven)))).toBe(at);
  expect(lineIn(messageOf(() => g(seven)))).toBe(at + 5);
});

test('operations of a custom rule and of a primitive made of others name their lines', () => {
  const at = line() + 2;
  const picked = customJvp(
    (i: Tensor) => take(x, i).sum(),
    ([i]) => [take(x, i).sum(), tensor(0)],
  );
  const pick = definePrimitive({
    name: 'pick',
    arity: 2,
    type: ([a]) => ({ ...a, shape: [2] }),
    vmap: ([a, i]) => take(a, i),
    decompose: ([a, i]) => take(a, i),
  });
  expect(lineIn(messageOf(() => jit(picked)(bad)))).toBe(at);
  const called = line() + 1;
  const f = jit((i: Tensor) => pick(x, i));
  expect(lineIn(messageOf(() => f(bad)))).toBe(called);
});

test('an eager operation throws from the stack of its caller, without a line in its message', () => {
  const message = messageOf(() => take(x, bad));
  expect(message).toMatch(/take: index 5 is out of range for an axis of extent 3/);
  expect(message).not.toMatch(/\(at /);
});

test('the first frame outside the library is found in the stacks of each engine', () => {
  const own = (file: string): boolean => file.includes('/grad/');
  const v8 = [
    'Error',
    '    at Trace.record (file:///home/u/grad/core/trace.js:1:2)',
    '    at Array.map (<anonymous>)',
    '    at new Promise (<anonymous>)',
    '    at node:internal/main:3:4',
    '    at loss (file:///home/u/my%20model/train.ts:12:34)',
    '    at file:///home/u/other.ts:5:6',
  ].join('\n');
  expect(callerIn(v8, own)).toBe('/home/u/my%20model/train.ts:12:34');
  const page =
    'Error\n    at https://host/grad/core.js?v=1:1:2\n    at async f (https://host/app.js?v=2:7:8)';
  expect(callerIn(page, own)).toBe('https://host/app.js:7:8');
  const firefox =
    'record@https://host/grad/core.js:1:2\nloss@https://host/app.js:12:34\n@https://host/app.js:9:1\n';
  expect(callerIn(firefox, own)).toBe('https://host/app.js:12:34');
  expect(callerIn('@https://host/app.js:9:1', own)).toBe('https://host/app.js:9:1');
  const made = 'Error\n    at f (eval at run (https://host/app.js:1:2), <anonymous>:7:8)';
  expect(callerIn(made, own)).toBe('<anonymous>:7:8');
  expect(callerIn(undefined, own)).toBeUndefined();
  expect(callerIn('Error\n    at f (https://host/grad/core.js:1:2)', own)).toBeUndefined();
});

test('every primitive that checks data when it runs notes where it was asked for', () => {
  // `permute` reads at positions that sorting made, which are in range.
  const checking = primitives.filter((operation) => {
    const [first] = operation.lower
      ? casesOf(operation).filter(({ operands }) => operands.length > 0)
      : [];
    if (!first) return false;
    const inputs = first.operands.map(({ type }) => newVar(type));
    const { params } = first;
    const outputs = operation
      .typeOf(
        inputs.map(({ type }) => type),
        params,
      )
      .map(newVar);
    return probe({ operation, inputs, params, outputs }).mayFail;
  });
  const names = checking.filter(({ mayFail }) => !mayFail).map(({ name }) => name);
  expect(names).toEqual(['permute']);
  expect(checking.length).toBeGreaterThan(4);
});

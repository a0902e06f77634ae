import { runInNewContext } from 'node:vm';
import { DTypeError, jit, ShapeError, sparse, type Tensor, tensor, vmap } from '@grad/core';
import { GradientError } from '@grad/core/testing';
import { Noise } from '../../src/backends/reference/noise.ts';
import type { Failure, Outcome } from './check.ts';
import type { Argument, Call, Kind } from './misuse-call.ts';
import { rightCalls } from './misuse-calls.ts';
import { damage } from './neighbors.ts';

const nothing = [undefined, null];
const strange: readonly unknown[] = [
  ...nothing,
  'abc',
  {},
  () => 1,
  Symbol('s'),
  3n,
  new Date(0),
  new Map(),
];
/** Tensors that cannot be used any more, or never were any. */
function strayTensors(): readonly unknown[] {
  const disposed = tensor([1, 2, 3]);
  disposed.dispose();
  const leaked: Tensor[] = [];
  const leak = (x: Tensor): Tensor => {
    leaked.push(x);
    return x.sum();
  };
  jit(leak)(tensor([1, 2, 3]));
  vmap(leak)(tensor([[1, 2, 3]]));
  return [disposed, ...leaked];
}

/** Structures that contain themselves. */
function endless(): readonly unknown[] {
  const array: unknown[] = [1];
  array.push(array);
  const object: Record<string, unknown> = {};
  object['self'] = object;
  return [array, object];
}

const stray = strayTensors();
const cyclic = endless();
/** A list of another realm is a list; its buffers and promises are none. */
const foreign: readonly unknown[] = [
  runInNewContext('Promise.resolve(1)'),
  runInNewContext('new ArrayBuffer(8)'),
  runInNewContext('new Map()'),
];
const notSparse = sparse.fromDense(
  tensor([
    [1, 2],
    [3, 4],
  ]),
);

const noWhole = [1.5, Number.NaN, Number.POSITIVE_INFINITY, 'x', {}, [[1]], 2n];

/** Values that are wrong in the place of an argument, whatever the others are. */
const wrong: { readonly [K in Kind]: readonly unknown[] } = {
  tensor: [
    ...strange,
    ...stray,
    ...cyclic,
    ...foreign,
    [[1], [1, 2]],
    [1, 'a'],
    [undefined],
    [[1, 2], 3],
  ],
  float: [...stray, ...cyclic, tensor([1, 2], { dtype: 'int32' }), tensor([true])],
  index: [...strange, ...stray, ...cyclic, tensor([0.5]), [0.5], tensor([true]), [Number.NaN]],
  mask: [...strange, ...stray, ...cyclic, tensor([0.5, 1, 2])],
  axis: [99, -99, 2 ** 31, 2 ** 53, ...noWhole],
  count: [-1, -(2 ** 40), ...noWhole],
  number: ['x', {}, () => 1, 2n, [[1]]],
  shape: [
    [-2],
    [1.5],
    [Number.NaN],
    [2 ** 40],
    [2 ** 20, 2 ** 20],
    ['a'],
    [null],
    [2n],
    null,
    'x',
    {},
  ],
  text: ['ij', 'no such', '', 5, null, {}],
  flag: [],
  dtype: ['float16', 'int64', 5, null, {}],
  list: [[99], [Number.NaN], ['x'], [undefined], [null], [{}], 'x', 5, null, {}, [[[1]]]],
  tree: [...nothing, ...stray, ...cyclic, 'abc', {}, []],
  function: [...nothing, 'f', 5, {}, [], () => undefined, () => 'abc', () => [], async () => 1],
  caller: [...nothing, 'f', 5, {}, [], async () => 1],
  'list of numbers': [[Number.NaN], [1.5], ['x'], [undefined], [null], [{}], 'x', null, {}],
  'list of pairs': [[[1, 'x']], [[1.5, 0]], [[-1, 0]], ['x'], [undefined], [null], 'x', null, {}],
  range: [['x', 2], [0, 2, 0], [0, 1.5], {}, 'x', [Number.NaN, 1]],
  'list of tensors': [['x'], [undefined], [null], [{}], 'x', 5, null, {}],
  'scalar function': [
    ...nothing,
    5,
    {},
    () => undefined,
    () => 'abc',
    (x: Tensor) => x,
    (x: Tensor) => [x.sum()],
    (x: Tensor) => x.sum().gt(0),
    async (x: Tensor) => x.sum(),
  ],
  value: [],
  structure: cyclic,
  'whole tree': [...stray, ...cyclic],
  complex: [
    ...strange,
    ...stray,
    ...cyclic,
    { re: tensor([1, 2]) },
    { re: tensor([1, 2]), im: tensor([1, 2, 3, 4, 5]) },
    { re: tensor([1, 2]), im: 'x' },
    { re: tensor([1, 2]), im: tensor([1, 2], { dtype: 'float32' }) },
    [[1], [1, 2]],
  ],
  'sparse matrix': [
    ...strange,
    ...stray,
    ...cyclic,
    ...foreign,
    tensor([1, 2, 3]),
    { data: tensor([1, 2]) },
    { pattern: {}, data: tensor([1, 2]) },
    { pattern: notSparse.pattern, data: tensor([1]) },
    { pattern: notSparse.pattern, data: stray[0] },
    { shape: [3, 3], indptr: [0, 1], indices: [0], data: [1] },
  ],
  positions: [
    [0, 1, 99],
    [0, -1, 2],
    [0.5, 1, 2],
    [Number.NaN, 1, 2],
    [0, 1],
    ['a', 'b', 'c'],
    [null],
    [2n, 1n, 0n],
    new Float64Array([0.5, 1, 2]),
    'x',
    5,
    null,
    {},
    ...cyclic,
  ],
  padding: ['no such', [1.5], -1.5, ['x'], [[1]], [null], null, {}, 2n, [Number.NaN]],
  label: [5, null, {}, () => 1, 2n],
  axes: [[99], [Number.NaN], ['x'], [undefined], [{}], [0, 0], 'x', {}, [[[1]]]],
  bounds: [[1.5], [Number.NaN], ['x'], [undefined], [{}], 'x', 5, null, {}],
  extents: [[-2, 3], [3], [1.5, 3], [Number.NaN, 3], ['a', 3], [null, 3], [2n, 3], null, 'x', {}],
  boolean: ['x', {}, null, 5, () => 1],
  tolerance: [Number.NaN, -1, 'x', {}, () => 1, 2n],
  options: [null],
};

/** A call with one wrong argument. */
interface WrongCall {
  readonly call: Call;
  readonly args: readonly unknown[];
  readonly text: string;
  readonly kind: Kind;
}

function wrongCall(seed: number): WrongCall | undefined {
  const noise = new Noise(Math.imul(seed, 2654435761));
  const below = (n: number): number => Math.floor(noise.uniform() * n);
  const call = rightCalls[below(rightCalls.length)];
  if (!call) return undefined;
  const at = below(call.args.length);
  const argument = call.args[at];
  const field = fieldOf(argument, below);
  const kind = field ? argument?.fields?.[field]?.kind : argument?.kind;
  const values = kind ? wrong[kind] : [];
  // Options that are left out, or undefined, are not wrong.
  const chosen = field ? values.filter((value) => value !== undefined) : values;
  if (!kind || chosen.length === 0) return undefined;
  const value = chosen[below(chosen.length)];
  const args = call.args.map((each, i): unknown => {
    if (i !== at) return each.value;
    return field && isRecord(each.value) ? { ...each.value, [field]: value } : value;
  });
  const place = field ? `options.${field}` : `argument ${at}`;
  return { call, args, kind, text: `${call.name} with ${describe(value)} as ${place} (${kind})` };
}

function fieldOf(argument: Argument | undefined, below: (n: number) => number): string | undefined {
  const names = Object.keys(argument?.fields ?? {});
  const i = below(names.length + 1);
  return names[i];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function describe(value: unknown): string {
  if (typeof value === 'function') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (stray.includes(value))
    return `a tensor ${['that is disposed', 'of jit', 'of vmap'][stray.indexOf(value)]}`;
  if (cyclic.includes(value)) return `what contains itself`;
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
  if (isRecord(value) && value.constructor === Object) return '{}';
  if (isRecord(value) && value.constructor !== undefined) {
    return 'dtype' in value ? `a ${String(value['dtype'])} tensor` : value.constructor.name;
  }
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

/** Functions whose messages may name those that they are short for. */
const shortFor: Readonly<Record<string, readonly string[]>> = {
  hvp: ['grad:', 'jvp:'],
  hessian: ['grad:', 'jacfwd:'],
  jacfwd: ['linearize:'],
  linearTranspose: ['vjp'],
  pullback: ['vjp'],
  'sparse.csr': ['SparsityPattern:'],
  'sparse.factorSize': ['SparsityPattern:'],
  foriLoop: ['scan:'],
  map: ['scan:'],
};

const lazy: ReadonlySet<string> = new Set(['complex.conj', 'bitcast', 'moveAxis', 'fromNdarray']);

/** Whether an error is one of ours that names the function. */
function complaint({ name }: Call, error: unknown): string | undefined {
  if (!(error instanceof Error)) return `throws ${typeof error}`;
  const { message } = error;
  // What is wrong is the tensor, in whatever operation comes upon it first.
  if (
    /was disposed|was kept after|is not known while|^tree: arrays and objects are nested/.test(
      message,
    )
  )
    return undefined;
  const typed =
    error instanceof ShapeError ||
    error instanceof DTypeError ||
    error instanceof GradientError ||
    error instanceof TypeError ||
    error instanceof RangeError;
  if (!typed) return `throws ${error.name}: ${message}`;
  // What an engine says of a mistake inside the library does not begin with a name.
  if (!/^[\w.]+( \w+)?: |^Cannot allocate \d+ bytes/.test(message))
    return `an internal error: ${message}`;
  // How much memory there is depends on more than one call.
  const names = [name, 'Cannot allocate', ...(shortFor[name] ?? [])];
  const named = names.some((each) => message.includes(each));
  return named ? undefined : `a message without the name: ${message}`;
}

const laws = {
  refused: 'a wrong argument is refused',
  typed: 'the error is one of ours',
  named: 'the message names the function',
  neighbors: 'no other tensor changes',
};

/** One call of a public function with one wrong argument. */
export function checkMisuse(seed: number): Outcome {
  const made = wrongCall(seed);
  if (!made) return { verdicts: {}, failures: [] };
  const { call, args, text, kind } = made;
  const broken = (law: string, message: string): Outcome => ({
    verdicts: { [law]: 'broken' },
    failures: [{ seed, law, message: `${text}: ${message}` } satisfies Failure],
  });
  let result: unknown;
  try {
    result = call.run(...args);
  } catch (error) {
    const harm = damage();
    if (harm !== undefined) return broken(laws.neighbors, harm);
    const what = complaint(call, error);
    if (what === undefined)
      return {
        verdicts: Object.fromEntries(Object.values(laws).map((law) => [law, 'holds'])),
        failures: [],
      };
    return broken(what.startsWith('a message') ? laws.named : laws.typed, what);
  }
  // What does not compute gives on what it got.
  if (kind === 'options' || lazy.has(call.name)) return { verdicts: {}, failures: [] };
  return broken(laws.refused, `gives ${String(result).slice(0, 60)}`);
}

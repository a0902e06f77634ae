// Options, axes, and operands that do not go together: each message begins with the name of the function
// and says what it was given and what it takes.

import { add, random, tensor, vmap } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { errorOf, expectMessage, named } from './public-functions.ts';

const v = tensor([1, 2, 3]);
const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const i = tensor([0, 1], { dtype: 'int32' });
const mask = tensor([true, false, true]);
const key = random.key(0);

/** Calls with options, and one of the options there are. */
const options: readonly (readonly [name: string, option: string, call: (o: unknown) => unknown])[] =
  [
    ...'sum mean prod max min variance std logsumexp softmax logSoftmax cumsum cumprod cummax cummin argmax argmin sort argsort flip'
      .split(' ')
      .map((name) => [name, 'axis', (o: unknown) => named(name)(v, o)] as const),
    ...'all any'
      .split(' ')
      .map((name) => [name, 'axis', (o: unknown) => named(name)(mask, o)] as const),
    ['tensor', 'dtype', (o) => named('tensor')(1, o)],
    ['fromNdarray', 'dtype', (o) => named('fromNdarray')(1, o)],
    ['zeros', 'dtype', (o) => named('zeros')([2], o)],
    ['ones', 'dtype', (o) => named('ones')([2], o)],
    ['full', 'dtype', (o) => named('full')([2], 1, o)],
    ['eye', 'dtype', (o) => named('eye')(2, 2, o)],
    ['arange', 'dtype', (o) => named('arange')(0, 2, 1, o)],
    ['linspace', 'dtype', (o) => named('linspace')(0, 2, 3, o)],
    ['oneHot', 'dtype', (o) => named('oneHot')(i, 2, o)],
    ['take', 'axis', (o) => named('take')(v, i, o)],
    ['gather', 'axis', (o) => named('gather')(v, i, o)],
    ['scatter', 'mode', (o) => named('scatter')(v, i, 1, o)],
    ['segmentSum', 'count', (o) => named('segmentSum')(tensor([1, 2]), i, o)],
    ['segmentMax', 'count', (o) => named('segmentMax')(tensor([1, 2]), i, o)],
    ['searchsorted', 'side', (o) => named('searchsorted')(v, v, o)],
    ['concatenate', 'axis', (o) => named('concatenate')([v, v], o)],
    ['stack', 'axis', (o) => named('stack')([v, v], o)],
    ['split', 'axis', (o) => named('split')(v, 3, o)],
    ['pad', 'value', (o) => named('pad')(v, [[1, 1]], o)],
    ['roll', 'axis', (o) => named('roll')(v, 1, o)],
    ...'tril triu diagonal trace'
      .split(' ')
      .map(
        (name) =>
          [`linalg.${name}`, 'offset', (o: unknown) => named(`linalg.${name}`)(x, o)] as const,
      ),
    ['linalg.cholesky', 'symmetrize', (o) => named('linalg.cholesky')([[1]], o)],
    ['linalg.norm', 'ord', (o) => named('linalg.norm')(v, o)],
    ['linalg.triangularSolve', 'lower', (o) => named('linalg.triangularSolve')([[1]], [1], o)],
    ['topK', 'axis', (o) => named('topK')(v, 1, o)],
    ['nonzero', 'size', (o) => named('nonzero')(v, o)],
    ...'uniform normal exponential gumbel'
      .split(' ')
      .map(
        (name) =>
          [
            `random.${name}`,
            'dtype',
            (o: unknown) => named(`random.${name}`)(key, [2], o),
          ] as const,
      ),
    ['grad', 'argnums', (o) => named('grad')(() => 1, o)],
    ['valueAndGrad', 'hasAux', (o) => named('valueAndGrad')(() => 1, o)],
    ['jit', 'staticArgs', (o) => named('jit')(() => 1, o)],
    ['vmap', 'inAxes', (o) => named('vmap')(() => 1, o)],
    ['scan', 'length', (o) => named('scan')((c: unknown, y: unknown) => [c, y], 0, v, o)],
    [
      'whileLoop',
      'maxSteps',
      (o) =>
        named('whileLoop')(
          () => tensor(false),
          (c: unknown) => c,
          0,
          o,
        ),
    ],
    ['associativeScan', 'reverse', (o) => named('associativeScan')(add, v, o)],
    [
      'implicitLinearSolve',
      'symmetric',
      (o) => named('implicitLinearSolve')((y: unknown) => y, v, o),
    ],
    [
      'implicitRoot',
      'linearSolve',
      (o) =>
        named('implicitRoot')(
          (y: unknown) => y,
          (y: unknown) => y,
          v,
          o,
        ),
    ],
    ['setDebug', 'nans', (o) => named('setDebug')(o)],
  ];

describe('options', () => {
  test.each(options)(
    'of %s: a misspelled one is told with those there are',
    (name, option, call) => {
      const error = errorOf(() => call({ [`${option}s_`]: 0 }));
      expectMessage(name, error, `there is no option '${option}s_'; there `);
      expect(error.message).toContain(option);
    },
  );

  test.each(options)('of %s: a number, null, a list or a promise is none', (name, option, call) => {
    for (const [value, what] of [
      [0, '0'],
      [null, 'null'],
      [[0], 'an array of 1'],
      [Promise.resolve(), 'a promise'],
    ]) {
      const error = errorOf(() => call(value));
      expectMessage(name, error, `options are an object, {`);
      expect(error.message).toContain(String(what));
      expect(error.message).toContain(option);
    }
  });
});

/** Calls with an axis of x, of shape [2, 3]. */
const axes: readonly (readonly [name: string, call: (axis: unknown) => unknown])[] = [
  ...'sum mean prod max min variance std logsumexp softmax logSoftmax cumsum cumprod cummax cummin argmax argmin sort argsort flip'
    .split(' ')
    .map((name) => [name, (axis: unknown) => named(name)(x, { axis })] as const),
  ['all', (axis) => named('all')(x.gt(0), { axis })],
  ['any', (axis) => named('any')(x.gt(0), { axis })],
  ['take', (axis) => named('take')(x, i, { axis })],
  ['gather', (axis) => named('gather')(x, [[0]], { axis })],
  ['scatter', (axis) => named('scatter')(x, i, 1, { axis })],
  ['concatenate', (axis) => named('concatenate')([x, x], { axis })],
  ['split', (axis) => named('split')(x, 1, { axis })],
  ['roll', (axis) => named('roll')(x, 1, { axis })],
  ['topK', (axis) => named('topK')(x, 1, { axis })],
  ['moveAxis', (axis) => named('moveAxis')(x, axis, 0)],
  ['moveAxis', (axis) => named('moveAxis')(x, 0, axis)],
  ['transpose', (axis) => named('transpose')(x, [0, axis])],
  ['squeeze', (axis) => named('squeeze')(x, axis)],
  ['vmap', (axis) => vmap((y) => y, { inAxes: Number(axis) })(x)],
  ['vmap', (axis) => vmap((y) => y, { outAxes: Number(axis) })(x)],
];

describe('an axis', () => {
  test.each([Number.NaN, 7, -3, 0.5, '1'])('%j is out of range, of every function', (axis) => {
    for (const [name, call] of axes) {
      if (name === 'vmap' && typeof axis === 'string') continue;
      const shown = JSON.stringify(axis) === 'null' ? 'NaN' : JSON.stringify(axis);
      expectMessage(
        name,
        errorOf(() => call(axis)),
        `axis ${shown} is out of range for shape [2, 3]`,
      );
    }
  });
});

describe('operands that do not go together', () => {
  const binary = 'add atan2 div eq ge gt le lt maximum minimum mod mul ne pow sub'.split(' ');

  test('are refused with both shapes', () => {
    for (const name of binary) {
      const error = errorOf(() => named(name)(x, tensor([1, 2])));
      expectMessage(name, error, 'shapes [2, 3] and [2] do not broadcast');
    }
    for (const name of [
      'bitwiseAnd',
      'bitwiseOr',
      'bitwiseXor',
      'leftShift',
      'rightShift',
      'rightShiftLogical',
      'logicalAnd',
      'logicalOr',
    ]) {
      const error = errorOf(() => named(name)(i, tensor([1, 2, 3], { dtype: 'int32' })));
      expectMessage(name, error, 'shapes [2] and [3] do not broadcast');
    }
  });

  test('are refused with both dtypes', () => {
    const single = tensor([1, 2, 3], { dtype: 'float32' });
    for (const name of [...binary, 'matmul', 'dot', 'searchsorted']) {
      const error = errorOf(() => named(name)(single, v));
      expectMessage(name, error, 'float32 and float64 tensors do not mix');
    }
  });

  test('are refused by operations on bits and masks', () => {
    for (const name of [
      'bitwiseAnd',
      'bitwiseOr',
      'bitwiseXor',
      'bitwiseNot',
      'logicalAnd',
      'logicalOr',
      'logicalNot',
    ]) {
      expectMessage(
        name,
        errorOf(() => named(name)(v, i)),
        /float64/,
      );
    }
  });
});

describe('a dtype', () => {
  test('that there is not is refused, with those there are', () => {
    for (const [name, option, call] of options) {
      if (option !== 'dtype') continue;
      expectMessage(
        name,
        errorOf(() => call({ dtype: 'float16' })),
        'the dtype is "float16"; it must be \'float64\'',
      );
    }
    expect(() => Reflect.apply(v.astype, v, ['f32'])).toThrow(/^astype: the dtype is "f32"/);
  });
});

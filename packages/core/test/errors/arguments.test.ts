// Every public function, called with what it does not take: the message begins with the name of the
// function and says what it was given. New exports are found by themselves.

import { random, tensor, zeros } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { errorOf, expectMessage, functions, named } from './public-functions.ts';

/** Functions that take anything, or nothing. */
const acceptAnything = [
  'fixed',
  'isLinear',
  'isTensor',
  'stopGradient',
  'threads',
  'tree.leaves',
  'tree.flatten',
  'tree.ravel',
];

describe('without arguments', () => {
  test.each([...functions.keys()].filter((name) => !acceptAnything.includes(name)))(
    '%s says that one is missing',
    (name) => {
      expectMessage(name, errorOf(named(name)), /(missing|undefined)/);
    },
  );
});

const wrongValues: readonly (readonly [what: string, value: unknown])[] = [
  ['missing', undefined],
  ['null', null],
  ['"abc"', 'abc'],
  ['an object', { w: 1 }],
  ['a function', () => 1],
  ['a promise', Promise.resolve(1)],
];

const v = tensor([1, 2, 3]);
const i = tensor([0, 1], { dtype: 'int32' });
const mask = tensor([true, false, true]);
const key = random.key(0);

const unary =
  'abs acos acosh all any argmax argmin argsort asin asinh at atan atanh ceil cos cosh cummax cummin cumprod cumsum digamma erf erfc erfinv exp expm1 flip floor fromNdarray isfinite isinf isnan lgamma log log1p log2 log10 logSoftmax logicalNot logsumexp max mean min neg nonzero prod relu round rsqrt sigmoid sign sin sinh softmax softplus sort sqrt square squeeze std sum tan tanh tensor transpose variance'.split(
    ' ',
  );

/** Calls with one operand in the place of which something else is put. */
const operands: readonly (readonly [name: string, call: (operand: unknown) => unknown])[] = [
  ...unary.map((name) => [name, named(name)] as const),
  ...'add atan2 bitwiseAnd bitwiseOr bitwiseXor div dot eq ge gt hypot le leftShift logicalAnd logicalOr lt matmul maximum minimum mod mul ne pow rightShift rightShiftLogical sub'
    .split(' ')
    .flatMap((name) => [
      [name, (y: unknown) => named(name)(y, i)] as const,
      [name, (y: unknown) => named(name)(i, y)] as const,
    ]),
  ['bitwiseNot', named('bitwiseNot')],
  ['clip', (y) => named('clip')(y, 0, 1)],
  ['slice', (y) => named('slice')(y, [0])],
  ['bitcast', (y) => named('bitcast')(y, 'int32')],
  ['conv', (y) => named('conv')(y, zeros([1, 1, 1]))],
  ['conv', (y) => named('conv')(zeros([1, 1, 1]), y)],
  ['convTranspose', (y) => named('convTranspose')(y, zeros([1, 1, 1]))],
  ['convTranspose', (y) => named('convTranspose')(zeros([1, 1, 1]), y)],
  ['maxPool', (y) => named('maxPool')(y, { size: 1 })],
  ['avgPool', (y) => named('avgPool')(y, { size: 1 })],
  ['gridSample', (y) => named('gridSample')(y, zeros([1, 1, 1, 2]))],
  ['gridSample', (y) => named('gridSample')(zeros([1, 1, 1, 1]), y)],
  ...'gammainc gammaincc'
    .split(' ')
    .flatMap((name) => [
      [name, (y: unknown) => named(name)(y, v)] as const,
      [name, (y: unknown) => named(name)(v, y)] as const,
    ]),
  ['betainc', (y) => named('betainc')(y, v, v)],
  ['betainc', (y) => named('betainc')(v, v, y)],
  ...'cholesky det diagonal expm inv lu qr slogdet norm trace tril triu'
    .split(' ')
    .map((name) => [`linalg.${name}`, named(`linalg.${name}`)] as const),
  ['linalg.matrixPower', (y) => named('linalg.matrixPower')(y, 2)],
  ...'kron lstsq outer solve triangularSolve'
    .split(' ')
    .flatMap((name) => [
      [`linalg.${name}`, (y: unknown) => named(`linalg.${name}`)(y, i)] as const,
      [`linalg.${name}`, (y: unknown) => named(`linalg.${name}`)(i, y)] as const,
    ]),
  ['where', (y) => named('where')(y, v, v)],
  ['where', (y) => named('where')(mask, y, v)],
  ['where', (y) => named('where')(mask, v, y)],
  ['take', (y) => named('take')(y, i)],
  ['take', (y) => named('take')(v, y)],
  ['gather', (y) => named('gather')(y, i)],
  ['gather', (y) => named('gather')(v, y)],
  ['scatter', (y) => named('scatter')(y, i, v)],
  ['scatter', (y) => named('scatter')(v, y, v)],
  ['scatter', (y) => named('scatter')(v, i, y)],
  ['segmentSum', (y) => named('segmentSum')(y, i, { count: 2 })],
  ['segmentSum', (y) => named('segmentSum')(v, y, { count: 2 })],
  ['segmentMax', (y) => named('segmentMax')(y, i, { count: 2 })],
  ['segmentMax', (y) => named('segmentMax')(v, y, { count: 2 })],
  ['searchsorted', (y) => named('searchsorted')(y, v)],
  ['searchsorted', (y) => named('searchsorted')(v, y)],
  ['concatenate', (y) => named('concatenate')([v, y])],
  ['stack', (y) => named('stack')([v, y])],
  ['einsum', (y) => named('einsum')('i,i->', v, y)],
  ['reshape', (y) => named('reshape')(y, [1])],
  ['broadcastTo', (y) => named('broadcastTo')(y, [1])],
  ['expandDims', (y) => named('expandDims')(y, 0)],
  ['moveAxis', (y) => named('moveAxis')(y, 0, 0)],
  ['split', (y) => named('split')(y, 1)],
  ['tile', (y) => named('tile')(y, [1])],
  ['pad', (y) => named('pad')(y, [])],
  ['roll', (y) => named('roll')(y, 1)],
  ...'eigh eigvalsh svd svdvals pinv cond matrixRank'
    .split(' ')
    .map((name) => [`linalg.${name}`, named(`linalg.${name}`)] as const),
  ['linalg.matrixFunction', (y) => named('linalg.matrixFunction')((w: unknown) => w, y)],
  ['topK', (y) => named('topK')(y, 1)],
  ['oneHot', (y) => named('oneHot')(y, 1)],
  ['dynamicSlice', (y) => named('dynamicSlice')(y, [0], [1])],
  ['dynamicSlice', (y) => named('dynamicSlice')(v, y, [1])],
  ['dynamicUpdateSlice', (y) => named('dynamicUpdateSlice')(y, v, [0])],
  ['dynamicUpdateSlice', (y) => named('dynamicUpdateSlice')(v, y, [0])],
  ['polygamma', (y) => named('polygamma')(1, y)],
  [
    'cond',
    (y) =>
      named('cond')(
        y,
        (z: unknown) => z,
        (z: unknown) => z,
        v,
      ),
  ],
  ['switchCase', (y) => named('switchCase')(y, [(z: unknown) => z], v)],
  ...'fft ifft fft2 ifft2 fftn ifftn rfft irfft rfft2 irfft2 rfftn irfftn fftshift ifftshift'
    .split(' ')
    .map((name) => [`fft.${name}`, named(`fft.${name}`)] as const),
  ['fft.fft', (y) => named('fft.fft')({ re: y, im: v })],
  ['fft.irfft', (y) => named('fft.irfft')({ re: v, im: y })],
  ['fft.fftconvolve', (y) => named('fft.fftconvolve')(y, v)],
  ['fft.fftconvolve', (y) => named('fft.fftconvolve')(v, y)],
  ...'conj abs abs2 angle'
    .split(' ')
    .map((name) => [`complex.${name}`, named(`complex.${name}`)] as const),
  ...'mul div fromPolar'
    .split(' ')
    .flatMap((name) => [
      [`complex.${name}`, (y: unknown) => named(`complex.${name}`)(y, v)] as const,
      [`complex.${name}`, (y: unknown) => named(`complex.${name}`)(v, y)] as const,
    ]),
  ['random.bits', (y) => named('random.bits')(y, [2])],
  ['random.split', (y) => named('random.split')(y)],
  ['random.keys', (y) => named('random.keys')(y, 2)],
  ['random.foldIn', (y) => named('random.foldIn')(y, 1)],
  ['random.foldIn', (y) => named('random.foldIn')(key, y)],
  ...'uniform normal exponential gumbel bernoulli'
    .split(' ')
    .map((name) => [`random.${name}`, (y: unknown) => named(`random.${name}`)(y)] as const),
  ['random.truncatedNormal', (y) => named('random.truncatedNormal')(y)],
  ...'gamma logGamma dirichlet'
    .split(' ')
    .flatMap((name) => [
      [`random.${name}`, (y: unknown) => named(`random.${name}`)(y, v)] as const,
      [`random.${name}`, (y: unknown) => named(`random.${name}`)(key, y)] as const,
    ]),
  ['random.beta', (y) => named('random.beta')(key, y, v)],
  ['random.beta', (y) => named('random.beta')(key, v, y)],
  ['random.categorical', (y) => named('random.categorical')(y, v)],
  ['random.categorical', (y) => named('random.categorical')(key, y)],
  ['random.randint', (y) => named('random.randint')(y, 0, 5)],
  ['random.permutation', (y) => named('random.permutation')(y, 5)],
  ['random.permutation', (y) => named('random.permutation')(key, y)],
];

describe('what is no tensor, in the place of one', () => {
  test.each(wrongValues)('is refused by every function: %s', (what, value) => {
    for (const [name, call] of operands) {
      expectMessage(
        name,
        errorOf(() => call(value)),
        what,
      );
    }
  });
});

/** Calls with a function in the place of which something else is put. */
const higherOrder: readonly (readonly [name: string, call: (f: unknown) => unknown])[] = [
  ...'grad valueAndGrad jit vmap checkpoint jacfwd jacrev sparseJacobian hessian program customJvp customVjp'
    .split(' ')
    .map((name) => [name, named(name)] as const),
  ['customJvp', (f) => named('customJvp')((y: unknown) => y, f)],
  ['customVjp', (f) => named('customVjp')((y: unknown) => y, { fwd: f, bwd: f })],
  ['jvp', (f) => named('jvp')(f, [v], [v])],
  ['vjp', (f) => named('vjp')(f, v)],
  ['linearize', (f) => named('linearize')(f, v)],
  ['linearTranspose', (f) => named('linearTranspose')(f, v)],
  ['hvp', (f) => named('hvp')(f, v, v)],
  ['explain', (f) => named('explain')(f, v)],
  ['scan', (f) => named('scan')(f, 0, v)],
  ['whileLoop', (f) => named('whileLoop')(f, (c: unknown) => c, 0)],
  ['whileLoop', (f) => named('whileLoop')(() => tensor(false), f, 0)],
  ['foriLoop', (f) => named('foriLoop')(0, 3, f, 0)],
  ['cond', (f) => named('cond')(true, f, (y: unknown) => y, v)],
  ['switchCase', (f) => named('switchCase')(0, [f], v)],
  ['map', (f) => named('map')(f, v)],
  ['associativeScan', (f) => named('associativeScan')(f, v)],
  ['callback', (f) => named('callback')(f, { shape: [], dtype: 'float64' }, v)],
  ['tree.map', (f) => named('tree.map')(f, v)],
  [
    'implicitRoot',
    (f) =>
      named('implicitRoot')(
        (y: unknown) => y,
        (y: unknown) => y,
        v,
        { linearSolve: f },
      ),
  ],
  ['implicitLinearSolve', (f) => named('implicitLinearSolve')(f, v, { solve: () => v })],
  ['implicitLinearSolve', (f) => named('implicitLinearSolve')((y: unknown) => y, v, { solve: f })],
];

describe('what is no function, in the place of one', () => {
  const values = wrongValues.filter(([what]) => what !== 'a function');
  test.each([...values, ['a tensor (float64 of shape [3])', v] as const])(
    'is refused by every transform and loop: %s',
    (what, value) => {
      for (const [name, call] of higherOrder) {
        const error = errorOf(() => call(value));
        expect(error.message.startsWith(name), `${name}: ${error.message}`).toBe(true);
        expect(error.message).toContain(what);
      }
    },
  );
});

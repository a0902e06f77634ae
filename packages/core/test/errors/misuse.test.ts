// What random misuse found: see `test/fuzz/misuse.ts`.

import * as core from '@grad/core';
import {
  ones,
  random,
  setDebug,
  setReproducible,
  sparse,
  type Tensor,
  tensor,
  tree,
} from '@grad/core';
import { allclose, checkGrads, dotProductTest, taylorTest } from '@grad/core/testing';
import { expect, test } from 'vitest';

const v = tensor([1, 2, 3]);
const f = (x: Tensor): Tensor => x.square();

/** A function called with what its type forbids. */
function wrongly(given: unknown, ...args: readonly unknown[]): () => unknown {
  return () => (typeof given === 'function' ? Reflect.apply(given, undefined, args) : given);
}

test('structures that contain themselves are refused', () => {
  const endless: unknown[] = [1];
  endless.push(endless);
  expect(() => tree.leaves(endless)).toThrow(/^tree: .* as where one contains itself/);
  expect(wrongly(core.jit(f), endless)).toThrow(TypeError);
  const deep = Array.from({ length: 900 }).reduce<unknown>((inner) => [inner], 1);
  expect(tree.leaves(deep)).toHaveLength(1);
});

test('leaves that are no array are refused', () => {
  const [, structure] = tree.flatten([v]);
  expect(wrongly(tree.unflatten, structure, 5)).toThrow(
    /^tree.unflatten: the leaves must be an array/,
  );
});

test('compressed rows that do not share out all entries are refused, sorted or not', () => {
  const rows = (indptr: number[]): (() => unknown) => {
    return () => sparse.csr({ shape: [3, 3], indptr, indices: [2, 1, 0], data: [1, 2, 3] });
  };
  expect(rows([0, 1, 99])).toThrow(/^sparse.csr: indptr of 3 rows has 4 elements/);
  expect(rows([0, 3, 1, 3])).toThrow(/^sparse.csr: indptr falls from 3 to 1 after row 1/);
  expect(rows([0, 3, 3, 3])).not.toThrow();
  const matrix = { indptr: [0], indices: [], data: [] };
  expect(wrongly(sparse.csr, { ...matrix, shape: {} })).toThrow(/^sparse.csr: the shape must be/);
  expect(wrongly(sparse.csr, { ...matrix, shape: [0, 0], indptr: null })).toThrow(
    /^sparse.csr: indptr is an array of whole numbers/,
  );
});

test('options of windows are checked', () => {
  const x = ones([1, 1, 4, 4]);
  const kernel = ones([1, 1, 2, 2]);
  expect(wrongly(core.conv, x, kernel, null)).toThrow(/^conv: options are an object/);
  expect(wrongly(core.conv, x, kernel, { strides: {} })).toThrow(/^conv: strides is an object/);
  expect(wrongly(core.conv, x, kernel, { groups: 1n })).toThrow(/^conv: groups must be a number/);
  expect(wrongly(core.convTranspose, x, kernel, null)).toThrow(/^convTranspose: options/);
  expect(wrongly(core.maxPool, x, null)).toThrow(/^maxPool: options are an object/);
  expect(wrongly(core.avgPool, x, { size: 2, padding: {} })).toThrow(/^avgPool: padding is an obj/);
  expect(wrongly(core.avgPool, x, { size: 2, dilation: 2 })).toThrow(/no option 'dilation'/);
  const grid = core.zeros([1, 2, 2, 2]);
  expect(wrongly(core.gridSample, x, grid, { padding: '' })).toThrow(/^gridSample: the padding/);
});

test('switches take booleans only', () => {
  expect(wrongly(setDebug, { nans: 1 })).toThrow(/^setDebug: nans must be true or false/);
  expect(wrongly(setReproducible, 1)).toThrow(/^setReproducible: the argument must be true or/);
});

test('random numbers name themselves where a dtype or a shape is wrong', () => {
  const key = random.key(0);
  for (const name of ['gamma', 'logGamma', 'dirichlet'] as const) {
    const wrong = { dtype: 'int32' };
    expect(wrongly(random[name], key, v, [3], wrong)).toThrow(`random.${name}: the dtype`);
  }
  expect(wrongly(random.beta, key, v, v, [3], { dtype: 'int32' })).toThrow(
    'random.beta: the dtype',
  );
  expect(wrongly(random.beta, 5, v, v)).toThrow('random.beta: the key');
  expect(wrongly(random.dirichlet, key, v, {})).toThrow('random.dirichlet: a shape is');
});

test('checks of derivatives look at what they are given', () => {
  expect(wrongly(checkGrads, undefined, [v])).toThrow(/^checkGrads: f must be a function/);
  expect(wrongly(checkGrads, f, v)).toThrow(/^checkGrads: the arguments must be an array/);
  expect(wrongly(checkGrads, f, [v], { modes: ['forward'] })).toThrow(/^checkGrads: a mode/);
  expect(wrongly(checkGrads, f, [v], { rtol: Number.NaN })).toThrow(/^checkGrads: rtol must be/);
  expect(wrongly(dotProductTest, f, v, null)).toThrow(/^dotProductTest: options/);
  expect(wrongly(taylorTest, f, v, { eps: {} })).toThrow(/^taylorTest: eps must be a number/);
  expect(wrongly(allclose, v, v, { atol: {} })).toThrow(/^allclose: atol must be a number/);
});

test('more elements than there can be are refused where they are named', () => {
  const types = { shape: [2 ** 40], dtype: 'float64' };
  expect(wrongly(core.callback, f, types, v)).toThrow(/^callback: shape \[1099511627776\] has an/);
});

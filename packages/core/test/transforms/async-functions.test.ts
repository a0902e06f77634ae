import {
  associativeScan,
  checkpoint,
  cond,
  customJvp,
  foriLoop,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  map,
  program,
  scan,
  switchCase,
  type Tensor,
  tensor,
  vjp,
  vmap,
  whileLoop,
} from '@grad/core';
import { expect, test } from 'vitest';

const x = tensor([1, 2, 3]);
const one = tensor(1);
const f = async (t: Tensor): Promise<Tensor> => t;
const two = async (t: Tensor, _: Tensor): Promise<Tensor> => t;

const transforms: readonly (readonly [name: string, call: () => unknown])[] = [
  ['jit', () => jit(f)(x)],
  ['vmap', () => vmap(f)(x)],
  ['vjp', () => vjp(f, x)],
  ['jvp', () => jvp(f, [x], [x])],
  ['linearize', () => linearize(f, x)],
  ['jacfwd', () => jacfwd(f)(x)],
  ['jacrev', () => jacrev(f)(x)],
  ['checkpoint', () => checkpoint(f)(x)],
  ['program', () => program(f)(x)],
  ['cond', () => cond(true, f, f, x)],
  ['switchCase', () => switchCase(0, [f], x)],
  // @ts-expect-error: the type refuses the ones that must give tensors too
  ['grad', () => grad(f)(one)],
  // @ts-expect-error
  ['hessian', () => hessian(f)(one)],
  // @ts-expect-error
  ['customJvp', () => customJvp(f, f)(x)],
  // @ts-expect-error
  ['scan', () => scan(two, one, x)],
  // @ts-expect-error
  ['whileLoop, its condition', () => whileLoop(f, (c) => c, one)],
  // @ts-expect-error
  ['whileLoop, its body', () => whileLoop((c) => c.lt(0), f, one)],
  // @ts-expect-error
  ['foriLoop', () => foriLoop(0, 3, two, one)],
  ['map', () => map(f, x)],
  // @ts-expect-error
  ['associativeScan', () => associativeScan(two, x)],
];

test.each(transforms)('%s refuses an async function', (_, call) => {
  expect(call).toThrow('the function is async');
});

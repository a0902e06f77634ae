import { type Arguments, grad, jit, type Tensor, tensor, valueAndGrad, vmap } from '@grad/core';
import { expectTypeOf, test } from 'vitest';

// Proved by the type checker: `npm run typecheck` fails where one of these is wrong.

interface Parameters {
  weights: Tensor;
  biases: Tensor[];
  activation: string;
}

const cube = (x: Tensor): Tensor => x.mul(x).mul(x);
const loss = (p: Parameters, x: Tensor): Tensor => p.weights.mul(x).sum();

test('a derivative is typed as the argument it is taken in', () => {
  expectTypeOf(grad(cube)).returns.toEqualTypeOf<Tensor>();
  expectTypeOf(grad(loss)).returns.toEqualTypeOf<Parameters>();
  expectTypeOf(grad(loss, { argnums: 1 })).returns.toEqualTypeOf<Tensor>();
  expectTypeOf(valueAndGrad(loss, { argnums: [0, 1] })).returns.toEqualTypeOf<
    [Tensor, [Parameters, Tensor]]
  >();
});

test('a derivative in numbers and arrays is one in tensors', () => {
  const f = (p: { scale: number; shifts: number[]; table: Float64Array }): Tensor =>
    tensor(p.scale).mul(p.shifts.length);
  expectTypeOf(grad(f)).returns.toEqualTypeOf<{
    scale: Tensor;
    shifts: Tensor[];
    table: Tensor;
  }>();
});

test('transforms of transformed functions keep their types', () => {
  expectTypeOf(grad(grad(jit(grad(cube))))).returns.toEqualTypeOf<Tensor>();
  expectTypeOf(grad(jit(loss))).returns.toEqualTypeOf<Parameters>();
  expectTypeOf(jit(vmap(grad(cube)))).returns.toEqualTypeOf<Tensor>();
});

test('a function without annotations is one of tensors, and numbers may be passed for them', () => {
  expectTypeOf(grad((x) => x.mul(x))).returns.toEqualTypeOf<Tensor>();
  expectTypeOf(grad(loss)).toBeCallableWith({ weights: 2, biases: [1], activation: 'tanh' }, 3);
});

test('an asynchronous call takes the arguments as an array, and promises the result', () => {
  const compiled = jit((p: Parameters, scale: number) => ({ scaled: p.weights.mul(scale) }));
  expectTypeOf(compiled.async).returns.toEqualTypeOf<Promise<{ scaled: Tensor }>>();
  expectTypeOf(compiled.async).parameter(0).toEqualTypeOf<Arguments<[Parameters, number]>>();
  expectTypeOf(jit((x) => x.mul(x)).async).toBeCallableWith([2], { signal: AbortSignal.abort() });
});

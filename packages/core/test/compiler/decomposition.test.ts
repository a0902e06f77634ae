import {
  type CallablePrimitive,
  definePrimitive,
  grad,
  jit,
  type Tensor,
  tensor,
} from '@grad/core';
import { expect, test } from 'vitest';

function decomposed(name: string, decompose: (x: Tensor) => Tensor): CallablePrimitive<1, object> {
  const primitive: CallablePrimitive<1, object> = definePrimitive({
    name,
    arity: 1,
    type: ([x]) => x,
    decompose: ([x]) => decompose(x),
    vmap: ([x]) => primitive(x),
  });
  return primitive;
}

test('a decomposition may contain any number', () => {
  const twist = decomposed('twist', (x) => x.mul(3.7).sub(x.mul(x).mul(1.25)));
  const x = tensor([0.5, -2, 4]);
  const total = (y: Tensor): Tensor => twist(y).sum();
  expect(jit(twist)(x).toArray()).toEqual([0.5, -2, 4].map((v) => v * 3.7 - v * v * 1.25));
  expect(jit(grad(total))(x).toArray()).toEqual([0.5, -2, 4].map((v) => 3.7 - 2 * v * 1.25));
});

test('a decomposition that closes over a tensor is an error that says what to do', () => {
  const weights = tensor([1, 2, 3]);
  const weigh = decomposed('weigh', (x) => x.mul(weights));
  expect(() => jit(weigh)(tensor([1, 1, 1]))).toThrow(/weigh: .* shape \[3\]; make it an operand/);
});

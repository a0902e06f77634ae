import {
  abs,
  type CallablePrimitive,
  definePrimitive,
  exp,
  grad,
  jit,
  log1p,
  type Tensor,
  tanh,
  tensor,
} from '@grad/core';

// log(cosh(x)). As written it overflows beyond 710, and its derivative is tanh(x), which the rules
// for log and cosh cannot know.
const logCosh: CallablePrimitive<1, object> = definePrimitive({
  name: 'logCosh',
  arity: 1,
  type: ([x]) => x,
  decompose: ([x]) =>
    abs(x)
      .sub(Math.LN2)
      .add(log1p(exp(abs(x).mul(-2)))),
  linearize: ([x]) => [logCosh(x), (dx) => dx.mul(tanh(x))],
  vmap: ([x]) => logCosh(x),
  samples: () => [
    { title: 'small and large', operands: [{ shape: [5], from: -900, to: 900 }], params: {} },
  ],
});

const total = (x: Tensor): Tensor => logCosh(x).sum();
const x = tensor([-1, 0, 1000]);
console.log(jit(total)(x).item().toFixed(10)); // → 999.7406336499
console.log(jit(grad(total))(x).toArray()); // → [ -0.7615941559557649, 0, 1 ]
console.log(grad(grad(total))(1).item().toFixed(10)); // → 0.4199743416

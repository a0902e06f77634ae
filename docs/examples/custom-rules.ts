import {
  clip,
  customJvp,
  customVjp,
  exp,
  grad,
  log1p,
  maximum,
  round,
  sigmoid,
  stopGradient,
  type Tensor,
  valueAndGrad,
} from '@grad/core';

// log(1 + e^x): e^1000 is infinite, and the rules divide infinity by infinity on the way.
const careless = (x: Tensor): Tensor => log1p(exp(x));
console.log(grad(careless)(1000).item()); // → 0

// The same function with the derivative that mathematics knows; both modes use it.
const softly: (x: Tensor) => Tensor = customJvp(
  (x: Tensor) => maximum(x, 0).add(log1p(exp(x.abs().neg()))),
  ([x], [dx]) => [softly(x), dx.mul(sigmoid(x))],
);
console.log(grad(softly)(1000).item()); // → 1
console.log(grad(grad(softly))(0).item()); // → 0.25

// The identity, through which no cotangent larger than 1 comes back.
const gently = customVjp((x: Tensor) => x, {
  fwd: (x: Tensor) => [x, null],
  bwd: (_, ct) => [clip(ct, -1, 1)],
});
console.log(grad((x: Tensor) => gently(x).pow(3))(5).item()); // → 1

// Rounding has the derivative 0; a straight-through estimate takes it for the identity.
const rounded = (x: Tensor): Tensor => x.add(stopGradient(round(x).sub(x)));
console.log(valueAndGrad((x: Tensor) => rounded(x).mul(2))(2.6).map((t) => t.item())); // → [ 6, 2 ]

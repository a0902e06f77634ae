import {
  grad,
  hessian,
  jacrev,
  jit,
  jvp,
  sin,
  stack,
  type Tensor,
  tensor,
  vjp,
  vmap,
} from '@grad/core';

// From polar to Cartesian coordinates.
const toPlane = (p: Tensor): Tensor => {
  const [r, angle] = [p.at(0), p.at(1)];
  return stack([r.mul(angle.cos()), r.mul(sin(angle))]);
};
const p = tensor([2, 0]);

const [, moved] = jvp(toPlane, [p], [tensor([0, 1])]);
console.log(moved.toArray()); // → [ 0, 2 ]
const [, pullback] = vjp(toPlane, p);
console.log(pullback(tensor([0, 1]))[0].toArray()); // → [ 0, 2 ]
console.log(jacrev(toPlane)(p).toArray()); // → [ [ 1, 0 ], [ 0, 2 ] ]

const energy = (q: Tensor): Tensor => q.square().sum().mul(0.5);
console.log(hessian((q: Tensor) => energy(toPlane(q)))(p).toArray()); // → [ [ 1, 0 ], [ 0, 0 ] ]

// One gradient for each row, compiled.
const rows = tensor([
  [1, 0],
  [3, 1],
]);
console.log(jit(vmap(grad(energy)))(rows).toArray()); // → [ [ 1, 0 ], [ 3, 1 ] ]

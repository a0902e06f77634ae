import { grad, jit, type Tensor, tensor } from '@grad/core';

const cube = (x: Tensor): Tensor => x.mul(x).mul(x);
const slope = grad(cube);
console.log(slope(2).item()); // → 12
console.log(grad(slope)(2).item()); // → 12

const squaredLength = (x: Tensor): Tensor => x.mul(x).sum();
console.log(jit(grad(squaredLength))(tensor([3, -4])).toArray()); // → [ 6, -8 ]

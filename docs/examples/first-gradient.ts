import { grad, type Tensor } from '@grad/core';

const cube = (x: Tensor): Tensor => x.mul(x).mul(x);

const slope = grad(cube);
const curvature = grad(slope);

console.log(slope(2).item()); // → 12
console.log(curvature(2).item()); // → 12

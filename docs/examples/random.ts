import { grad, random, type Tensor, vmap } from '@grad/core';

const [first, second] = random.split(random.key(42));
console.log(random.randint(first, 1, 7, [5]).toArray()); // → [ 5, 2, 1, 2, 5 ]
console.log(random.randint(first, 1, 7, [5]).toArray()); // → [ 5, 2, 1, 2, 5 ]
console.log(random.randint(second, 1, 7, [5]).toArray()); // → [ 1, 5, 2, 2, 5 ]

// The derivative of an expected value in a parameter of the distribution: with the same key, the
// sample is a function of the parameter.
const meanSquare = (scale: Tensor): Tensor =>
  random.normal(second, [100_000]).mul(scale).square().mean();
console.log(grad(meanSquare)(3).item().toFixed(1)); // → 6.0

// A batch of keys is mapped over like any other tensor.
const throws = vmap((key: Tensor) => random.randint(key, 1, 7, [2]).sum());
console.log(throws(random.keys(first, 4)).toArray()); // → [ 11, 4, 10, 4 ]

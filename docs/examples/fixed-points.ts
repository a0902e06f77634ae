import { grad, jacfwd, type Tensor, tensor } from '@grad/core';
import { bethe, exactIsing, meanField } from '@grad/iterators';

// Three spins in a row, with a field on the first.
const J = [
  [0, 1, 0],
  [1, 0, 0.5],
  [0, 0.5, 0],
];
const h = tensor([0.3, 0, 0]);
const { magnetization, status } = meanField({ J, h, beta: 0.8 });
console.log(status, magnetization.toString({ digits: 4 })); // → converged f64[3] [0.5507, 0.4743, 0.1875]

// The sum over all states, and Bethe's approximation, which is exact without cycles.
console.log(exactIsing({ J, h, beta: 0.8 }).magnetization.toString({ digits: 4 }));
// → f64[3] [0.2355, 0.1564, 0.05942]
console.log(bethe({ J, h, beta: 0.8 }).magnetization.toString({ digits: 4 }));
// → f64[3] [0.2355, 0.1564, 0.05942]

// How each spin answers to a field on each.
const susceptibility = jacfwd((field: Tensor) => bethe({ J, h: field, beta: 0.8 }).magnetization);
console.log(susceptibility(h).toString({ digits: 3 }));
// → f64[3,3] [[0.756, 0.502, 0.191], [0.502, 0.78, 0.297], [0.191, 0.297, 0.797]]

// The derivative of the free energy in a field is minus the magnetization.
const energy = (field: Tensor) => bethe({ J, h: field, beta: 0.8 }).freeEnergy;
console.log(grad(energy)(h).toString({ digits: 4 })); // → f64[3] [-0.2355, -0.1564, -0.05942]

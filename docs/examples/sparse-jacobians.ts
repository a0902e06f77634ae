import { jit, sparseJacobian, type Tensor, tensor } from '@grad/core';

// Squared distances between places, each measured from one place to another.
const from = tensor([0, 1, 2, 0], { dtype: 'int32' });
const to = tensor([1, 2, 3, 3], { dtype: 'int32' });
const measured = tensor([24, 1, 9, 26]);
const misfit = (places: Tensor): Tensor => {
  const between = places.take(from).sub(places.take(to));
  return between.square().sum({ axis: 1 }).sub(measured);
};

const jacobian = jit(sparseJacobian(misfit));
const places = tensor([
  [0, 0],
  [3, 4],
  [3, 5],
  [0, 5],
]);
const { data, pattern } = jacobian(places);
console.log(...pattern.shape, pattern.nnz); // → 4 8 16
console.log(...pattern.indptr); // → 0 4 8 12 16
console.log(...pattern.indices.slice(0, 4)); // → 0 1 2 3
console.log(data.at([0, 4]).toArray()); // → [ -6, -8, 6, 8 ]

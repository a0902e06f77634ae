import { grad, jit, sparse, sum, type Tensor, tensor } from '@grad/core';

// Five cells of a rod between ends that are held at 0, and the six faces between them: the difference
// across each face.
const rows = [0, 1, 1, 2, 2, 3, 3, 4, 4, 5];
const columns = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4];
const data = [1, -1, 1, -1, 1, -1, 1, -1, 1, -1];
const difference = sparse.coo({ shape: [6, 5], rows, columns, data });
const faceOf = tensor(rows, { dtype: 'int32' });

// What flows through a face is its conductivity times the difference there, and what flows out of a
// cell is what is put in.
const temperature = (conductivity: Tensor, heat: Tensor) => {
  const flow = { ...difference, data: difference.data.mul(conductivity.take(faceOf)) };
  const a = sparse.matmul(sparse.transpose(difference), flow);
  return sparse.solve(a, heat, { method: 'cholesky' });
};

const one = tensor([1, 1, 1, 1, 1, 1]);
const heat = tensor([1, 1, 1, 1, 1]);
const { x, converged } = temperature(one, heat);
console.log([...x.dataSync()].map((t) => t.toFixed(3))); // → [ '2.500', '4.000', '4.500', '4.000', '2.500' ]
console.log(converged.toArray()); // → true

// How all temperatures together change with each conductivity: minus the square of the difference.
const total = (k: Tensor) => sum(temperature(k, heat).x);
const slope = jit(grad(total))(one);
console.log([...slope.dataSync()].map((s) => s.toFixed(2)));
// → [ '-6.25', '-2.25', '-0.25', '-0.25', '-2.25', '-6.25' ]

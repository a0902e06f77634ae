import { lqr, optimalControl } from '@grad/control';
import { grad, matmul, stack, type Tensor, tensor } from '@grad/core';

// A cart from -1 to 0, at rest at both ends, with the least energy.
const cart = optimalControl({
  dynamics: (x, u) => stack([x.at(1), u.at(0)]),
  cost: (_x, u) => u.at(0).square().mul(0.5),
  initial: [-1, 0],
  terminal: [0, 0],
  horizon: 1,
});
const { status, cost, costates, hamiltonian } = await cart.solve({ intervals: 8 });
console.log(status, cost.toFixed(6)); // → converged 6.000000
// What another start would cost, for each unit of position and of speed.
console.log(costates.at(0).toString({ digits: 6 })); // → f64[2] [-12, -6]
console.log(hamiltonian.at(0).item().toFixed(4), hamiltonian.at(-1).item().toFixed(4)); // → -18.0000 -18.0000

// How the cost of a regulator depends on its mass.
const regulated = (mass: Tensor) => {
  const B = matmul(tensor([[0], [1]]), tensor(1).div(mass).reshape([1, 1]));
  const A = [
    [0, 1],
    [0, 0],
  ];
  const Q = [
    [1, 0],
    [0, 1],
  ];
  return lqr({ A, B, Q, R: [[1]] }, { time: 'continuous' }).P.at(0, 0);
};
console.log(grad(regulated)(1).item().toFixed(6)); // → 0.577350

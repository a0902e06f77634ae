import { mpc, optimalControl, rollout } from '@grad/control';
import { grad, stack, type Tensor, tensor, zeros } from '@grad/core';

// A cart from -1 to 0, at rest at both ends, with the least energy. Its mass is a parameter.
const cart = optimalControl({
  dynamics: (x, u, _t, { mass }) => stack([x.at(1), u.at(0).div(mass)]),
  cost: (_x, u) => u.at(0).square().mul(0.5),
  initial: [-1, 0],
  terminal: [0, 0],
  horizon: 1,
  parameters: { mass: 1 },
});
const { status, cost, costates, hamiltonian, gradients } = await cart.solve({ intervals: 8 });
console.log(status, cost.toFixed(6)); // → converged 6.000000
// What another start would cost, for each unit of position and of speed, and what another mass.
console.log(costates.at(0).toString({ digits: 6 })); // → f64[2] [-12, -6]
console.log(gradients?.parameters.mass.item().toFixed(6)); // → 12.000000
console.log(hamiltonian.at(0).item().toFixed(4), hamiltonian.at(-1).item().toFixed(4)); // → -18.0000 -18.0000

// In the least time, with a force of at most 1: full force forwards, then backwards.
const fast = await optimalControl({
  dynamics: (x, u) => stack([x.at(1), u.at(0)]),
  cost: () => tensor(1),
  initial: [-1, 0],
  terminal: [0, 0],
  bounds: { controls: { lower: [-1], upper: [1] } },
  freeFinalTime: 3,
}).solve();
console.log(fast.arcs.join(' '), fast.switches.map((t) => t.toFixed(6)).join(' ')); // → upper lower 1.000000 2.000000

// What controls lead to is a function like any other.
const oscillator = {
  dynamics: (x: Tensor, u: Tensor) =>
    stack([tensor(1).sub(x.at(1).square()).mul(x.at(0)).sub(x.at(1)).add(u.at(0)), x.at(0)]),
  cost: (x: Tensor, u: Tensor) => x.square().sum().add(u.square().sum()),
  initial: [0, 1],
  horizon: 10,
};
const slope = grad((u: Tensor) => rollout(oscillator, u).cost)(zeros([20, 1]));
console.log(slope.square().sum().sqrt().item().toFixed(6)); // → 8.130460

// Its control from a state that was measured.
const controller = mpc(oscillator);
const { control } = await controller.next([0.1, 0.9]);
console.log(control.item().toFixed(3)); // → -0.039

import { hvp, jit, type Tensor, tensor, vmap } from '@grad/core';
import { elasticity, elementCount, pNorm, rectangle, simp, solve } from '@grad/fem';

// A bracket of 12 by 8 elements, held on the left, pulled down at its lower right corner.
const mesh = rectangle({ width: 12, height: 8, cells: [12, 8] });
const bracket = (densities: Tensor, force: Tensor) =>
  solve(
    elasticity({
      mesh,
      young: simp(densities),
      poisson: 0.3,
      fixed: [{ on: 'left' }],
      loads: [{ at: 12, force }],
    }),
  );
const full = tensor(new Float64Array(elementCount(mesh)).fill(1));
const down = tensor([0, -1]);

// What it gives, and a smooth stand-in for its largest stress.
const { compliance, vonMises, reactions } = bracket(full, down);
console.log(compliance.item().toFixed(4), pNorm(vonMises, { p: 10 }).item().toFixed(4)); // → 22.1576 1.3335
console.log(reactions.sum({ axis: 0 }).at(1).item().toFixed(6)); // → 1.000000

// Three load cases at once.
const cases = tensor([
  [0, -1],
  [1, 0],
  [1, -1],
]);
const each = jit(vmap((force: Tensor) => bracket(full, force).compliance))(cases);
console.log([...each.dataSync()].map((c) => c.toFixed(4))); // → [ '22.1576', '9.2618', '13.4479' ]

// How the slopes in all densities change along a direction: one more solution or two, no matrix.
const ones = full.mul(-0.01);
const curvature = hvp((x: Tensor) => bracket(x, down).compliance, full, ones);
console.log(curvature.shape, curvature.sum().item().toFixed(4)); // → [ 96 ] -2.6589

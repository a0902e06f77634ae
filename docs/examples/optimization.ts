import { grad, implicitRoot, jacfwd, linalg, matmul, type Tensor, tensor } from '@grad/core';
import { adam, chain, clipByGlobalNorm, cosineDecay, fit, lbfgs, minimize } from '@grad/optim';

// Rosenbrock's valley, whose floor is curved.
const valley = ({ x, y }: { x: Tensor; y: Tensor }): Tensor =>
  y.sub(x.square()).square().mul(100).add(x.sub(1).square());
const lowest = await lbfgs(valley, { x: -1.2, y: 1 });
console.log(lowest.status, lowest.x.x.item().toFixed(6), lowest.x.y.item().toFixed(6)); // → converged 1.000000 1.000000

// Three shares of one sum, none below 0, with a mean return of 0.06 and the least variance.
const variance = tensor([
  [0.1, 0.02, 0],
  [0.02, 0.05, 0.01],
  [0, 0.01, 0.02],
]);
const returns = tensor([0.1, 0.06, 0.03]);
const best = await minimize((w: Tensor) => matmul(variance, w).mul(w).sum(), tensor([1, 1, 1]), {
  bounds: { lower: 0 },
  equalities: (w) => ({ whole: w.sum().sub(1), mean: w.mul(returns).sum().sub(0.06) }),
});
console.log(best.status, best.x.toString({ digits: 3 })); // → converged f64[3] [0.33, 0.229, 0.441]
// What a little more return would add to the variance.
console.log(best.multipliers.equalities?.mean.item().toFixed(4)); // → 0.7577

// Too much to ask for; the answer says what cannot be had, and by how much.
const greedy = await minimize((w: Tensor) => matmul(variance, w).mul(w).sum(), tensor([1, 1, 1]), {
  bounds: { lower: 0 },
  equalities: (w) => ({ whole: w.sum().sub(1), mean: w.mul(returns).sum().sub(0.2) }),
});
console.log(greedy.status, greedy.violated.map(({ name }) => name).join(' ')); // → infeasible equalities.mean equalities.whole

// A minimum is a root of the gradient, so it has a derivative in what the function depends on.
const ridge = (w: Tensor, penalty: Tensor): Tensor =>
  matmul(variance, w).sub(returns).square().sum().add(w.square().sum().mul(penalty));
const { x: found } = await lbfgs((w: Tensor) => ridge(w, tensor(0.01)), tensor([0, 0, 0]));
const minimum = (penalty: Tensor): Tensor =>
  implicitRoot(
    (w: Tensor, at) => grad((v: Tensor) => ridge(v, at))(w),
    () => found,
    penalty,
    { linearSolve: (matvec, b) => linalg.solve(jacfwd(matvec)(b), b) },
  );
const size = (penalty: Tensor): Tensor => minimum(penalty).square().sum();
console.log(grad(size)(0.01).item().toFixed(2)); // → -33.18

// Training in steps on batches, which a page survives: other tasks have their turn.
const { params, history } = await fit(
  ({ w }: { w: Tensor }, batch: Tensor) => batch.mul(w.sub(3)).square().mean(),
  { w: 0 },
  {
    optimizer: chain(
      clipByGlobalNorm(1),
      adam({ learningRate: cosineDecay({ init: 0.2, steps: 200 }) }),
    ),
    batches: () => [tensor([1, 2]), tensor([2, 4])],
    epochs: 100,
  },
);
console.log(history.losses.length, params.w.item().toFixed(2)); // → 200 3.00

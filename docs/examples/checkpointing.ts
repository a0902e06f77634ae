import {
  checkpoint,
  checkpointName,
  explain,
  grad,
  jit,
  type LoopCheckpoint,
  roll,
  scan,
  type Tensor,
  tanh,
  tensor,
  whileLoop,
} from '@grad/core';

// Lorenz's model of eight variables on a circle, and how its end depends on its start.
const step = (x: Tensor): Tensor => {
  const slope = roll(x, -1).sub(roll(x, 2)).mul(roll(x, 1)).sub(x).add(8);
  return x.add(slope.mul(0.001));
};
const start = tensor([8, 8, 8, 8.01, 8, 8, 8, 8]);
const gradient = (checkpoint: LoopCheckpoint) =>
  jit(
    grad((x: Tensor) =>
      scan((c: Tensor) => [step(c), null], x, null, { length: 1000, checkpoint })[0].sum(),
    ),
  );

const all = gradient('store');
const ten = gradient(10);
const same = all(start)
  .dataSync()
  .every((value, i) => value === ten(start).at(i).item());
console.log(same); // → true

// The working memory of the compiled calls, in KiB.
const memory = (f: typeof all): number =>
  Math.floor(Number(/([\d.]+) KiB of workspace/.exec(explain(f, start))?.[1]));
console.log(memory(all), memory(ten)); // → 62 1

// A loop until something holds: as many states as the square root of its steps.
const rest = (x: Tensor): Tensor =>
  whileLoop(
    (c) => c.square().sum().gt(1e-4),
    (c) => c.sub(tanh(c).mul(0.01)),
    x,
    { checkpoint: 'online' },
  ).sum();
console.log(
  grad(rest)(tensor([0.5, 1]))
    .at(0)
    .item() > 0,
); // → true

// A function that keeps one value by its name, and computes the others again.
const layer = (x: Tensor, w: Tensor): Tensor => {
  const hidden = checkpointName(tanh(w.matmul(x)), 'hidden');
  return tanh(w.matmul(hidden)).mul(hidden).sum();
};
const lean = checkpoint(layer, { policy: { names: ['hidden'] } });
const weights = tensor([
  [0.5, 0],
  [0, 0.5],
]);
console.log(`${grad(lean)(tensor([1, 2]), weights)}`); // → f64[2] [0.17544923, 0.14571195]

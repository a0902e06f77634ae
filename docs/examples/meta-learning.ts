import { grad, jit, random, type Tensor, tensor } from '@grad/core';
import { implicitMaml, maml, metaSgd, sinusoids } from '@grad/meta';
import { mlp, mse } from '@grad/nn';
import { adam, fit } from '@grad/optim';

// Sine curves of any amplitude and phase, ten points to learn from and ten to be judged by.
const model = mlp([1, 40, 40, 1]);
const theta = model.init(random.key(0));
const loss = (params: typeof theta, { x, y }: { x: Tensor; y: Tensor }): Tensor =>
  mse(model.apply(params, x), y);

// A start, and a step size for each weight, that one step is good with.
const learner = metaSgd(loss, { innerSteps: 1 });
const begin = learner.init(theta, 0.01);
const { params: learned } = await fit(
  (meta: typeof begin, _: number, { key }) =>
    learner.batch(meta, sinusoids(key, { tasks: 25 })).loss,
  begin,
  { optimizer: adam({ learningRate: 1e-3 }), batches: () => Array(200).keys() },
);
const fresh = sinusoids(random.key(1), { tasks: 500, queries: 50 });
const [before, after] = [begin, learned].map((meta) => learner.batch(meta, fresh).loss.item());
console.log(Number(after) < 0.8 * Number(before)); // → true

// The derivative through one step on a parabola, in the start and in the step size.
const parabola = (w: Tensor, center: Tensor): Tensor => w.sub(center).square();
const task = { support: 1, query: 3 };
const judged = (w: Tensor, rate: Tensor): Tensor =>
  maml(parabola, { innerSteps: 1, innerLearningRate: rate })(w, task).loss;
const [inStart, inRate] = jit(grad(judged, { argnums: [0, 1] }))(0, 0.25);
console.log(judged(tensor(0), tensor(0.25)).item(), inStart.item(), inRate.item()); // → 6.25 -2.5 -10

// The same of a minimum: (w - 1)^2 with a pull of weight 2 towards the start is least half-way.
const halfway = implicitMaml(parabola, { innerSteps: 100, innerLearningRate: 0.2, lambda: 2 });
const { loss: there, params } = halfway(0, task);
console.log(params.item().toFixed(6), there.item().toFixed(6)); // → 0.500000 6.250000
console.log(
  grad((w: Tensor) => halfway(w, task).loss)(0)
    .item()
    .toFixed(6),
); // → -2.500000

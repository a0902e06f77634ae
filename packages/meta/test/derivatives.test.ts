import {
  explain,
  grad,
  hvp,
  jit,
  type LoopCheckpoint,
  random,
  type Tensor,
  tensor,
  tree,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { anil, implicitMaml, maml, reptile, sinusoids, unrolledHyperGradient } from '@grad/meta';
import { mlp, mse } from '@grad/nn';
import { adam, chain, clipByGlobalNorm, sgd } from '@grad/optim';
import { describe, expect, test } from 'vitest';

const model = mlp([1, 6, 1], { dtype: 'float64', activation: (x) => x.tanh() });
type Params = ReturnType<typeof model.init>;
interface Points {
  x: Tensor;
  y: Tensor;
}
const loss = (params: Params, { x, y }: Points): Tensor => mse(model.apply(params, x), y);
const theta = model.init(random.key(1));
const { support, query } = sinusoids(random.key(2), { tasks: 3, shots: 5, dtype: 'float64' });
const tasks = { support, query };
const nth = (i: number) => ({
  support: { x: support.x.at(i), y: support.y.at(i) },
  query: { x: query.x.at(i), y: query.y.at(i) },
});

/** The largest difference of two trees. */
const difference = (left: unknown, right: unknown): number =>
  tree.ravel(left)[0].sub(tree.ravel(right)[0]).abs().max().item();

describe('derivatives of a network agree with differences', () => {
  test('through steps of momentum, clipping and Adam, in the start and in rates', () => {
    const f = (start: Params, rate: Tensor): Tensor => {
      const optimizer = chain(clipByGlobalNorm(1), adam({ learningRate: rate, epsRoot: 1e-8 }));
      const heavy = sgd({ learningRate: rate, momentum: 0.9 });
      const one = maml(loss, { innerSteps: 3, optimizer }).batch(start, tasks).loss;
      return one.add(maml(loss, { innerSteps: 3, optimizer: heavy }).batch(start, tasks).loss);
    };
    checkGrads(f, [theta, tensor(0.02)], { order: 1 });
  });

  test('of second order, through steps of gradient descent', () => {
    const learner = maml(loss, { innerSteps: 2, innerLearningRate: 0.05, checkpoint: 'recompute' });
    checkGrads((start: Params) => learner(start, nth(0)).loss, [theta], { order: 2 });
  });

  test('at a minimum, by implicit gradients', () => {
    const f = (start: Params, lambda: Tensor): Tensor =>
      implicitMaml(loss, {
        innerSteps: 2000,
        innerLearningRate: 0.1,
        lambda,
        cgSteps: 40,
        cgTolerance: 1e-14,
      })(start, nth(1)).loss;
    checkGrads(f, [theta, tensor(3)], { order: 1 });
  });

  test('of an adapted head alone, in body and head', () => {
    const learner = anil(
      ({ body, head }: { body: Tensor; head: Tensor }, { x, y }: Points) =>
        mse(x.matmul(body).tanh().matmul(head), y),
      { innerSteps: 2, innerLearningRate: 0.1 },
    );
    const body = random.normal(random.key(5), [1, 4]);
    const head = random.normal(random.key(6), [4, 1]);
    const start = { body, head };
    checkGrads((at: typeof start) => learner.batch(at, tasks).loss, [start], { order: 1 });
    const { params } = learner(start, nth(0));
    expect(params.body.sub(body).abs().max().item()).toBe(0);
    expect(params.head.sub(head).abs().max().item()).toBeGreaterThan(1e-3);
  });
});

test('a batch of tasks is one task after the other', () => {
  const learner = maml(loss, { innerSteps: 2, innerLearningRate: 0.05 });
  const { losses, loss: mean, params } = learner.batch(theta, tasks);
  const each = [0, 1, 2].map((i) => learner(theta, nth(i)));
  each.forEach((one, i) => {
    expect(losses.at(i).item()).toBeCloseTo(one.loss.item(), 13);
    const ith = tree.map((leaf) => leaf.at(i), params);
    expect(difference(ith, one.params)).toBeLessThan(1e-14);
  });
  expect(mean.item()).toBeCloseTo(losses.mean().item(), 14);
  const whole = jit(grad((at: Params) => learner.batch(at, tasks).loss))(theta);
  const plain = grad((at: Params) => learner.batch(at, tasks).loss)(theta);
  expect(difference(whole, plain)).toBeLessThan(1e-13);
});

test('one step is no loop, whatever is kept of steps, and gives the same bits', () => {
  const of = (checkpoint: LoopCheckpoint) => {
    const learner = maml(loss, { innerSteps: 1, innerLearningRate: 0.05, checkpoint });
    return jit(grad((start: Params) => learner.batch(start, tasks).loss));
  };
  expect(difference(of('store')(theta), of('recompute')(theta))).toBe(0);
  expect(explain(of('store'), theta)).not.toMatch('in order for');
  expect(explain(of('recompute'), theta)).not.toMatch('in order for');
});

test("Reptile's loss has the derivative of a distance, twice as well", () => {
  const learner = reptile(loss, { innerSteps: 2, innerLearningRate: 0.05 });
  const product = hvp((at: Params) => learner(at, nth(0)).loss, theta, theta);
  expect(difference(product, theta)).toBeLessThan(1e-15);
});

describe('with checkpoints', () => {
  const gradient = (innerSteps: number, checkpoint: LoopCheckpoint) => {
    const learner = maml(loss, { innerSteps, innerLearningRate: 0.01, checkpoint });
    return jit(grad((at: Params) => learner(at, nth(0)).loss));
  };
  const kibibytes = (f: ReturnType<typeof gradient>): number => {
    const [, size, unit] = /([\d.]+) ([KM])iB of workspace/.exec(explain(f, theta)) ?? [];
    return Number(size) * (unit === 'M' ? 1024 : 1);
  };

  test('memory does not grow with the number of inner steps', () => {
    const [ten, thousand] = [10, 1000].map((steps) => kibibytes(gradient(steps, 5)));
    expect(ten).toBeGreaterThan(0);
    expect(thousand).toBe(ten);
    expect(kibibytes(gradient(1000, 'store'))).toBeGreaterThan(20 * Number(thousand));
  });

  test('the gradient through 1000 steps is the same to the last bit', () => {
    const [few, all] = [gradient(1000, 5)(theta), gradient(1000, 'store')(theta)];
    expect(difference(few, all)).toBe(0);
    expect(tree.ravel(all)[0].abs().max().item()).toBeGreaterThan(1e-6);
  });
});

test('hyperparameters have the gradient of a ridge regression', () => {
  // One weight w, trained on (w - 2)^2 / 2 + penalty w^2 / 2, judged by (w - 1)^2 / 2.
  const steps = 50;
  const { value, gradient, params } = unrolledHyperGradient(
    (w: Tensor, { penalty }: { penalty: Tensor; rate: Tensor }) =>
      w.sub(2).square().add(w.square().mul(penalty)).div(2),
    (w: Tensor) => w.sub(1).square().div(2),
    { penalty: 0.5, rate: 0.1 },
    0,
    { steps, optimizer: ({ rate }) => sgd({ learningRate: rate }), checkpoint: 5 },
  );
  const exact = (penalty: number, rate: number): number =>
    (2 / (1 + penalty)) * (1 - (1 - rate * (1 + penalty)) ** steps);
  const w = exact(0.5, 0.1);
  const share = (1 - 0.15) ** steps;
  const inRate = (2 / 1.5) * steps * 1.5 * (1 - 0.15) ** (steps - 1);
  const inPenalty = -(2 / 1.5 ** 2) * (1 - share) + (2 / 1.5) * steps * 0.1 * 0.85 ** (steps - 1);
  expect(params.item()).toBeCloseTo(w, 14);
  expect(value.item()).toBeCloseTo((w - 1) ** 2 / 2, 14);
  expect(gradient.rate.item()).toBeCloseTo((w - 1) * inRate, 14);
  expect(gradient.penalty.item()).toBeCloseTo((w - 1) * inPenalty, 14);
});

import { random, type Tensor } from '@grad/core';
import { maml, metaSgd } from '@grad/meta';
import { mlp, mse } from '@grad/nn';

/** Points of a curve: x and y of shape `[points, 1]`. */
export interface Points {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** The network of the paper: two hidden layers of 40, with ReLU between. */
export const model = mlp([1, 40, 40, 1]);
export type Params = ReturnType<typeof model.init>;

/** Weights to start from. */
export const fresh = (seed: number): Params => model.init(random.key(seed));

/** Mean squared error at points. */
export const loss = (params: Params, { x, y }: Points): Tensor => mse(model.apply(params, x), y);

/** The step size of the paper. */
export const rate = 0.01;
export const byMaml = maml(loss, { innerSteps: 1, innerLearningRate: rate });
export const byMetaSgd = metaSgd(loss, { innerSteps: 1 });

import { grad, jit, type Tensor } from '../../../packages/core/src/index.ts';
import { maml } from '../../../packages/meta/src/index.ts';
import { mlp, mse, type WeightParams } from '../../../packages/nn/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

interface Points {
  readonly x: Tensor;
  readonly y: Tensor;
}

export const prepare: Prepare = (inputs, options) => {
  const layer = (i: number): WeightParams => ({
    weight: given(inputs, `w${i}`),
    bias: given(inputs, `b${i}`),
  });
  const theta = { dense1: layer(0), dense2: layer(1), dense3: layer(2) };
  const model = mlp([1, ...Object.values(theta).map(({ bias }) => bias?.size ?? 0)]);
  const loss = (params: typeof theta, { x, y }: Points): Tensor => mse(model.apply(params, x), y);
  const learner = maml(loss, {
    innerSteps: 1,
    innerLearningRate: numberOf(options, 'innerLearningRate'),
  });
  const gradient = jit(
    grad(
      (at: typeof theta, support: Points, query: Points) =>
        learner.batch(at, { support, query }).loss,
    ),
  );
  const support = { x: given(inputs, 'supportX'), y: given(inputs, 'supportY') };
  const query = { x: given(inputs, 'queryX'), y: given(inputs, 'queryY') };
  return calling(() => gradient(theta, support, query));
};

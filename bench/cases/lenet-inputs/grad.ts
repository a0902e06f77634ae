import { jit, relu, type Tensor } from '../../../packages/core/src/index.ts';
import {
  activation,
  conv2d,
  flatten,
  maxPooling,
  mlp,
  sequential,
} from '../../../packages/nn/src/index.ts';
import { integratedGradients, network, pgd } from '../../../packages/vision/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

const model = sequential({
  conv1: conv2d(1, 6, 5),
  relu1: activation(relu),
  pool1: maxPooling(2),
  conv2: conv2d(6, 16, 5),
  relu2: activation(relu),
  pool2: maxPooling(2),
  flatten: flatten(),
  head: mlp([256, 120, 84, 10]),
});

export const prepare: Prepare = (inputs, options) => {
  const layer = (weight: string, bias: string) => ({
    weight: given(inputs, weight),
    bias: given(inputs, bias),
  });
  const lenet = network(model, {
    conv1: layer('k0', 'c0'),
    conv2: layer('k1', 'c1'),
    head: { dense1: layer('w0', 'b0'), dense2: layer('w1', 'b1'), dense3: layer('w2', 'b2') },
  });
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const number = (name: string): number => numberOf(options, name);
  const f =
    options['method'] === 'pgd'
      ? (x: Tensor, y: Tensor) =>
          pgd(lenet, x, y, {
            eps: number('eps'),
            steps: number('steps'),
            stepSize: number('stepSize'),
          })
      : (x: Tensor, y: Tensor) =>
          integratedGradients(lenet, x, { target: y, steps: number('nodes') }).attribution;
  const compiled = jit(f);
  return calling(() => compiled(x, y));
};

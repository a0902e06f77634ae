import {
  conv,
  grad,
  jit,
  logSoftmax,
  matmul,
  maxPool,
  oneHot,
  relu,
  type Tensor,
} from '../../../packages/core/src/index.ts';
import { elements, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

/** A kernel or matrix and what is added. */
interface Layer {
  readonly w: Tensor;
  readonly b: Tensor;
}

interface LeNet {
  readonly convolutions: readonly Layer[];
  readonly layers: readonly Layer[];
}

function loss({ convolutions, layers }: LeNet, x: Tensor, y: Tensor): Tensor {
  const features = convolutions.reduce((h, { w, b }) => {
    const linear = conv(h, w).add(b.reshape([-1, 1, 1]));
    return maxPool(relu(linear), { size: 2 });
  }, x);
  const flat = features.reshape([x.shape[0] ?? 0, -1]);
  const logits = layers.reduce((h, { w, b }, i) => {
    const linear = matmul(h, w).add(b);
    return i < layers.length - 1 ? relu(linear) : linear;
  }, flat);
  const chosen = oneHot(y, 10, { dtype: 'float32' });
  return logSoftmax(logits, { axis: 1 }).mul(chosen).sum({ axis: 1 }).mean().neg();
}

export const prepare: Prepare = (inputs, options) => {
  const rate = numberOf(options, 'learningRate');
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const descend = (layers: readonly Layer[], slopes: readonly Layer[]): Layer[] =>
    layers.map(({ w, b }, i) => {
      const slope = slopes[i];
      return slope ? { w: w.sub(slope.w.mul(rate)), b: b.sub(slope.b.mul(rate)) } : { w, b };
    });
  const step = jit((model: LeNet, x: Tensor, y: Tensor): LeNet => {
    const slopes = grad(loss)(model, x, y);
    return {
      convolutions: descend(model.convolutions, slopes.convolutions),
      layers: descend(model.layers, slopes.layers),
    };
  });
  const layer = (w: string, b: string): Layer => ({ w: given(inputs, w), b: given(inputs, b) });
  let model: LeNet = {
    convolutions: [0, 1].map((i) => layer(`k${i}`, `c${i}`)),
    layers: [0, 1, 2].map((i) => layer(`w${i}`, `b${i}`)),
  };
  return {
    run: () => {
      model = step(model, x, y);
    },
    output: () =>
      elements([model.convolutions, model.layers].map((part) => part.map(({ w, b }) => [w, b]))),
  };
};

import {
  grad,
  jit,
  logSoftmax,
  matmul,
  oneHot,
  relu,
  type Tensor,
} from '../../../packages/core/src/index.ts';
import { elements, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export interface Layer {
  readonly w: Tensor;
  readonly b: Tensor;
}

export function loss(layers: readonly Layer[], x: Tensor, y: Tensor): Tensor {
  const logits = layers.reduce((h, { w, b }, i) => {
    const linear = matmul(h, w).add(b);
    return i < layers.length - 1 ? relu(linear) : linear;
  }, x);
  const chosen = oneHot(y, 10, { dtype: 'float32' });
  return logSoftmax(logits, { axis: 1 }).mul(chosen).sum({ axis: 1 }).mean().neg();
}

export const prepare: Prepare = (inputs, options) => {
  const rate = numberOf(options, 'learningRate');
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const step = jit((layers: readonly Layer[], x: Tensor, y: Tensor) => {
    const slopes = grad(loss)(layers, x, y);
    return layers.map(({ w, b }, i) => {
      const slope = slopes[i];
      return slope ? { w: w.sub(slope.w.mul(rate)), b: b.sub(slope.b.mul(rate)) } : { w, b };
    });
  });
  let layers: readonly Layer[] = [0, 1, 2].map((i) => ({
    w: given(inputs, `w${i}`),
    b: given(inputs, `b${i}`),
  }));
  return {
    run: () => {
      layers = step(layers, x, y);
    },
    output: () => elements(layers.map(({ w, b }) => [w, b])),
  };
};

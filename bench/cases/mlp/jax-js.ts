import { blockUntilReady, grad, jit, nn, numpy as np } from '@jax-js/jax';
import { given } from '../../src/peers/start-jax-js.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

function loss(layers: np.Array[], x: np.Array, y: np.Array): np.Array {
  const [w0, b0, w1, b1, w2, b2] = layers as [
    np.Array,
    np.Array,
    np.Array,
    np.Array,
    np.Array,
    np.Array,
  ];
  const h0 = nn.relu(np.matmul(x, w0).add(b0));
  const h1 = nn.relu(np.matmul(h0, w1).add(b1));
  const logits = np.matmul(h1, w2).add(b2);
  return nn.logSoftmax(logits).mul(nn.oneHot(y, 10)).sum(1).mean().neg();
}

export const prepare: Prepare = (inputs, options) => {
  const rate = numberOf(options, 'learningRate');
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const step = jit((layers: np.Array[], x: np.Array, y: np.Array) => {
    const slopes = grad(loss)(
      layers.map((p) => p.ref),
      x,
      y,
    );
    return layers.map((p, i) => (slopes[i] ? p.sub(slopes[i].mul(rate)) : p));
  });
  let layers = [0, 1, 2].flatMap((i) => [given(inputs, `w${i}`), given(inputs, `b${i}`)]);
  return {
    run: async () => {
      layers = step(layers, x.ref, y.ref);
      await blockUntilReady(layers);
    },
    output: async () =>
      (await Promise.all(layers.map((p) => p.ref.data()))).flatMap((part) => [...part]),
  };
};

import { blockUntilReady, grad, jit, lax, nn, numpy as np } from '@jax-js/jax';
import { given } from '../../src/peers/start-jax-js.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

const names = ['k0', 'c0', 'k1', 'c1', 'w0', 'b0', 'w1', 'b1', 'w2', 'b2'] as const;

type Parameters = Record<(typeof names)[number], np.Array>;

function convolve(x: np.Array, kernel: np.Array, bias: np.Array): np.Array {
  const h = nn.relu(lax.conv(x, kernel, [1, 1], 'VALID').add(bias.reshape([-1, 1, 1])));
  const [n = 0, channels = 0, extent = 0] = h.shape;
  return np.max(h.reshape([n, channels, extent / 2, 2, extent / 2, 2]), [3, 5]);
}

function loss(p: Parameters, x: np.Array, y: np.Array): np.Array {
  const features = convolve(convolve(x, p.k0, p.c0), p.k1, p.c1);
  const flat = features.reshape([x.shape[0] ?? 0, -1]);
  const h0 = nn.relu(np.matmul(flat, p.w0).add(p.b0));
  const h1 = nn.relu(np.matmul(h0, p.w1).add(p.b1));
  const logits = np.matmul(h1, p.w2).add(p.b2);
  return nn.logSoftmax(logits).mul(nn.oneHot(y, 10)).sum(1).mean().neg();
}

const ofEach = (f: (name: (typeof names)[number]) => np.Array): Parameters => ({
  k0: f('k0'),
  c0: f('c0'),
  k1: f('k1'),
  c1: f('c1'),
  w0: f('w0'),
  b0: f('b0'),
  w1: f('w1'),
  b1: f('b1'),
  w2: f('w2'),
  b2: f('b2'),
});

export const prepare: Prepare = (inputs, options) => {
  const rate = numberOf(options, 'learningRate');
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const step = jit((parameters: Parameters, x: np.Array, y: np.Array) => {
    const slopes = grad(loss)(
      ofEach((name) => parameters[name].ref),
      x,
      y,
    );
    return ofEach((name) => parameters[name].sub(slopes[name].mul(rate)));
  });
  let parameters = ofEach((name) => given(inputs, name));
  return {
    run: async () => {
      parameters = step(parameters, x.ref, y.ref);
      await blockUntilReady(parameters);
    },
    output: async () => {
      const parts = await Promise.all(names.map((name) => parameters[name].ref.data()));
      return parts.flatMap((part) => [...part]);
    },
  };
};

import { grad, jit, random, relu, type Tensor, tree, where } from '@grad/core';
import {
  accuracy,
  activation,
  batchNorm,
  conv2d,
  crossEntropy,
  dense,
  globalMaxPooling,
  sequential,
} from '@grad/nn';

const model = sequential({
  conv: conv2d(1, 4, 3),
  norm: batchNorm(4),
  relu: activation(relu),
  pool: globalMaxPooling(),
  head: dense(4, 2),
});

// Noisy images of stripes: do they go along the rows or along the columns?
const labels = random.randint(random.key(1), 0, 2, [200]);
const rows = random.normal(random.key(2), [200, 1, 8, 1], { dtype: 'float32' });
const columns = rows.transpose([0, 1, 3, 2]);
const which = labels.reshape([200, 1, 1, 1]);
const noise = random.normal(random.key(3), [200, 1, 8, 8], { dtype: 'float32' });
const images = where(which.eq(0), rows, columns).add(noise.mul(0.3));

let params = model.init(random.key(4));
let state = model.initState();

const loss = (p: typeof params, s: typeof state, x: Tensor, y: Tensor) => {
  const [logits, next] = model.train(p, x, { state: s });
  return [crossEntropy(logits, y), next] as const;
};
const step = jit((p: typeof params, s: typeof state, x: Tensor, y: Tensor) => {
  const [slopes, next] = grad(loss, { hasAux: true })(p, s, x, y);
  return [tree.map((weight, slope) => weight.sub(slope.mul(0.1)), p, slopes), next] as const;
});
for (let i = 0; i < 200; i++) [params, state] = step(params, state, images, labels);

console.log(accuracy(model.apply(params, images, { state }), labels).item() > 0.95); // → true
console.log(params.conv.weight.shape, state.norm.mean.shape); // → [ 4, 1, 3, 3 ] [ 4 ]

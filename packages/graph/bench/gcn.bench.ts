import { jit, random, relu, type Tensor, valueAndGrad } from '@grad/core';
import { gcnConv, graphBatch } from '@grad/graph';
import { crossEntropy } from '@grad/nn';
import { expect, test } from 'vitest';

test('two convolutions over a graph of the size of Cora, and their gradient', async ({ bench }) => {
  const [nodes, edges, features, kinds] = [2708, 5278, 1433, 7];
  const [from, to] = random
    .split(random.key(1))
    .map((key) => random.randint(key, 0, nodes, [edges]).dataSync());
  const graph = graphBatch(
    [{ nodes, edges: Array.from({ length: edges }, (_, i) => [from?.[i] ?? 0, to?.[i] ?? 0]) }],
    { undirected: true },
  );
  const x = random.bernoulli(random.key(2), 0.01, [nodes, features]).astype('float32');
  const labels = random.randint(random.key(3), 0, kinds, [nodes]);
  const [hidden, last] = [gcnConv(features, 64), gcnConv(64, kinds)];
  const params = { hidden: hidden.init(random.key(4)), last: last.init(random.key(5)) };
  const loss = (p: typeof params): Tensor =>
    crossEntropy(last.apply(p.last, relu(hidden.apply(p.hidden, x, graph)), graph), labels).mean();
  const [value, gradient] = [jit(loss), jit(valueAndGrad(loss))];
  // Labels are drawn, so that nothing is known of them: ln 7 each, about.
  const found = value(params).item();
  expect(Math.abs(found - Math.log(kinds))).toBeLessThan(0.2);
  expect(gradient(params)[0].item()).toBeCloseTo(found, 5);
  await bench.compare(
    bench('loss', () => void value(params).item()),
    bench('loss and gradient', () => void gradient(params)[0].item()),
  );
});

import { grad, jit, random, type Tensor, tensor } from '@grad/core';
import { pagerank } from '@grad/iterators';
import { expect, test } from 'vitest';

test('the scores of 10,000 nodes with 100,000 links, and one score in every link', async ({
  bench,
}) => {
  const [nodes, links] = [10_000, 100_000];
  const [from, to] = random
    .split(random.key(1))
    .map((key) => random.randint(key, 0, nodes, [links]).dataSync());
  const edges = Array.from({ length: links }, (_, i): [number, number] => [
    from?.[i] ?? 0,
    to?.[i] ?? 0,
  ]);
  const weights = tensor(new Float64Array(links).fill(1));
  const scores = (w: Tensor): Tensor => pagerank(edges, w, { nodes, alpha: 0.85 }).scores;
  const forward = jit(scores);
  const gradient = jit(grad((w: Tensor) => scores(w).at(0)));
  expect(forward(weights).sum().item()).toBeCloseTo(1, 12);
  expect(gradient(weights).sum().item()).toBeCloseTo(0, 12);
  await bench.compare(
    bench('scores', () => void forward(weights).dataSync()),
    bench('derivatives', () => void gradient(weights).dataSync()),
  );
});

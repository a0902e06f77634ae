import { jit, type Tensor, tensor, valueAndGrad } from '@grad/core';
import { camera, icosphere, lambert, lookAt, pointLight, rasterize } from '@grad/render';
import { expect, test } from 'vitest';

test('a mesh of 1280 triangles on 128 by 128 pixels, and its derivative in every vertex', async ({
  bench,
}) => {
  const ball = icosphere(3);
  const view = camera({ width: 128, fovX: 0.8, pose: lookAt([0, 1, 4], [0, 0, 0]) });
  const light = pointLight({ position: [3, 4, 5], intensity: 100 });
  const brightness = (vertices: Tensor): Tensor =>
    rasterize({ ...ball, vertices }, view, {
      shade: (surface) => lambert({ surface, albedo: [0.8, 0.5, 0.3], lights: [light] }),
    }).image.mean();
  const [value, gradient] = [jit(brightness), jit(valueAndGrad(brightness))];
  const [found, slope] = gradient(ball.vertices);
  expect(found.item()).toBeCloseTo(value(ball.vertices).item(), 12);
  // Growing by h moves each vertex by h times itself.
  const h = 0.01;
  const [more, less] = [1 + h, 1 - h].map((size) => value(ball.vertices.mul(tensor(size))).item());
  const grown = slope.mul(ball.vertices).sum().item();
  expect(Math.abs(grown / (((more ?? 0) - (less ?? 0)) / (2 * h)) - 1)).toBeLessThan(0.05);
  await bench.compare(
    bench('picture', () => void value(ball.vertices).item()),
    bench('picture and derivatives', () => void gradient(ball.vertices)[0].item()),
  );
});

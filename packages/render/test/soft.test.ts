import { grad, hvp, jit, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { camera, createMesh, softRasterize } from '@grad/render';
import { describe, expect, test } from 'vitest';
import { ballWithOutline } from './ball-with-outline.ts';

describe('the soft outline of a ball', () => {
  // pi r^2 / (d^2 - r^2) at r = 1, d = 3, and its derivatives; of it a polygon of 32 sides covers a known share.
  const share = Math.sin((2 * Math.PI) / 32) / ((2 * Math.PI) / 32);
  const [exact, inRadius, inDistance] = [0.392699081699, 0.883572933822, -0.294524311274];
  const mesh = ballWithOutline(32, 3);
  const n = 48;

  test.each([0.3, 0.5, 1.5])('of softness %f has the known area and derivatives', (softness) => {
    const area = (r: Tensor, d: Tensor): Tensor => {
      const vertices = mesh.vertices.mul(r).add(tensor([0, 0, 1]).mul(d));
      const view = camera({ width: n, focal: n });
      return softRasterize({ ...mesh, vertices }, view, { softness })
        .opacity.sum()
        .div(n * n);
    };
    const [a, b] = jit(grad(area, { argnums: [0, 1] }))(1, 3);
    expect(Math.abs(jit(area)(1, 3).item() / share / exact - 1)).toBeLessThan(5e-3);
    expect(Math.abs(a.item() / share / inRadius - 1)).toBeLessThan(1e-2);
    expect(Math.abs(b.item() / share / inDistance - 1)).toBeLessThan(1e-2);
  });
});

describe('a soft picture', () => {
  const pair = createMesh({
    vertices: [
      [-1, -0.8, 3],
      [1.1, -0.7, 2.95],
      [0.1, 1.03, 3.2],
      [-0.6, -0.3, 2],
      [0.5, -0.35, 2.1],
      [0.05, 0.5, 1.95],
    ],
    faces: [
      [0, 2, 1],
      [3, 5, 4],
    ],
  });
  const view = camera({ width: 12, focal: 12 });
  const colors = tensor([
    [1, 0],
    [0, 1],
  ]);
  const seen = (vertices: Tensor, gamma = 0.01): Tensor =>
    softRasterize({ ...pair, vertices }, view, { colors, background: 0.3, gamma }).image;
  const weights = random.normal(random.key(3), [12, 12, 2]);
  const f = (vertices: Tensor): Tensor => seen(vertices, 0.3).mul(weights).sum();

  test('shows the nearer of two triangles, and behind all of them the background', () => {
    const image = seen(pair.vertices, 0.001);
    expect(image.at(6, 6).sub([0, 1]).abs().max().item()).toBeLessThan(1e-2);
    expect(image.at(0, 0).sub([0.3, 0.3]).abs().max().item()).toBeLessThan(1e-3);
  });

  test('has derivatives that agree with differences, compiled and in batches, of both orders', () => {
    checkGrads(f, [pair.vertices], { eps: 2 ** -17, rtol: 1e-4, order: 1 });
    const v = random.normal(random.key(5), [6, 3]);
    const h = 1e-6;
    const g = jit(grad(f));
    const difference = g(pair.vertices.add(v.mul(h)))
      .sub(g(pair.vertices.sub(v.mul(h))))
      .div(2 * h);
    const product = jit((x: Tensor) => hvp(f, x, v))(pair.vertices);
    const largest = (x: Tensor): number => x.abs().max().item();
    expect(largest(product)).toBeGreaterThan(1);
    expect(largest(product.sub(difference)) / largest(difference)).toBeLessThan(1e-6);
    const batch = tensor([0, 0.01]).reshape([2, 1, 1]).add(pair.vertices);
    expect(
      largest(
        vmap(g)(batch)
          .at(1)
          .sub(g(batch.at(1))),
      ),
    ).toBeLessThan(1e-10);
  });

  test('knows of what is hidden', () => {
    const behind = (z: Tensor): Tensor => {
      const moved = pair.vertices.add(
        tensor([
          [0, 0, 1],
          [0, 0, 1],
          [0, 0, 1],
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
        ]).mul(z),
      );
      return seen(moved, 0.3).at(6, 6, 0);
    };
    expect(Math.abs(grad(behind)(0).item())).toBeGreaterThan(1e-3);
  });

  test.each([
    [() => softRasterize(pair, view, { softness: 0 }), 'softness is 0; it must be above 0'],
    [() => softRasterize(pair, view, { gamma: -1 }), 'gamma is -1; it must be above 0'],
    [
      () => softRasterize(pair, view, { colors: [[1]] }),
      'colors has shape [1, 1]; [2, channels] is needed',
    ],
  ])('refuses what makes no sense: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

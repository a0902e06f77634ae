import { exp, jit, random, type Tensor, tensor, tree } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { adam, fit } from '@grad/optim';
import {
  camera,
  cameraRays,
  lookAt,
  type NerfParams,
  nerf,
  positionalEncoding,
  renderVolume,
} from '@grad/render';
import { describe, expect, test } from 'vitest';

describe('a positional encoding', () => {
  test('has coordinates, sines and cosines of doubled frequencies', () => {
    const x = tensor([0.3, -0.7]);
    const waves = [1, 2, 4].flatMap((k) => [
      Math.sin(0.3 * k),
      Math.sin(-0.7 * k),
      Math.cos(0.3 * k),
      Math.cos(-0.7 * k),
    ]);
    const found = positionalEncoding(x, 3);
    expect(
      found
        .sub([0.3, -0.7, ...waves])
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-15);
    expect(positionalEncoding(x, 0).toArray()).toEqual([0.3, -0.7]);
    checkGrads((y: Tensor) => positionalEncoding(y, 3), [x]);
  });
});

describe('a radiance field', () => {
  const model = nerf({ depth: 2, width: 16, pointFrequencies: 3, directionFrequencies: 1 });
  const range = { near: 2, far: 4, samples: 12, background: 1 };

  /** What a camera somewhere around sees of a ball of fog that is red below and blue above. */
  const photograph = (around: number) => {
    const eye = [3 * Math.cos(around), 0.5, 3 * Math.sin(around)];
    const rays = cameraRays(camera({ width: 8, fovX: 0.6, pose: lookAt(eye, [0, 0, 0]) }));
    const { color } = renderVolume(
      (points) => {
        const height = points.at(null, null, null, [1, 2]).mul(3).sigmoid();
        const red = tensor([0.9, 0.2, 0.1]);
        return {
          density: exp(points.square().sum({ axis: -1 }).mul(-6)).mul(8),
          color: red.add(height.mul(tensor([-0.8, 0.1, 0.8]))),
        };
      },
      rays,
      { ...range, samples: 60 },
    );
    return { rays, color: color.astype('float32') };
  };

  test('learns from views what another one shows', async () => {
    const views = [0, 1, 2, 3, 4, 5].map((k) => photograph(k));
    const loss = (
      params: NerfParams,
      view: (typeof views)[number],
      { key }: { key: Tensor },
    ): Tensor =>
      model
        .render(params, view.rays, { ...range, key })
        .color.sub(view.color)
        .square()
        .mean();
    const start = model.init(random.key(0));
    const { params, status } = await fit(loss, start, {
      optimizer: adam({ learningRate: 1e-2 }),
      batches: () => views,
      epochs: 40,
      key: random.key(1),
    });
    expect(status).toBe('completed');
    const other = photograph(2.5);
    const error = jit((p: NerfParams) =>
      model.render(p, other.rays, range).color.sub(other.color).square().mean(),
    );
    expect(error(start).item()).toBeGreaterThan(0.05);
    expect(error(params).item()).toBeLessThan(0.003);
  });

  test('has derivatives in its parameters, in float64 too', () => {
    const params = tree.map((x: Tensor) => x.astype('float64'), model.init(random.key(3)));
    const points = random.normal(random.key(4), [5, 3]);
    checkGrads(
      (p: NerfParams, x: Tensor) => {
        const { density, color } = model.apply(p, x, x.mul(0.5));
        return density.add(color.sum({ axis: -1 }));
      },
      [params, points],
      { order: 1, eps: 2 ** -16 },
    );
  });

  test.each([
    [{ width: 0 }, 'width is 0; give a whole number of 1 or more'],
    [{ pointFrequencies: -1 }, 'pointFrequencies is -1; give a whole number of 0 or more'],
  ])('refuses what makes no sense: %#', (options, message) => {
    expect(() => nerf(options)).toThrow(message);
  });

  test('refuses options that do not exist', () => {
    const options = { depth: 2, depths: 2 };
    expect(() => nerf(options)).toThrow("there is no option 'depths'");
  });
});

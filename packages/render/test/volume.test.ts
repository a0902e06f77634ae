import { grad, hvp, jit, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { composite, renderVolume, type VolumeField } from '@grad/render';
import { describe, expect, test } from 'vitest';

const rays = { origins: tensor([[0, 0, 0]]), directions: tensor([[0, 0, 1]]) };

/** The color of one channel along one ray through a constant field. */
const seen = (s: Tensor, c: Tensor, samples: number, key?: Tensor): Tensor => {
  const field: VolumeField = (points) => {
    const density = points.at(null, null, 0).mul(0).add(s);
    return { density, color: density.expandDims(-1).mul(0).add(c) };
  };
  const options = { near: 0.5, far: 2.5, samples, ...(key && { key }) };
  return renderVolume(field, rays, options).color.reshape([]);
};

describe.each([1, 2, 7, 64, 1000])('a constant density on %i intervals', (samples) => {
  const [s, c, length] = [0.7, 0.4, 2];

  test('gives c (1 - exp(-s L)), whether middles or random points are asked', () => {
    const exact = c * (1 - Math.exp(-s * length));
    expect(Math.abs(seen(tensor(s), tensor(c), samples).item() - exact)).toBeLessThan(1e-14);
    const drawn = seen(tensor(s), tensor(c), samples, random.key(3));
    expect(Math.abs(drawn.item() - exact)).toBeLessThan(1e-14);
  });

  test('has the derivatives c L exp(-s L) and 1 - exp(-s L)', () => {
    const f = (density: Tensor, color: Tensor): Tensor => seen(density, color, samples);
    for (const g of [grad(f, { argnums: [0, 1] }), jit(grad(f, { argnums: [0, 1] }))]) {
      const [inDensity, inColor] = g(s, c);
      expect(Math.abs(inDensity.item() - c * length * Math.exp(-s * length))).toBeLessThan(1e-14);
      expect(Math.abs(inColor.item() - (1 - Math.exp(-s * length)))).toBeLessThan(1e-14);
    }
  });
});

describe('a volume', () => {
  // One color before another: with s the same, what is behind comes through by exp(-s/2).
  test('hides what is behind as the density before it says', () => {
    const { color, opacity, weights } = composite([2, 2], [[1], [3]], 0.5);
    const through = Math.exp(-1);
    expect(color.item()).toBeCloseTo(1 - through + 3 * through * (1 - through), 14);
    expect(opacity.item()).toBeCloseTo(1 - through * through, 14);
    expect(weights.sum().item()).toBeCloseTo(opacity.item(), 14);
  });

  test('of a linear density comes to the integral as the square of the width', () => {
    // With density t and color 1 on [0, 2], C = 1 - exp(-2); with color t, the integral is done by parts.
    const field: VolumeField = (points) => {
      const t = points.at(null, null, 2);
      return { density: t, color: t.expandDims(-1) };
    };
    // Integral of t^2 exp(-t^2 / 2) from 0 to 2: sqrt(pi / 2) erf(sqrt 2) - 2 exp(-2).
    const exact = 1.1962880133226084 - 2 * Math.exp(-2);
    const errors = [16, 32, 64].map((samples) =>
      Math.abs(renderVolume(field, rays, { near: 0, far: 2, samples }).color.item() - exact),
    );
    expect(errors[2]).toBeLessThan(2e-4);
    expect((errors[0] ?? 0) / (errors[1] ?? 1)).toBeCloseTo(4, 1);
    expect((errors[1] ?? 0) / (errors[2] ?? 1)).toBeCloseTo(4, 1);
  });

  test('lets the background through', () => {
    const field: VolumeField = (points) => {
      const density = points.at(null, null, 0).mul(0).add(1);
      return { density, color: density.expandDims(-1).mul([0, 0, 0]) };
    };
    const { color } = renderVolume(field, rays, { near: 0, far: 1, background: [1, 2, 3] });
    const through = tensor([1, 2, 3]).mul(Math.exp(-1));
    expect(color.sub(through).abs().max().item()).toBeLessThan(1e-15);
  });

  test('asks one point of each interval, at random with a key', () => {
    const field: VolumeField = (points) => ({
      density: points.at(null, null, 2),
      color: points,
    });
    const at = (key?: Tensor): Tensor =>
      renderVolume(field, rays, { near: 1, far: 3, samples: 8, ...(key && { key }) }).distances;
    const places = at(random.key(1)).sub(1).div(0.25);
    const intervals = Array.from(places.dataSync(), Math.floor);
    expect(intervals).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(at().sub(1).div(0.25).toArray()).toEqual([[0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5]]);
    expect(
      at(random.key(1))
        .sub(at(random.key(2)))
        .abs()
        .min()
        .item(),
    ).toBeGreaterThan(0);
  });

  const density = random.uniform(random.key(4), [3, 5]).add(0.1);
  const color = random.uniform(random.key(5), [3, 5, 2]);
  const widths = random.uniform(random.key(6), [5]).add(0.1);

  test('has derivatives in density, color and widths of both orders', () => {
    checkGrads(
      (s: Tensor, c: Tensor, d: Tensor) => composite(s, c, d).color,
      [density, color, widths],
    );
  });

  test('is the same compiled and in batches, second derivatives too', () => {
    const f = (s: Tensor): Tensor => composite(s, color.at(0), widths).color.square().sum();
    const rows = vmap(grad(f))(density);
    expect(
      rows
        .at(2)
        .sub(grad(f)(density.at(2)))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-15);
    const [v, h] = [tensor([1, -1, 0.5, 2, 0]), 1e-5];
    const product = jit((s: Tensor) => hvp(f, s, v))(density.at(0));
    const g = grad(f);
    const difference = g(density.at(0).add(v.mul(h)))
      .sub(g(density.at(0).sub(v.mul(h))))
      .div(2 * h);
    expect(product.sub(difference).abs().max().item()).toBeLessThan(1e-9);
  });

  test.each([
    [() => composite([-1], [[1]], 1), 'element 0 of the density is -1; give 0 or more'],
    [() => composite([Number.NaN], [[1]], 1), 'element 0 of the density is NaN'],
    [() => composite([1], [[1]], -1), 'element 0 of the widths is -1'],
    [
      () =>
        renderVolume(() => ({ density: tensor(0), color: tensor(0) }), rays, { near: 2, far: 1 }),
      'near is 2 and far is 1; 0 <= near < far is needed',
    ],
    [
      () =>
        renderVolume(() => ({ density: tensor(0), color: tensor(0) }), rays, {
          near: 0,
          far: 1,
          samples: 0,
        }),
      'samples is 0; give a whole number of 1 or more',
    ],
  ])('refuses what makes no sense: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

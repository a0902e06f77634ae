import { grad, jit, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { areaLight, lambert, phong, pointLight } from '@grad/render';
import { describe, expect, test } from 'vitest';

const floor = { position: [[0, 0, 0]], normal: [[0, 1, 0]] };

describe("Lambert's surface under a point light", () => {
  // At the origin, facing up, with the light at (x, y, z): a I y / (pi (x^2 + y^2 + z^2)^(3/2)).
  const [x, y, z] = [0.6, 1.1, -0.4];
  const [a, intensity] = [0.35, 7];
  const seen = (albedo: Tensor, power: Tensor, at: Tensor): Tensor =>
    lambert({
      surface: floor,
      albedo,
      lights: [pointLight({ position: at, intensity: power })],
    }).reshape([]);
  const r2 = x * x + y * y + z * z;
  const value = (a * intensity * y) / (Math.PI * r2 ** 1.5);
  const args = [tensor(a), tensor(intensity), tensor([x, y, z])] as const;

  test('has the radiance of the cosine law', () => {
    expect(seen(...args).item()).toBeCloseTo(value, 15);
  });

  test('has exact gradients in albedo, intensity and position of the light', () => {
    for (const g of [grad(seen, { argnums: [0, 1, 2] }), jit(grad(seen, { argnums: [0, 1, 2] }))]) {
      const [inAlbedo, inIntensity, inPosition] = g(...args);
      expect(Math.abs(inAlbedo.item() - value / a)).toBeLessThan(1e-15);
      expect(Math.abs(inIntensity.item() - value / intensity)).toBeLessThan(1e-15);
      const exact = [(-3 * x) / r2, 1 / y - (3 * y) / r2, (-3 * z) / r2].map((k) => k * value);
      expect(inPosition.sub(exact).abs().max().item()).toBeLessThan(1e-15);
    }
  });

  test('has derivatives of second order, and in batches', () => {
    checkGrads(seen, [...args]);
    const places = random.uniform(random.key(0), [4, 3]).add([0, 0.5, 0]);
    const g = (at: Tensor): Tensor => grad((p: Tensor) => seen(args[0], args[1], p))(at);
    expect(
      vmap(g)(places)
        .at(3)
        .sub(g(places.at(3)))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-15);
  });

  test('is dark on the other side, without a gradient', () => {
    const below = tensor([x, -y, z]);
    expect(seen(args[0], args[1], below).item()).toBe(0);
    expect(
      grad((p: Tensor) => seen(args[0], args[1], p))(below)
        .abs()
        .max()
        .item(),
    ).toBe(0);
  });

  test('adds lights, ambient light, and leaves out what shadows take', () => {
    const light = pointLight({ position: [x, y, z], intensity: [intensity, 2 * intensity] });
    const both = lambert({ surface: floor, albedo: a, lights: [light, light], ambient: 0.5 });
    expect(
      both
        .sub([2 * value + a / 2, 4 * value + a / 2])
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-15);
    const shadow = (points: Tensor): Tensor => points.at(null, [0, 1]).mul(0).add(0.25);
    const shaded = lambert({ surface: floor, albedo: a, lights: [light], shadow });
    expect(shaded.at(0, 0).item()).toBeCloseTo(value / 4, 15);
  });
});

describe('a light with an area', () => {
  // A rectangle of sides p and q, parallel to the floor at the height h, with a corner above the point: its form
  // factor is (1 / 2 pi) (A / sqrt(1 + A^2) atan(B / sqrt(1 + A^2)) + the same with A and B exchanged), A = p / h,
  // B = q / h (Howell, A catalog of radiation heat transfer configuration factors, B-3).
  const [p, q, h] = [1.2, 0.8, 1.5];
  const half = (s: number, t: number): number =>
    (s / Math.sqrt(1 + s * s)) * Math.atan(t / Math.sqrt(1 + s * s));
  const factor = (half(p / h, q / h) + half(q / h, p / h)) / (2 * Math.PI);
  const seen = (n: number, radiance: Tensor | number = 3): number =>
    lambert({
      surface: floor,
      albedo: 0.5,
      lights: [
        areaLight({
          corner: [0, h, 0],
          sides: [
            [p, 0, 0],
            [0, 0, q],
          ],
          radiance,
          samples: [n, n],
        }),
      ],
    }).item();

  test('comes to the known form factor as the square of the number of samples', () => {
    const exact = 0.5 * 3 * factor;
    const errors = [4, 8, 16].map((n) => Math.abs(seen(n) - exact));
    expect(errors[0]).toBeLessThan(5e-3 * exact);
    expect((errors[0] ?? 0) / (errors[1] ?? 1)).toBeCloseTo(4, 1);
    expect((errors[1] ?? 0) / (errors[2] ?? 1)).toBeCloseTo(4, 1);
  });

  test('shines to one side, where the cross product of its sides points', () => {
    const turned = areaLight({
      corner: [0, h, 0],
      sides: [
        [0, 0, q],
        [p, 0, 0],
      ],
      radiance: 1,
    });
    expect(lambert({ surface: floor, albedo: 1, lights: [turned] }).item()).toBe(0);
  });

  test('has derivatives in corner, sides and radiance', () => {
    const f = (corner: Tensor, u: Tensor, v: Tensor, radiance: Tensor): Tensor =>
      lambert({
        surface: floor,
        albedo: 0.5,
        lights: [areaLight({ corner, sides: [u, v], radiance })],
      });
    checkGrads(f, [
      tensor([0.1, h, 0.2]),
      tensor([p, 0.1, 0]),
      tensor([0.2, 0, q]),
      tensor([1, 2]),
    ]);
  });
});

describe("Phong's surface", () => {
  const surface = { position: [[0, 0, 0]], normal: [[0, 1, 0]] };
  const light = (power: Tensor | number = Math.PI) =>
    pointLight({ position: [0, 2, 0], intensity: power });
  const seen = (eye: readonly number[], shininess: number): number =>
    phong({ surface, albedo: 0, specular: 0.3, shininess, eye, lights: [light()] }).item();

  test('shines in the mirrored direction and falls off as a power of the cosine', () => {
    const peak = ((0.3 * 22) / (2 * Math.PI)) * (Math.PI / 4);
    expect(seen([0, 5, 0], 20)).toBeCloseTo(peak, 14);
    expect(seen([3, 4, 0], 20)).toBeCloseTo(peak * 0.8 ** 20, 14);
  });

  test('gives back its specular share of light that falls on it straight', () => {
    // The sum over the hemisphere of f cos, by the midpoint rule in the cosine.
    const n = 400;
    const total = Array.from({ length: n }, (_, i) => {
      const c = (i + 0.5) / n;
      const s = Math.sqrt(1 - c * c);
      return (seen([s, c, 0], 20) / (Math.PI / 4)) * c * ((2 * Math.PI) / n);
    }).reduce((sum, part) => sum + part, 0);
    expect(total).toBeCloseTo(0.3, 4);
  });

  test('is that of Lambert where nothing is specular', () => {
    const options = { surface, albedo: [0.2, 0.4], lights: [light()] };
    const shiny = phong({ ...options, eye: [1, 1, 1], specular: 0, shininess: 5 });
    expect(shiny.sub(lambert(options)).abs().max().item()).toBe(0);
  });

  test('has derivatives in all it depends on, and none where the lobe points away', () => {
    const f = (n: Tensor, eye: Tensor, at: Tensor, specular: Tensor, shininess: Tensor): Tensor =>
      phong({
        surface: { position: [[0, 0, 0]], normal: n },
        albedo: 0.1,
        specular,
        shininess,
        eye,
        lights: [pointLight({ position: at, intensity: 3 })],
      });
    checkGrads(f, [
      tensor([[0.1, 0.9, 0.2]]),
      tensor([0.5, 1.2, 0.1]),
      tensor([-0.4, 1.3, 0.2]),
      tensor(0.4),
      tensor(6.5),
    ]);
    const away = (shininess: Tensor): Tensor =>
      f(
        tensor([[0, 1, 0]]),
        tensor([-9, 0.1, 0]),
        tensor([-9, 0.1, 0]),
        tensor(1),
        shininess,
      ).sum();
    expect(grad(away)(tensor(3)).item()).toBe(0);
  });
});

describe('lights and surfaces', () => {
  const light = pointLight({ position: [0, 1, 0], intensity: 1 });
  test.each([
    [() => pointLight({ position: [0, 1], intensity: 1 }), 'the position has shape [2]'],
    [
      () => pointLight({ position: [0, 1, 0], intensity: -1 }),
      'the intensity is -1; give 0 or more',
    ],
    [
      () =>
        areaLight({
          corner: [0, 1, 0],
          sides: [
            [1, 0, 0],
            [2, 0, 0],
          ],
          radiance: 1,
        }),
      'the sides are parallel',
    ],
    [
      () =>
        lambert({
          surface: { position: [[0, 0]], normal: [[0, 1, 0]] },
          albedo: 1,
          lights: [light],
        }),
      'the position has shape [1, 2]',
    ],
    [
      () => lambert({ surface: floor, albedo: -0.1, lights: [light] }),
      'albedo is -0.1; give 0 or more',
    ],
    [
      () =>
        phong({
          surface: floor,
          albedo: 1,
          specular: 1,
          shininess: -2,
          eye: [0, 1, 0],
          lights: [light],
        }),
      'shininess is -2',
    ],
  ])('refuse what makes no sense: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

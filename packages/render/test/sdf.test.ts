import { grad, hvp, jit, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import {
  boxSdf,
  camera,
  lambert,
  lookAt,
  planeSdf,
  pointLight,
  type Sdf,
  sdfShadow,
  smoothUnionSdf,
  sphereSdf,
  torusSdf,
  traceSdf,
  unionSdf,
} from '@grad/render';
import { describe, expect, test } from 'vitest';

describe('signed distances', () => {
  const at = (sdf: Sdf, ...point: number[]): number => sdf(tensor([point])).item();

  test('of bodies are those of geometry', () => {
    expect(at(sphereSdf({ center: [1, 0, 0], radius: 0.5 }), 1, 3, 4)).toBeCloseTo(4.5, 14);
    expect(at(planeSdf({ point: [0, 1, 0], normal: [0, 2, 0] }), 7, 0.25, 3)).toBeCloseTo(
      -0.75,
      14,
    );
    const box = boxSdf({ halfSize: [1, 2, 3] });
    expect([at(box, 4, 6, 3), at(box, 0.5, 0, 0), at(box, 0, 2.5, 0)]).toEqual([5, -0.5, 0.5]);
    expect(at(boxSdf({ halfSize: [1, 1, 1], rounding: 0.5 }), 1, 1, 0)).toBeCloseTo(
      Math.SQRT1_2 - 0.5,
      14,
    );
    expect(at(torusSdf({ radius: 2, tube: 0.5 }), 0, 1, 2)).toBeCloseTo(0.5, 14);
    expect(at(torusSdf({ radius: 2, tube: 0.5 }), 0, 0, 0)).toBeCloseTo(1.5, 14);
  });

  test('of unions are the least, and of blends less', () => {
    const [a, b] = [
      sphereSdf({ center: [-1, 0, 0], radius: 1 }),
      sphereSdf({ center: [1, 0, 0], radius: 1 }),
    ];
    expect(at(unionSdf(a, b), 3, 0, 0)).toBe(1);
    expect(at(smoothUnionSdf(0.5, a, b), 3, 0, 0)).toBe(1);
    expect(at(smoothUnionSdf(0.5, a, b), 0, 0, 0)).toBeCloseTo(-0.125, 14);
  });

  test('have derivatives in points and parameters', () => {
    const f = (points: Tensor, half: Tensor, r: Tensor, width: Tensor): Tensor =>
      smoothUnionSdf(
        width,
        boxSdf({ halfSize: half, rounding: 0.1 }),
        torusSdf({ center: [0.3, 0.2, 0], radius: r, tube: 0.2 }),
        planeSdf({ normal: [0, 1, 0.2] }),
      )(points);
    checkGrads(f, [tensor([[1.1, 0.9, 0.6]]), tensor([0.6, 0.7, 0.5]), tensor(0.8), tensor(3)]);
  });

  test.each([
    [() => sphereSdf({ radius: 0 }), 'the radius is 0; it must be above 0'],
    [() => boxSdf({ halfSize: [1, -1, 1] }), 'element 1 of the half size is -1'],
    [() => unionSdf(), 'there are no bodies'],
    [() => planeSdf({ normal: [1, 2] }), 'the normal has shape [2]'],
  ])('refuse what makes no sense: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

/** The share of the picture plane at depth 1 that a ball at the distance d on the axis covers. */
const area =
  (n: number) =>
  (r: Tensor, d: Tensor): Tensor => {
    const sphere = sphereSdf({ center: tensor([0, 0, 1]).mul(d), radius: r });
    return traceSdf(sphere, camera({ width: n, focal: n }))
      .opacity.sum()
      .div(n * n);
  };

describe('the outline of a ball', () => {
  // pi r^2 / (d^2 - r^2) at r = 1, d = 3, and its derivatives.
  const [exact, inRadius, inDistance] = [0.392699081699, 0.883572933822, -0.294524311274];

  test('has the area and the derivatives that are known, compiled too', () => {
    const g = jit(grad(area(96), { argnums: [0, 1] }));
    const [a, b] = g(1, 3);
    expect(Math.abs(area(96)(tensor(1), tensor(3)).item() / exact - 1)).toBeLessThan(1e-4);
    expect(Math.abs(a.item() / inRadius - 1)).toBeLessThan(3e-3);
    expect(Math.abs(b.item() / inDistance - 1)).toBeLessThan(3e-3);
  });

  test('has the derivatives of a picture with many rays per pixel', () => {
    // Rays of a 1500 by 1500 grid that hit: |p|^2 (d^2 - r^2) < r^2 at p in the plane at depth 1.
    const counted = (r: number, d: number): number => {
      const [n, half] = [1500, 0.4];
      const limit = (r * r) / (d * d - r * r);
      let inside = 0;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const [x, y] = [((i + 0.5) / n) * 2 * half - half, ((j + 0.5) / n) * 2 * half - half];
          if (x * x + y * y < limit) inside++;
        }
      }
      return (inside / (n * n)) * 4 * half * half;
    };
    const h = 0.05;
    const [a, b] = grad(area(64), { argnums: [0, 1] })(1, 3);
    const byR = (counted(1 + h, 3) - counted(1 - h, 3)) / (2 * h);
    const byD = (counted(1, 3 + h) - counted(1, 3 - h)) / (2 * h);
    expect(Math.abs(a.item() / byR - 1)).toBeLessThan(5e-3);
    expect(Math.abs(b.item() / byD - 1)).toBeLessThan(5e-3);
  });

  test('off the axis follows a shift of the ball as differences say', () => {
    const n = 24;
    const f = (center: Tensor, radius: Tensor): Tensor => {
      const { opacity } = traceSdf(sphereSdf({ center, radius }), camera({ width: n, focal: n }));
      return opacity.mul(tensor(Array.from({ length: n }, (_, i) => i / n))).sum();
    };
    checkGrads(f, [tensor([0.31, -0.22, 3]), tensor(0.83)], {
      order: 1,
      eps: 2 ** -14,
      rtol: 1e-5,
    });
  });
});

describe('the picture of a body', () => {
  const scene = (p: Tensor) => {
    const body = unionSdf(
      planeSdf({ normal: [0, 1, 0] }),
      sphereSdf({ center: p.at([0, 3]), radius: p.at(3) }),
    );
    const view = camera({ width: 7, height: 6, focal: 8, pose: lookAt([0.4, 2, 4], [0, 0.5, 0]) });
    const light = pointLight({ position: [2, 4, 3], intensity: 50 });
    return traceSdf(body, view, {
      shade: (surface) =>
        lambert({
          surface,
          albedo: [0.7, 0.5],
          lights: [light],
          shadow: sdfShadow(body, { radius: 1 }),
        }),
    });
  };
  const p = tensor([0.1, 0.9, 0.2, 0.7]);
  const f = (q: Tensor): Tensor => scene(q).image.square().sum();

  test('has the distances of rays to a ball', () => {
    const { distance, opacity } = traceSdf(
      sphereSdf({ center: [0, 0, 3], radius: 1 }),
      camera({ width: 3, focal: 6 }),
    );
    // Through the next pixel the ray goes along (1, 0, 6): the nearer root of |t d - c| = 1.
    const k = 18 / Math.sqrt(37);
    expect(distance.at(1, 1).item()).toBeCloseTo(2, 12);
    expect(distance.at(1, 2).item()).toBeCloseTo(k - Math.sqrt(k * k - 8), 12);
    expect(opacity.at(1).toArray()).toEqual([1, 1, 1]);
  });

  test('follows a ball with light and shadow on a floor as differences say', () => {
    expect(scene(p).finished.all().item()).toBe(1);
    const gradient = jit(grad(f))(p);
    const h = 1e-4;
    for (let k = 0; k < 4; k++) {
      const step = tensor([0, 1, 2, 3].map((i) => (i === k ? h : 0)));
      const difference = (f(p.add(step)).item() - f(p.sub(step)).item()) / (2 * h);
      const found = gradient.at(k).item();
      expect(Math.abs(found - difference)).toBeLessThan(2e-4 * Math.max(1, Math.abs(difference)));
    }
  });

  test('has the derivatives of second order of where rays meet a surface', () => {
    const view = camera({ width: 2, focal: 9 });
    const depth = (r: Tensor): Tensor =>
      traceSdf(sphereSdf({ center: [0, 0, 3], radius: r }), view).distance.sum();
    // d = k - sqrt(k^2 - 9 + r^2) for each of four rays along (1/18, 1/18, 1).
    const k = 3 / Math.sqrt(1 + 2 / 324);
    const root = Math.sqrt(k * k - 8);
    expect(depth(tensor(1)).item()).toBeCloseTo(4 * (k - root), 12);
    expect(grad(depth)(1).item()).toBeCloseTo(-4 / root, 11);
    expect(grad(grad(depth))(1).item()).toBeCloseTo(-4 * (1 / root - 1 / root ** 3), 10);
    expect(jit((r: Tensor) => hvp(depth, r, 1))(1).item()).toBeCloseTo(
      -4 * (1 / root - 1 / root ** 3),
      10,
    );
  });

  test('is the same in batches', () => {
    const seen = (r: Tensor): Tensor =>
      traceSdf(
        sphereSdf({ center: [0, 0, 3], radius: r }),
        camera({ width: 6, focal: 6 }),
      ).opacity.sum();
    const radii = tensor([0.4, 0.9]);
    const each = [0, 1].map((i) => grad(seen)(radii.at(i)).item());
    const found = vmap(grad(seen))(radii).dataSync();
    for (const [i, value] of each.entries()) expect(found[i]).toBeCloseTo(value, 11);
  });

  test('shows in a pixel that a ball covers in part what is behind it', () => {
    const view = camera({ width: 16, focal: 16 });
    const ball = sphereSdf({ center: [0, 0, 3], radius: 0.8 });
    const wall = planeSdf({ point: [0, 0, 6], normal: [0, 0, -1] });
    const color = (z: Tensor): Tensor => z.gt(4).astype('float64').mul(2).add(1);
    const { image, opacity } = traceSdf(unionSdf(ball, wall), view, {
      shade: ({ position }) => color(position.at(null, [2, 3])),
    });
    const alone = traceSdf(ball, view).opacity;
    expect(opacity.min().item()).toBe(1);
    // 1 for the ball and 3 for the wall.
    const mixed = alone.mul(-2).add(3);
    expect(image.at(null, null, 0).sub(mixed).abs().max().item()).toBeLessThan(1e-9);
    expect(alone.gt(0).sub(alone.eq(1)).sum().item()).toBeGreaterThan(8);
  });

  test('says when rays did not come to an end', () => {
    const view = camera({ width: 4, focal: 4 });
    const ball = sphereSdf({ center: [0, 0, 3], radius: 1 });
    expect(traceSdf(ball, view, { maxSteps: 2 }).finished.all().item()).toBe(0);
    expect(traceSdf(ball, view).finished.all().item()).toBe(1);
  });

  test.each([
    [
      () => traceSdf(sphereSdf({ radius: 2 }), camera({ width: 2, focal: 1 })),
      'the eye at (0, 0, 0) is inside the body, at the distance -2.00',
    ],
    [
      () =>
        traceSdf(sphereSdf({ center: [0, 0, 3], radius: 2 }), camera({ width: 2, focal: 1 }), {
          far: 0,
        }),
      'far is 0; it must be beyond near',
    ],
    [
      () => sdfShadow(sphereSdf({ radius: 2 }), { radius: 0 }),
      'radius is 0; give a length above 0',
    ],
  ])('refuses what makes no sense: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('a shadow', () => {
  // A wall above the floor covers z < 1 at the height 1. Light comes straight from above at the height 2, out of a ball
  // of radius 0.2 at z = 1 + c. Seen from the point below it, the edge is c / 1 beside the middle of a
  // disc of radius 0.2 / 2, or c / 1.1 for the upper edge, which cuts off more.
  const wall = boxSdf({ center: [0, 1.05, -49], halfSize: [50, 0.05, 50] });
  const part = (c: Tensor): Tensor => {
    const z = c.add(1);
    const position = tensor([[0, 0, 1]]).mul(z);
    const light = pointLight({
      position: tensor([0, 2, 0]).add(tensor([0, 0, 1]).mul(z)),
      intensity: 1,
    });
    const [ray] = light.rays(position);
    if (!ray) throw new Error('unreachable');
    return sdfShadow(wall, { radius: 0.2 })(position, ray).reshape([]);
  };
  const disc = (s: number): number => 0.5 + (s * Math.sqrt(1 - s * s) + Math.asin(s)) / Math.PI;

  test('of an edge leaves the part of the disc of the light beyond a line', () => {
    for (const c of [0.09, 0.05, 0.01]) {
      expect(part(tensor(c)).item()).toBeCloseTo(disc(c / 0.11), 2);
    }
    expect(part(tensor(0.3)).item()).toBe(1);
  });

  test('of a ball before the light is complete', () => {
    const position = tensor([[0, 0, 0]]);
    const [ray] = pointLight({ position: [0, 2, 0], intensity: 1 }).rays(position);
    if (!ray) throw new Error('unreachable');
    const ball = sphereSdf({ center: [0, 1, 0], radius: 0.3 });
    expect(sdfShadow(ball, { radius: 0.2 })(position, ray).item()).toBe(0);
  });

  test('has the derivative of that part', () => {
    for (const c of [0.06, 0.02]) {
      const h = 1e-5;
      const difference = (part(tensor(c + h)).item() - part(tensor(c - h)).item()) / (2 * h);
      expect(difference).toBeGreaterThan(1);
      expect(Math.abs(grad(part)(c).item() / difference - 1)).toBeLessThan(1e-5);
    }
  });
});

import { arange, grad, hvp, jit, jvp, random, type Tensor, tensor, vmap, zeros } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import {
  camera,
  createMesh,
  faceNormals,
  icosphere,
  lambert,
  lookAt,
  type Mesh,
  ObjError,
  type Pose,
  pointLight,
  rasterize,
  readObj,
  vertexNormals,
} from '@grad/render';
import { describe, expect, test } from 'vitest';
import { ballWithOutline } from './ball-with-outline.ts';

const largest = (x: Tensor): number => x.abs().max().item();

/** The share of the picture plane at depth 1 that a mesh covers after it was scaled and moved. */
const area =
  (mesh: Mesh, n: number, samples = 1) =>
  (r: Tensor, d: Tensor): Tensor => {
    const vertices = mesh.vertices.mul(r).add(tensor([0, 0, 1]).mul(d));
    const seen = rasterize({ ...mesh, vertices }, camera({ width: n, focal: n }), { samples });
    return seen.opacity.sum().div(n * n);
  };

describe('the outline of a ball', () => {
  // pi r^2 / (d^2 - r^2) at r = 1, d = 3, and its derivatives; of it a polygon of 256 sides covers a known share.
  const share = Math.sin((2 * Math.PI) / 256) / ((2 * Math.PI) / 256);
  const [exact, inRadius, inDistance] = [0.392699081699, 0.883572933822, -0.294524311274];

  test('has the area and the derivatives that are known', () => {
    const f = area(ballWithOutline(256, 3), 64);
    const [a, b] = jit(grad(f, { argnums: [0, 1] }))(1, 3);
    expect(Math.abs(f(tensor(1), tensor(3)).item() / share / exact - 1)).toBeLessThan(1e-4);
    expect(Math.abs(a.item() / share / inRadius - 1)).toBeLessThan(2e-3);
    expect(Math.abs(b.item() / share / inDistance - 1)).toBeLessThan(2e-3);
  });

  test('comes to the ball as the mesh and the picture are refined', () => {
    const g = jit(grad(area(icosphere(4), 128), { argnums: [0, 1] }));
    const [a, b] = g(1, 3);
    expect(Math.abs(a.item() / inRadius - 1)).toBeLessThan(5e-3);
    expect(Math.abs(b.item() / inDistance - 1)).toBeLessThan(5e-3);
  });

  test('has the derivatives of differences of a picture with many samples per pixel', () => {
    const mesh = icosphere(2);
    const picture = jit(area(mesh, 40, 10));
    const fine = (r: number, d: number): number => picture(r, d).item();
    const h = 0.04;
    const byR = (fine(1 + h, 3) - fine(1 - h, 3)) / (2 * h);
    const byD = (fine(1, 3 + h) - fine(1, 3 - h)) / (2 * h);
    const [a, b] = jit(grad(area(mesh, 64), { argnums: [0, 1] }))(1, 3);
    expect(Math.abs(a.item() / byR - 1)).toBeLessThan(1e-2);
    expect(Math.abs(b.item() / byD - 1)).toBeLessThan(1e-2);
  });
});

// Two overlapping triangles of different depth, before a background, one of which has a border in the other.
const pair = createMesh({
  vertices: [
    [-1, -0.8, 3],
    [1.1, -0.7, 3],
    [0.1, 1.03, 3.2],
    [-0.6, -0.3, 2],
    [0.5, -0.35, 2.1],
    [0.05, 0.5, 2],
  ],
  faces: [
    [0, 2, 1],
    [3, 5, 4],
  ],
});

describe('the picture of a mesh', () => {
  const n = 24;
  const view = camera({ width: n, focal: n });
  const light = pointLight({ position: [1, -2, -1], intensity: 40 });
  const seen = (vertices: Tensor, samples = 1): Tensor =>
    rasterize({ ...pair, vertices }, view, {
      samples,
      background: 0.3,
      shade: (surface) => lambert({ surface, albedo: [0.8, 0.4], lights: [light] }),
    }).image;
  const weights = random.normal(random.key(3), [n, n, 2]);
  const f = (vertices: Tensor): Tensor => seen(vertices).mul(weights).sum();

  test('has in its middles the depths and triangles of geometry', () => {
    const { depth, faces, opacity } = rasterize(pair, camera({ width: 3, focal: 3 }));
    expect(faces.toArray()).toEqual([
      [-1, -1, -1],
      [-1, 1, -1],
      [-1, -1, -1],
    ]);
    // The axis meets the plane of the nearer triangle.
    const p = [
      [-0.6, -0.3, 2],
      [0.5, -0.35, 2.1],
      [0.05, 0.5, 2],
    ] as const;
    const u = [1.1, -0.05, 0.1] as const;
    const v = [0.65, 0.8, 0] as const;
    const normal = [
      u[1] * v[2] - u[2] * v[1],
      u[2] * v[0] - u[0] * v[2],
      u[0] * v[1] - u[1] * v[0],
    ] as const;
    const level = normal[0] * p[0][0] + normal[1] * p[0][1] + normal[2] * p[0][2];
    expect(depth.at(1, 1).item()).toBeCloseTo(level / normal[2], 13);
    expect(depth.at(0, 0).item()).toBe(Number.POSITIVE_INFINITY);
    expect(opacity.at(1, 1).item()).toBe(1);
  });

  test('has derivatives that agree with differences, of both orders', () => {
    checkGrads(f, [pair.vertices], { eps: 2 ** -17, rtol: 1e-4, order: 1 });
    const v = random.normal(random.key(5), [6, 3]);
    const h = 1e-6;
    const g = jit(grad(f));
    const difference = g(pair.vertices.add(v.mul(h)))
      .sub(g(pair.vertices.sub(v.mul(h))))
      .div(2 * h);
    const product = jit((x: Tensor) => hvp(f, x, v))(pair.vertices);
    expect(largest(product)).toBeGreaterThan(1);
    expect(largest(product.sub(difference)) / largest(difference)).toBeLessThan(1e-6);
    const [, forward] = jvp(grad(f), [pair.vertices], [v]);
    expect(largest(product.sub(forward)) / largest(forward)).toBeLessThan(1e-11);
  });

  test('is the same in batches', () => {
    const batch = tensor([0, 0.01]).reshape([2, 1, 1]).add(pair.vertices);
    const g = grad(f);
    const found = vmap(g)(batch);
    expect(largest(found.at(1).sub(g(batch.at(1))))).toBeLessThan(1e-10);
    expect(largest(found.at(0).sub(found.at(1)))).toBeGreaterThan(1e-3);
  });

  // Gradients with one sample per pixel have errors at corners that are 0 in the mean over shifts of the pixels; the
  // differences are of pictures with 36 samples per pixel.
  const shifts = random.uniform(random.key(7), [60, 2]);
  const compared = (of: (t: Tensor, shift: Tensor, samples: number) => Tensor) => {
    const h = 0.02;
    const fine = jit((t: Tensor, shift: Tensor) => of(t, shift, 6));
    const slope = jit(grad((t: Tensor, shift: Tensor) => of(t, shift, 1)));
    const each = Array.from({ length: 60 }, (_, i) => {
      const shift = shifts.at(i);
      const difference = (fine(h, shift).item() - fine(-h, shift).item()) / (2 * h);
      return { difference, found: slope(0, shift).item() };
    });
    const meanOf = (x: readonly number[]): number => x.reduce((sum, y) => sum + y) / x.length;
    const difference = meanOf(each.map((e) => e.difference));
    return { difference, error: meanOf(each.map((e) => e.found)) - difference };
  };
  const shifted = (shift: Tensor, pose?: Pose) =>
    camera({ width: n, focal: n, center: shift.add(n / 2), ...(pose && { pose }) });
  const across = arange(n).div(n).reshape([1, n, 1]);

  test('has gradients at outlines between triangles that many samples per pixel confirm', () => {
    const ramp = arange(n).div(n).reshape([n, 1, 1]).sub(across);
    const moves = [
      [0.5, 0.2, 0.3],
      [0.1, -0.4, 0.3],
      [-0.2, 0.5, 0.3],
    ];
    const move = tensor([[0, 0, 0], [0, 0, 0], [0, 0, 0], ...moves]);
    const { difference, error } = compared((t, shift, samples) => {
      const vertices = pair.vertices.add(move.mul(t));
      return rasterize({ ...pair, vertices }, shifted(shift), {
        samples,
        background: 0.3,
        shade: (surface) => lambert({ surface, albedo: [0.8, 0.4], lights: [light] }),
      })
        .image.mul(ramp)
        .sum();
    });
    // What moves at the three edges, added up without signs, is about 10.
    expect(Math.abs(difference)).toBeGreaterThan(0.2);
    expect(Math.abs(error)).toBeLessThan(0.08);
  });

  test.each(['flat', 'smooth'] as const)(
    'with %s normals follows edges where colors jump',
    (normals) => {
      const mesh = icosphere(0);
      const lamp = pointLight({ position: [9, 5, -2], intensity: 300 });
      const { difference, error } = compared((t, shift, samples) => {
        const pose = lookAt(tensor([3, 0.5, -1]).add(tensor([0.3, 1, 0.2]).mul(t)), [0, 0, 0]);
        return rasterize(mesh, shifted(shift, pose), {
          normals,
          samples,
          shade: (surface) => lambert({ surface, albedo: 1, lights: [lamp] }),
        })
          .image.mul(across)
          .sum();
      });
      expect(Math.abs(difference)).toBeGreaterThan(4);
      expect(Math.abs(error / difference)).toBeLessThan(normals === 'flat' ? 0.02 : 0.1);
    },
  );

  test('takes a picture for the background', () => {
    const background = random.uniform(random.key(9), [n, n, 1]);
    const { image, opacity } = rasterize(pair, view, { background, samples: 2 });
    const clear = opacity.eq(0).expandDims(-1).astype('float64');
    expect(clear.sum().item()).toBeGreaterThan(100);
    expect(largest(image.sub(background).mul(clear))).toBeLessThan(1e-15);
  });

  test('cuts what is behind the eye', () => {
    const road = createMesh({
      vertices: [
        [-1, 1, -5],
        [1, 1, -5],
        [1, 1, 20],
        [-1, 1, 20],
      ],
      faces: [
        [0, 1, 2],
        [0, 2, 3],
      ],
    });
    const { opacity, depth } = rasterize(road, camera({ width: 8, focal: 4 }));
    expect(opacity.at([0, 4]).max().item()).toBe(0);
    expect(depth.at(7, 4).item()).toBeCloseTo(4 / 3.5, 12);
  });

  test('interpolates values of vertices', () => {
    const { image } = rasterize(pair, view, {
      shade: ({ interpolate, position }) => interpolate(pair.vertices).sub(position).abs(),
    });
    expect(largest(image)).toBeLessThan(1e-14);
  });
});

describe('normals', () => {
  test('point outwards and have length 1', () => {
    const mesh = icosphere(2);
    expect(largest(vertexNormals(mesh).sub(mesh.vertices))).toBeLessThan(0.03);
    expect(faceNormals(mesh).square().sum({ axis: -1 }).min().item()).toBeCloseTo(1, 13);
    expect(mesh.faces.length / 3).toBe(320);
    checkGrads((vertices: Tensor) => vertexNormals({ ...mesh, vertices }).at(3), [mesh.vertices]);
  });
});

describe('a mesh', () => {
  const view4 = camera({ width: 4, focal: 4 });
  const square = [
    [0, 0, 0],
    [1, 0, 0],
    [0, 1, 0],
    [2, 0, 0],
  ];
  test.each([
    [
      () => createMesh({ vertices: square, faces: [[0, 1, 4]] }),
      'triangle 0 (0, 1, 4) has vertex 4; vertices are numbered 0 to 3',
    ],
    [
      () =>
        createMesh({
          vertices: square,
          faces: [
            [0, 1, 2],
            [0, 1, 3],
          ],
        }),
      'triangle 1 (0, 1, 3) is degenerate',
    ],
    [
      () => createMesh({ vertices: square, faces: [[0, 1, 1]] }),
      'triangle 0 (0, 1, 1) is degenerate',
    ],
    [
      () => createMesh({ vertices: square, faces: [[0, 1]] }),
      'triangle 0 is [0, 1]; three vertex numbers',
    ],
    [() => createMesh({ vertices: square, faces: [] }), 'there are no triangles'],
    [
      () => createMesh({ vertices: square, faces: new Int32Array(4) }),
      'there are 4 numbers in faces',
    ],
    [
      () => createMesh({ vertices: [[0, 0]], faces: [[0, 0, 0]] }),
      'vertices have shape [1, 2]; [n, 3] is needed',
    ],
    [
      () =>
        createMesh({
          vertices: [
            [0, 0, 0],
            [1, Number.NaN, 0],
            [0, 1, 0],
          ],
          faces: [[0, 1, 2]],
        }),
      'coordinate 1 of vertex 1 is NaN',
    ],
    [() => icosphere(-1), 'the number of subdivisions is -1'],
    [() => rasterize(pair, camera({ width: 2, focal: 2 }), { samples: 0 }), 'samples is 0'],
    [
      () =>
        rasterize(icosphere(1), camera({ width: 2, focal: 2 }))
          .opacity.sum()
          .item(),
      'the eye is inside of the mesh',
    ],
    [
      () => rasterize(pair, view4, { maxCrossings: 2 }).opacity.sum().item(),
      'and there is room for 2; give a larger maxCrossings',
    ],
    [
      () => rasterize(pair, view4, { background: zeros([2, 2, 1]) }),
      'the background has shape [2, 2, 1]; [4, 4, 1] is needed',
    ],
  ])('refuses what makes no sense: %#', (make, message) => {
    expect(make).toThrow(message);
  });

  test('is refused in compiled code too when the eye comes inside', () => {
    const mesh = icosphere(1);
    const f = jit((z: Tensor) =>
      rasterize(
        { ...mesh, vertices: mesh.vertices.add(tensor([0, 0, 1]).mul(z)) },
        camera({ width: 4, focal: 4 }),
      ).opacity.sum(),
    );
    expect(f(3).item()).toBeGreaterThan(1);
    expect(() => f(0.2).item()).toThrow('the eye is inside of the mesh');
  });
});

describe('OBJ files', () => {
  test('become meshes: polygons in fans, numbers backwards, what is not a surface left out', () => {
    const text = [
      '\uFEFF# a square and a triangle',
      'o thing',
      'v 0 0 0 1.0',
      'v 1 0 0',
      'v 1 1 \\',
      '0',
      'vt 0 0',
      'vn 0 0 1',
      'v 0 1 0 # the last',
      'f 1/1/1 2//1 3 4',
      'v 0 0 1',
      'usemtl red',
      'f -1 -5 2',
    ].join('\r\n');
    const mesh = readObj(text);
    expect(mesh.vertices.shape).toEqual([5, 3]);
    expect([...mesh.faces]).toEqual([0, 1, 2, 0, 2, 3, 4, 0, 1]);
  });

  test.each([
    ['v 0 0\n', "box.obj, line 1: 'v 0 0' must have three finite coordinates"],
    ['v 0 0 x\n', "line 1: 'v 0 0 x' must have"],
    ['v 0 0 0\nf 1 2 3', "line 2: the corner '2' is no vertex; 1 vertices stand above"],
    ['v 0 0 0\nf 0 1 1', "line 2: the corner '0' is no vertex"],
    ['v 0 0 0\nf 1 1', 'line 2: a face has 2 corners'],
    ['v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3', 'box.obj, line 4: triangle 0 (0, 1, 2) is degenerate'],
    ['v 0 0 0\n', 'box.obj has no triangles'],
    ['solid cube\n', "line 1: 'solid' is not understood"],
  ])('are refused with the line that is wrong: %#', (text, message) => {
    const read = () => readObj(text, { name: 'box.obj' });
    expect(read).toThrow(ObjError);
    expect(read).toThrow(message);
  });
});

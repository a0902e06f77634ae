import { jit, type Tensor } from '@grad/core';
import {
  boundaryEdges,
  cookMembrane,
  createMesh,
  distort,
  elementAreas,
  elementCount,
  mapMesh,
  markBoundary,
  meshQuality,
  plateWithHole,
  poisson,
  rectangle,
  solve,
} from '@grad/fem';
import { describe, expect, test } from 'vitest';

const area = (x: Tensor): number => x.sum().item();

describe('meshes', () => {
  test('of rectangles fill them, and their sides are what they are called', () => {
    for (const element of ['t3', 'q4'] as const) {
      const mesh = rectangle({ width: 3, height: 2, cells: [4, 5], element });
      expect(area(elementAreas(mesh))).toBeCloseTo(6, 13);
      expect(elementCount(mesh)).toBe(element === 't3' ? 40 : 20);
      const { bottom, right, top, left } = mesh.boundary;
      const along = (edges: Int32Array | undefined, k: number): number[] =>
        Array.from(edges ?? [], (v) => mesh.vertices.at(v, k).item());
      expect(new Set(along(bottom, 1))).toEqual(new Set([0]));
      expect(new Set(along(right, 0))).toEqual(new Set([3]));
      expect(new Set(along(top, 1))).toEqual(new Set([2]));
      expect(new Set(along(left, 0))).toEqual(new Set([0]));
      expect(boundaryEdges(mesh).length).toBe(2 * 18);
    }
  });

  test('of a plate with a hole have that hole, and cells as long as wide', () => {
    const mesh = plateWithHole({ cells: [32, 30], radius: 2, halfWidth: 20 });
    const exact = 400 - Math.PI;
    expect(Math.abs(area(elementAreas(mesh)) - exact) / exact).toBeLessThan(1e-4);
    const { hole = [], right = [], top = [], bottom = [], left = [] } = mesh.boundary;
    expect([hole, right, top, bottom, left].map(({ length }) => length)).toEqual([
      64, 32, 32, 60, 60,
    ]);
    for (const v of hole) {
      const [x = 0, y = 0] = mesh.vertices.at(v).dataSync();
      expect(Math.hypot(x, y)).toBeCloseTo(2, 13);
    }
    for (const v of left) expect(mesh.vertices.at(v, 0).item()).toBe(0);
    for (const v of right) expect(mesh.vertices.at(v, 0).item()).toBe(20);
    expect(meshQuality(mesh).least).toBeGreaterThan(0.7);
  });

  test("of Cook's membrane have its area", () => {
    expect(area(elementAreas(cookMembrane(3)))).toBeCloseTo((48 * (44 + 16)) / 2, 11);
  });

  test('have qualities: 1 is ideal, a needle is bad', () => {
    expect(meshQuality(rectangle({ cells: [2, 2] })).least).toBeCloseTo(1, 14);
    const vertices = [
      [0, 0],
      [1, 0],
      [0.5, Math.sqrt(3) / 2],
      [1, 0.01],
    ];
    const mesh = createMesh({
      element: 't3',
      vertices,
      elements: [
        [0, 1, 2],
        [0, 1, 3],
      ],
    });
    const { values, worst } = meshQuality(mesh);
    expect(values[0]).toBeCloseTo(1, 14);
    expect(worst).toBe(1);
    expect(values[1]).toBeCloseTo(0.01 / (Math.sqrt(3) / 2), 3);
  });

  test('get names for parts of their boundary, which stay when vertices are variables', () => {
    const mesh = markBoundary(rectangle({ cells: [4, 4] }), 'half', (x, y) => x === 0 && y <= 0.5);
    expect(mesh.boundary['half']?.length).toBe(4);
    const u = jit((vertices: Tensor) =>
      solve(poisson({ mesh: { ...mesh, vertices }, source: 1, fixed: [{ on: 'half' }] })).u.max(),
    )(mesh.vertices);
    const same = solve(
      poisson({ mesh, source: 1, fixed: [{ on: (x, y) => x === 0 && y <= 0.5 }] }),
    );
    expect(u.item()).toBeCloseTo(same.u.max().item(), 13);
  });

  test('refuse what is no mesh, and say where', () => {
    const vertices = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    const made = (elements: number[][]) => () => createMesh({ element: 't3', vertices, elements });
    expect(
      made([
        [0, 1, 2],
        [0, 2, 4],
      ]),
    ).toThrow('element 1 has vertex 4; vertices are numbered 0 to 3');
    expect(
      made([
        [0, 1, 2],
        [0, 3, 2],
      ]),
    ).toThrow('element 1 (vertices 0, 3, 2) is inverted or degenerate at vertex 0');
    expect(
      made([
        [0, 1, 2],
        [0, 2, 2],
      ]),
    ).toThrow('element 1 (0, 2, 2) has a vertex twice');
    expect(made([[0, 1, 2]])).toThrow('vertex 3 is in no element');
    expect(made([[0, 1, 2, 3]])).toThrow('element 0 is [0, 1, 2, 3]; 3 vertex numbers are needed');
    expect(() => createMesh({ element: 't3', vertices: [1, 2], elements: [[0, 1, 2]] })).toThrow(
      'vertices have shape [2]; [n, 2] is needed',
    );
    expect(() => distort(rectangle({ cells: [3, 3] }), { amount: 3 })).toThrow('distort: element');
    expect(() => mapMesh(rectangle({ cells: [1, 1] }), (x, y) => [-x, y])).toThrow('is inverted');
    expect(() => rectangle({ cells: [0, 2] })).toThrow('cells are [0, 2]');
    expect(() => rectangle({ cells: [1, 2], width: -1 })).toThrow('the width is -1');
    expect(() => plateWithHole({ cells: [3, 2] })).toThrow('there are 3 cells around');
    expect(() => plateWithHole({ cells: [4, 2], halfWidth: 1 })).toThrow('the hole is smaller');
  });
});

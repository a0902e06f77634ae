import { checkCount } from '../check.ts';
import { createMesh, type Mesh } from './mesh.ts';

/**
 * A ball of radius 1 around the origin: an icosahedron whose triangles are divided into four, again and again, with
 * vertices on the sphere.
 *
 * @param subdivisions 0 for 20 triangles, 1 for 80, 2 for 320, ...
 * @throws RangeError when that is not a whole number from 0 to 7.
 */
export function icosphere(subdivisions: number): Mesh {
  checkCount('icosphere', 'the number of subdivisions', subdivisions, 0);
  if (subdivisions > 7) {
    throw new RangeError(`icosphere: ${subdivisions} subdivisions are too many; give at most 7.`);
  }
  const g = (1 + Math.sqrt(5)) / 2;
  const points = [
    [-1, g, 0],
    [1, g, 0],
    [-1, -g, 0],
    [1, -g, 0],
    [0, -1, g],
    [0, 1, g],
    [0, -1, -g],
    [0, 1, -g],
    [g, 0, -1],
    [g, 0, 1],
    [-g, 0, -1],
    [-g, 0, 1],
  ].map(onSphere);
  let faces = [
    [0, 11, 5],
    [0, 5, 1],
    [0, 1, 7],
    [0, 7, 10],
    [0, 10, 11],
    [1, 5, 9],
    [5, 11, 4],
    [11, 10, 2],
    [10, 7, 6],
    [7, 1, 8],
    [3, 9, 4],
    [3, 4, 2],
    [3, 2, 6],
    [3, 6, 8],
    [3, 8, 9],
    [4, 9, 5],
    [2, 4, 11],
    [6, 2, 10],
    [8, 6, 7],
    [9, 8, 1],
  ];
  for (let k = 0; k < subdivisions; k++) faces = divided(points, faces);
  return createMesh({ vertices: points, faces });
}

function divided(points: number[][], faces: readonly (readonly number[])[]): number[][] {
  const middles = new Map<string, number>();
  const middle = (a: number, b: number): number => {
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    const known = middles.get(key);
    if (known !== undefined) return known;
    const [p = [], q = []] = [points[a], points[b]];
    middles.set(key, points.length);
    return points.push(onSphere(p.map((x, i) => x + (q[i] ?? 0)))) - 1;
  };
  return faces.flatMap(([a = 0, b = 0, c = 0]) => {
    const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
    return [
      [a, ab, ca],
      [b, bc, ab],
      [c, ca, bc],
      [ab, bc, ca],
    ];
  });
}

function onSphere(point: readonly number[]): number[] {
  const length = Math.hypot(...point);
  return point.map((x) => x / length);
}

import { createMesh, type Mesh } from '@grad/render';

/**
 * A ball of radius 1 with one of its rings of vertices on the outline that an eye at the distance d along -z sees, so
 * that the outline is a regular polygon.
 */
export function ballWithOutline(sides: number, d: number): Mesh {
  const outline = -1 / d;
  const count = sides / 4;
  const levels = Array.from({ length: count - 1 }, (_, i) => Math.cos((Math.PI * (i + 1)) / count));
  const distances = levels.map((z) => Math.abs(z - outline));
  levels[distances.indexOf(Math.min(...distances))] = outline;
  const vertices = [[0, 0, 1]];
  for (const z of levels) {
    for (let j = 0; j < sides; j++) {
      const [angle, radius] = [(2 * Math.PI * j) / sides, Math.sqrt(1 - z * z)];
      vertices.push([radius * Math.cos(angle), radius * Math.sin(angle), z]);
    }
  }
  vertices.push([0, 0, -1]);
  const [last, rings] = [vertices.length - 1, levels.length];
  const at = (i: number, j: number): number => 1 + i * sides + (j % sides);
  const faces: number[][] = [];
  for (let j = 0; j < sides; j++) {
    faces.push([0, at(0, j), at(0, j + 1)], [last, at(rings - 1, j + 1), at(rings - 1, j)]);
    for (let i = 0; i + 1 < rings; i++) {
      faces.push(
        [at(i, j), at(i + 1, j), at(i + 1, j + 1)],
        [at(i, j), at(i + 1, j + 1), at(i, j + 1)],
      );
    }
  }
  return createMesh({ vertices, faces });
}

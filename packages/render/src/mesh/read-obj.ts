// Wavefront's OBJ, as far as surfaces go: lines `v x y z` and `f a b c ...`, whose corners are vertex numbers from 1,
// or from -1 backwards, with texture and normal numbers behind slashes. Polygons are divided into a fan. Names of
// groups and materials, textures, normals, lines and points are left out; curved surfaces are refused.
import { createMesh, type Mesh } from './mesh.ts';

/** A file that is not what it should be; says where. */
export class ObjError extends Error {
  override name = 'ObjError';
}

/** How to read an OBJ file. */
export interface ReadObjOptions {
  /** Name of the file, for messages. */
  readonly name?: string;
}

const ignored = new Set(['vt', 'vn', 'vp', 'g', 'o', 's', 'usemtl', 'mtllib', 'l', 'p']);

/**
 * Reads the surface of an OBJ file.
 *
 * @param text the file
 * @throws ObjError naming the line that is wrong, or the triangle that has no area.
 * @see Wavefront Technologies, Advanced Visualizer manual, appendix B1, object files.
 */
export function readObj(text: string, { name = 'OBJ' }: ReadObjOptions = {}): Mesh {
  const vertices: number[][] = [];
  const faces: number[][] = [];
  const lineOf: number[] = [];
  // A backslash joins a line with the next one.
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  let joined = '';
  lines.forEach((raw, i) => {
    const line = joined + raw;
    joined = line.endsWith('\\') ? `${line.slice(0, -1)} ` : '';
    if (joined !== '') return;
    const where = `${name}, line ${i + 1}`;
    const [keyword = '', ...words] = line.replace(/#.*$/, '').trim().split(/\s+/);
    if (keyword === 'v') vertices.push(vertexOf(words, where));
    else if (keyword === 'f') {
      for (const face of fan(words, vertices.length, where)) {
        faces.push(face);
        lineOf.push(i + 1);
      }
    } else if (keyword !== '' && !ignored.has(keyword)) {
      throw new ObjError(
        `${where}: '${keyword}' is not understood; a surface has lines that begin with v and f.`,
      );
    }
  });
  if (faces.length === 0) {
    throw new ObjError(`${name} has no triangles; lines 'f a b c' with vertex numbers are needed.`);
  }
  try {
    return createMesh({ vertices, faces });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const face = /triangle (\d+)/.exec(error.message)?.[1];
    const line = face === undefined ? '' : `, line ${lineOf[Number(face)]}`;
    throw new ObjError(`${name}${line}: ${error.message.replace('createMesh: ', '')}`);
  }
}

function vertexOf(words: readonly string[], where: string): number[] {
  const numbers = words.slice(0, 3).map(Number);
  if (numbers.length === 3 && numbers.every(Number.isFinite)) return numbers;
  throw new ObjError(`${where}: 'v ${words.join(' ')}' must have three finite coordinates.`);
}

/** Triangles of a polygon, around its first corner. */
function fan(words: readonly string[], count: number, where: string): number[][] {
  if (words.length < 3) {
    throw new ObjError(`${where}: a face has ${words.length} corners; at least 3 are needed.`);
  }
  const corners = words.map((word) => {
    const text = word.split('/')[0] ?? '';
    const number = /^[+-]?\d+$/.test(text) ? Number(text) : 0;
    const index = number < 0 ? count + number : number - 1;
    if (number !== 0 && index >= 0 && index < count) return index;
    throw new ObjError(
      `${where}: the corner '${word}' is no vertex; ${count} vertices stand above, numbered from 1, or from -1 backwards.`,
    );
  });
  const [first = 0] = corners;
  return corners.slice(1, -1).map((corner, i) => [first, corner, corners[i + 2] ?? 0]);
}

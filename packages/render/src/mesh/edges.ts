/** An edge by its two vertices, the triangles beside it, and the third vertex of each of these. */
export interface Edges {
  /** Pairs of vertices. */
  readonly ends: Int32Array;
  /** Pairs of triangles, -1 for none. */
  readonly faces: Int32Array;
  /** Pairs of the vertices opposite to the edge in these triangles, -1 for none. */
  readonly opposite: Int32Array;
  /** Whether each edge has exactly two triangles, which go along it in opposite directions. */
  readonly isClosed: boolean;
}

const cache = new WeakMap<Int32Array, Edges>();

/** The edges of triangles. Where more than two triangles meet, the edge is listed again for the others. */
export function edgesOf(faces: Int32Array): Edges {
  const known = cache.get(faces);
  if (known) return known;
  const ends: number[] = [];
  const beside: number[] = [];
  const opposite: number[] = [];
  const open = new Map<string, { readonly edge: number; readonly from: number }>();
  let isOriented = true;
  for (let i = 0; i < faces.length; i++) {
    const face = Math.floor(i / 3);
    const corner = (k: number): number => faces[3 * face + ((i + k) % 3)] ?? 0;
    const [from, to, third] = [corner(0), corner(1), corner(2)];
    const key = from < to ? `${from} ${to}` : `${to} ${from}`;
    const other = open.get(key);
    if (other) {
      open.delete(key);
      beside[2 * other.edge + 1] = face;
      opposite[2 * other.edge + 1] = third;
      if (other.from === from) isOriented = false;
    } else {
      open.set(key, { edge: ends.length / 2, from });
      ends.push(from, to);
      beside.push(face, -1);
      opposite.push(third, -1);
    }
  }
  const edges = {
    ends: Int32Array.from(ends),
    faces: Int32Array.from(beside),
    opposite: Int32Array.from(opposite),
    isClosed: isOriented && open.size === 0,
  };
  cache.set(faces, edges);
  return edges;
}

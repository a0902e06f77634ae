import { elementKinds } from '../elements/index.ts';
import { cornerArea, createMesh, type Mesh } from '../mesh.ts';
import { gmshKinds } from './element-kinds.ts';
import { Lines } from './lines.ts';
import { MeshFileError } from './mesh-file-error.ts';
import type { FileElement, ParsedMesh } from './parsed.ts';
import { readElements2, readNodes2 } from './version-2.ts';
import { type EntityGroups, readElements4, readEntities4, readNodes4 } from './version-4.ts';

/** Options of `readGmsh`. */
export interface ReadGmshOptions {
  /** What errors call the file; 'mesh' when left out. */
  readonly name?: string;
}

/**
 * The mesh of a `.msh` file of Gmsh, as text: format 2.2 or 4.1, ASCII, in the plane z = 0, of triangles or of
 * quadrilaterals of first order. Physical curves become parts of the boundary, physical surfaces regions;
 * without a name they are called by their number. Nodes that no element uses are left out, and clockwise
 * elements are turned around.
 *
 * @throws MeshFileError with the line and what is wrong there: another format, elements of second order,
 * in space, or of two kinds, a node that is missing, a number that is none.
 * @see The Gmsh reference manual, "File formats".
 */
export function readGmsh(text: string, { name = 'mesh' }: ReadGmshOptions = {}): Mesh {
  const lines = new Lines(text, name);
  return meshFrom(parse(lines), name, lines);
}

function parse(lines: Lines): ParsedMesh {
  const mesh: ParsedMesh = { names: new Map(), nodes: new Map(), elements: [] };
  const version = readFormat(lines);
  let entities: EntityGroups = new Map();
  for (let line = lines.peek(); line !== undefined; line = lines.peek()) {
    lines.text('a section');
    if (!line.startsWith('$'))
      lines.fail(`expected a section such as $Nodes, found '${line.slice(0, 40)}'.`);
    const section = line.slice(1);
    if (section === 'PhysicalNames') readNames(lines, mesh);
    else if (section === 'Entities' && version === 4) entities = readEntities4(lines);
    else if (section === 'Nodes') version === 4 ? readNodes4(lines, mesh) : readNodes2(lines, mesh);
    else if (section === 'Elements') {
      if (version === 4) readElements4(lines, mesh, entities);
      else readElements2(lines, mesh);
    } else {
      while (lines.peek() !== undefined && lines.peek() !== `$End${section}`) lines.text('data');
    }
    lines.mark(`$End${section}`);
  }
  return mesh;
}

function readFormat(lines: Lines): 2 | 4 {
  const first = lines.text('$MeshFormat');
  if (first !== '$MeshFormat') {
    lines.fail(
      `a file of Gmsh begins with $MeshFormat; this one begins with '${first.slice(0, 40)}'.`,
    );
  }
  const [version, binary] = lines.numbers('the version, 0, and the size of numbers', 3);
  if (binary !== 0) lines.fail('the file is binary; save it as ASCII: Mesh.Binary = 0.');
  const known = version === 4.1 ? 4 : version === 2.2 || version === 2 ? 2 : undefined;
  if (known === undefined) {
    lines.fail(`the format is ${version}; save the mesh as 4.1 or 2.2: Mesh.MshFileVersion = 4.1.`);
  }
  lines.mark('$EndMeshFormat');
  return known;
}

function readNames(lines: Lines, { names }: ParsedMesh): void {
  const [count = 0] = lines.counts('the number of physical names', 1);
  for (let k = 0; k < count; k++) {
    const match = /^(\d+)\s+(\d+)\s+"(.*)"$/.exec(lines.text('a physical name'));
    if (!match) lines.fail('expected a physical name: dimension tag "name".');
    names.set(`${match[1]} ${match[2]}`, match[3] ?? '');
  }
}

const line = 1;
const point = 15;

function meshFrom({ names, nodes, elements }: ParsedMesh, name: string, lines: Lines): Mesh {
  const refuse = (element: FileElement, message: string): never => {
    throw new MeshFileError(name, element.line, message);
  };
  const kinds = Object.values(elementKinds);
  const cells = elements.filter(({ kind }) => kind !== line && kind !== point);
  const [first] = cells;
  if (!first) lines.fail('the file has no triangles or quadrilaterals. Was the surface meshed?');
  const kind = kinds.find(({ gmsh }) => gmsh === first.kind);
  const nameOf = (of: number): string => gmshKinds[of]?.name ?? `element of kind ${of}`;
  if (!kind) {
    return refuse(
      first,
      `this is a ${nameOf(first.kind)}; triangles with 3 nodes and quadrilaterals with 4 can be used. Set Mesh.ElementOrder = 1, and mesh a plane.`,
    );
  }
  // Vertices in the order in which elements meet them.
  const numbers = new Map<number, number>();
  const places: number[][] = [];
  const vertexOf = (element: FileElement, tag: number): number => {
    const known = numbers.get(tag);
    if (known !== undefined) return known;
    const node = nodes.get(tag);
    if (!node) return refuse(element, `node ${tag} is not among the nodes of the file.`);
    const [x = 0, y = 0, z = 0] = node.at;
    if (Math.abs(z) > 1e-9 * Math.max(1, Math.abs(x), Math.abs(y))) {
      throw new MeshFileError(
        name,
        node.line,
        `node ${tag} is at z = ${z}; the mesh must lie in the plane z = 0.`,
      );
    }
    numbers.set(tag, places.length);
    places.push([x, y]);
    return places.length - 1;
  };
  const size = kind.nodes.length;
  const connected = new Int32Array(cells.length * size);
  cells.forEach((cell, e) => {
    if (cell.kind !== first.kind) {
      refuse(
        cell,
        `this is a ${nameOf(cell.kind)}, and the first one (line ${first.line}) a ${nameOf(first.kind)}; a mesh has one kind. Recombine all surfaces in Gmsh, or none.`,
      );
    }
    connected.set(
      cell.nodes.map((tag) => vertexOf(cell, tag)),
      e * size,
    );
  });
  const xy = places.flat();
  for (let from = 0; from < connected.length; from += size) {
    if (cornerArea(xy, connected, from, 0, size) < 0)
      connected.subarray(from, from + size).reverse();
  }
  const boundary: Record<string, number[][]> = {};
  for (const edge of elements) {
    if (edge.kind !== line) continue;
    for (const group of edge.groups) {
      const own = names.get(`1 ${group}`) ?? String(group);
      boundary[own] ??= [];
      boundary[own].push(
        edge.nodes.map(
          (tag) =>
            numbers.get(tag) ??
            refuse(edge, `node ${tag} of this line is in no element of the surface.`),
        ),
      );
    }
  }
  const regions: Record<string, number[]> = {};
  cells.forEach(({ groups }, e) => {
    for (const group of groups) {
      const own = names.get(`2 ${group}`) ?? String(group);
      regions[own] ??= [];
      regions[own].push(e);
    }
  });
  return createMesh({
    element: kind.name,
    vertices: places,
    elements: connected,
    boundary,
    regions,
  });
}

import { gmshKinds } from './element-kinds.ts';
import type { Lines } from './lines.ts';
import type { ParsedMesh } from './parsed.ts';

/** Physical groups of entities, by dimension and tag: `"1 7"`. */
export type EntityGroups = Map<string, number[]>;

/** Entities of format 4.1; of points there is one place, of others a box, before their groups. */
export function readEntities4(lines: Lines): EntityGroups {
  const groups: EntityGroups = new Map();
  const counts = lines.counts('numbers of points, curves, surfaces and volumes', 4);
  counts.slice(0, 4).forEach((count, dimension) => {
    for (let k = 0; k < count; k++) {
      const before = dimension === 0 ? 4 : 7;
      const row = lines.numbers('an entity: tag, place, groups', before + 1);
      const [tag = 0] = row;
      const own = row.slice(before + 1, before + 1 + (row[before] ?? 0));
      if (own.length < (row[before] ?? 0)) lines.fail(`entity ${tag} lacks some of its groups.`);
      groups.set(`${dimension} ${tag}`, own.map(Math.abs));
    }
  });
  return groups;
}

/** Nodes of format 4.1: blocks of tags, and then of coordinates. */
export function readNodes4(lines: Lines, mesh: ParsedMesh): void {
  const [blocks = 0] = lines.counts('numbers of blocks and nodes, and their range', 4);
  for (let block = 0; block < blocks; block++) {
    const header = lines.counts('a block of nodes: dimension, entity, parametric, count', 4);
    const count = header[3] ?? 0;
    const tags = Array.from({ length: count }, () => lines.counts('the tag of a node', 1)[0] ?? 0);
    for (const tag of tags) {
      const at = lines.numbers('coordinates x y z', 3);
      mesh.nodes.set(tag, { at, line: lines.number });
    }
  }
}

/** Elements of format 4.1, in blocks of one kind and entity. */
export function readElements4(lines: Lines, mesh: ParsedMesh, entities: EntityGroups): void {
  const [blocks = 0] = lines.counts('numbers of blocks and elements, and their range', 4);
  for (let block = 0; block < blocks; block++) {
    const header = lines.counts('a block of elements: dimension, entity, kind, count', 4);
    const [dimension = 0, entity = 0, kind = 0, count = 0] = header;
    const known = gmshKinds[kind];
    if (!known) lines.fail(`these elements are of kind ${kind}, which is not known here.`);
    const groups = entities.get(`${dimension} ${entity}`) ?? [];
    for (let k = 0; k < count; k++) {
      const [tag = 0, ...nodes] = lines.counts('an element: tag nodes', 2);
      if (nodes.length !== known.nodes) {
        lines.fail(`element ${tag} is a ${known.name}; it has ${nodes.length} on this line.`);
      }
      mesh.elements.push({ kind, nodes, groups, line: lines.number });
    }
  }
}

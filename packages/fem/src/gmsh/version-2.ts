import { gmshKinds } from './element-kinds.ts';
import type { Lines } from './lines.ts';
import type { ParsedMesh } from './parsed.ts';

/** Nodes of format 2: `tag x y z`. */
export function readNodes2(lines: Lines, mesh: ParsedMesh): void {
  const [count = 0] = lines.counts('the number of nodes', 1);
  for (let k = 0; k < count; k++) {
    const [tag = 0, ...at] = lines.numbers('a node: tag x y z', 4);
    mesh.nodes.set(tag, { at, line: lines.number });
  }
}

/** Elements of format 2: `tag kind ntags tags... nodes...`, of which the first tag is the group. */
export function readElements2(lines: Lines, mesh: ParsedMesh): void {
  const [count = 0] = lines.counts('the number of elements', 1);
  for (let k = 0; k < count; k++) {
    const row = lines.counts('an element: tag kind ntags tags nodes', 4);
    const [tag = 0, kind = 0, tags = 0] = row;
    const nodes = row.slice(3 + tags);
    const known = gmshKinds[kind];
    if (!known) lines.fail(`element ${tag} is of kind ${kind}, which is not known here.`);
    if (nodes.length !== known.nodes) {
      lines.fail(`element ${tag} is a ${known.name}; it has ${nodes.length} on this line.`);
    }
    const group = tags > 0 ? (row[3] ?? 0) : 0;
    mesh.elements.push({ kind, nodes, groups: group > 0 ? [group] : [], line: lines.number });
  }
}

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plateWithHole } from '@grad/fem';
import { expect, test } from 'vitest';
import { shapeJob } from '../src/jobs/shape/shape-job.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A mesh as Gmsh would write it, in format 2.2. */
function gmshText(cells: readonly [number, number]): string {
  const { vertices, elements, boundary } = plateWithHole({ cells });
  const nodes = Array.from({ length: vertices.shape[0] ?? 0 }, (_, v) => {
    const [x, y] = vertices.at(v).dataSync();
    return `${v + 1} ${x} ${y} 0`;
  });
  const names = Object.keys(boundary);
  const lines = names.flatMap((name, k) => {
    const edges = [...(boundary[name] ?? [])];
    return edges.flatMap((a, i) =>
      i % 2 === 0 ? [`1 2 ${k + 1} ${k + 1} ${a + 1} ${(edges[i + 1] ?? 0) + 1}`] : [],
    );
  });
  const cellsText = Array.from({ length: elements.length / 4 }, (_, e) =>
    ['3 2 9 9', ...Array.from(elements.subarray(4 * e, 4 * e + 4), (v) => v + 1)].join(' '),
  );
  const all = [...lines, ...cellsText].map((text, k) => `${k + 1} ${text}`);
  return [
    '$MeshFormat\n2.2 0 8\n$EndMeshFormat',
    `$PhysicalNames\n${names.length}`,
    ...names.map((name, k) => `1 ${k + 1} "${name}"`),
    `$EndPhysicalNames\n$Nodes\n${nodes.length}`,
    ...nodes,
    `$EndNodes\n$Elements\n${all.length}`,
    ...all,
    '$EndElements\n',
  ].join('\n');
}

test('the hole becomes the ellipse that theory knows', async () => {
  const folder = await temporaryFolder();
  const { success, stdout, stderr } = await tour([shapeJob], folder, 'shape');
  expect(stderr).not.toContain('failed');
  expect(stdout).toContain('11 of 11 references met');
  expect(success).toBe(true);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(4);
  expect(await readFile(join(folder, 'tour', 'shape-after.vtu'), 'utf8')).toContain('vonMises');
});

test('a mesh of the user is taken, and one without the parts that are needed refused', async () => {
  const folder = await temporaryFolder();
  const text = gmshText([8, 8]);
  await writeFile(join(folder, 'plate.msh'), text);
  const own = await tour([shapeJob], folder, 'shape', '--mesh', 'plate.msh');
  expect(own.stdout).toContain('plate.msh: 81 vertices');
  expect(own.stdout).toContain('converged');
  expect(own.success).toBe(true);

  await writeFile(join(folder, 'bare.msh'), text.replace('"hole"', '"rim"'));
  const bare = await tour([shapeJob], folder, 'shape', '--mesh', 'bare.msh');
  expect(bare.stderr).toContain("bare.msh has no physical curve 'hole'; it has");
  await writeFile(join(folder, 'bad.msh'), text.replace('2.2 0 8', '2.2 1 8'));
  const bad = await tour([shapeJob], folder, 'shape', '--mesh', 'bad.msh');
  expect(bad.stderr).toContain('bad.msh:2: the file is binary');
  const none = await tour([shapeJob], folder, 'shape', '--mesh', 'none.msh');
  expect(none.stderr).toContain('none.msh cannot be read');
  expect(none.success).toBe(false);
});

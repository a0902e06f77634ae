import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { depthJob } from '../src/jobs/depth/depth-job.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

const depth = (folder: string, ...args: string[]) => tour([depthJob], folder, 'depth', ...args);

test('a short training on the drawn graph meets its references', async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await depth(folder, '--layers', '4', '--epochs', '25', '--seed', '1');
  expect(stdout).toContain('240 nodes of 3 classes');
  expect(stdout).toContain('5 of 5 references met');
  expect(success).toBe(true);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(3);
  expect(html).not.toMatch(/NaN|undefined/);
  const lines = (await readFile(join(folder, 'tour', 'depth-profiles.csv'), 'utf8')).trim();
  // The cycle, the GCN before and after training (behind its first layer), and GCNII.
  expect(lines.split('\n')).toHaveLength(1 + 65 + 3 + 3 + 5);
}, 120_000);

/** Two triangles with an edge between them; each has a word of its own. */
const files = {
  'edges.tsv': '0\t1\n1\t2\n2\t0\n3\t4\n4\t5\n5\t3\n2\t3\n',
  'features.csr.tsv': '0 2\n0\n0\n1\n1\n1 2\n',
  'labels.txt': '0\n0\n0\n1\n1\n1\n',
  'split.tsv': 'train\t0 5\nval\t1 4\ntest\t2 3\n',
};

async function folderOf(given: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(given)) await writeFile(join(folder, name), content);
  return folder;
}

test('a graph of a folder is learned', async () => {
  const folder = await folderOf(files);
  const args = ['--data', '.', '--layers', '4', '--epochs', '40'];
  const { success, stdout } = await depth(folder, ...args);
  expect(stdout).toContain('6 nodes of 2 classes, 7 edges, 2 nodes to learn from');
  expect(stdout).toMatch(/GCN, 2 layers: share of right answers\s*│\s*1 /);
  expect(success).toBe(true);
});

test.for([
  [{ 'edges.tsv': '0 1\n0 6\n' }, "edges.tsv:2: expected two nodes from 0 to 5, found '0 6'."],
  [{ 'edges.tsv': '0 1\n0 x\n' }, "edges.tsv:2: expected whole numbers of 0 or more, found '0 x'."],
  [{ 'features.csr.tsv': '0\n' }, 'features.csr.tsv has 1 lines and labels.txt 6'],
  [{ 'split.tsv': 'train 0\nval 1\n' }, "split.tsv has no line 'test'."],
  [{ 'split.tsv': 'train 9\nval 1\ntest 2\n' }, "split.tsv: 'train' has the node 9; there are 6"],
] as const)('%j is refused, and nothing is written', async ([change, message]) => {
  const folder = await folderOf({ ...files, ...change });
  const { success, stderr } = await depth(folder, '--data', '.');
  expect(success).toBe(false);
  expect(stderr).toContain(message);
  expect(await readdir(folder)).toHaveLength(4);
});

test('a folder that is not there, and an option that makes no sense, are refused', async () => {
  const folder = await temporaryFolder();
  expect((await depth(folder, '--data', 'nowhere')).stderr).toContain('Cannot read nowhere');
  expect((await depth(folder, '--layers', '3')).stderr).toContain('a whole number from 4 to 256');
});

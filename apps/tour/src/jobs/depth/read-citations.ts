import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { sparse } from '@grad/core';
import { graphBatch } from '@grad/graph';
import type { JobContext } from '../../job.ts';
import { UserError } from '../../user-error.ts';
import type { NodeTask } from './node-task.ts';

/**
 * Reads a citation graph from a folder: `edges.tsv` with a line for each edge, `features.csr.tsv` with the
 * numbers of the words in each paper, `labels.txt`, and `split.tsv` with the nodes of `train`, `val` and
 * `test`. The rows of the features are divided by their sums.
 *
 * @throws UserError naming the file, the line and what is wrong.
 */
export async function readCitations(
  folder: string,
  { folder: base, signal }: Pick<JobContext, 'folder' | 'signal'>,
): Promise<NodeTask> {
  const read = (file: string) =>
    readNumbers({ shown: join(folder, file), path: resolve(base, folder, file) }, signal);
  const labels = (await read('labels.txt')).map(({ numbers: [label = 0] }) => label);
  const edges = await read('edges.tsv');
  const words = await read('features.csr.tsv');
  const split = await read('split.tsv');
  const nodes = labels.length;
  if (words.length !== nodes) {
    throw new UserError(
      `${folder}: features.csr.tsv has ${words.length} lines and labels.txt ${nodes}; both have one for each node.`,
    );
  }
  const part = (title: string): Int32Array => {
    const line = split.find((each) => each.title === title);
    if (line === undefined) throw new UserError(`${folder}/split.tsv has no line '${title}'.`);
    const strange = line.numbers.find((node) => node >= nodes);
    if (strange !== undefined) {
      throw new UserError(
        `${folder}/split.tsv: '${title}' has the node ${strange}; there are ${nodes}, from 0 on.`,
      );
    }
    return Int32Array.from(line.numbers);
  };
  for (const [line, { numbers }] of edges.entries()) {
    if (numbers.length === 2 && numbers.every((node) => node < nodes)) continue;
    throw new UserError(
      `${folder}/edges.tsv:${line + 1}: expected two nodes from 0 to ${nodes - 1}, found '${numbers.join(' ')}'.`,
    );
  }
  const inputs = 1 + Math.max(-1, ...words.map(({ numbers }) => Math.max(-1, ...numbers)));
  const indptr = [0];
  for (const { numbers } of words) indptr.push((indptr.at(-1) ?? 0) + numbers.length);
  return {
    name: basename(folder),
    graph: graphBatch([{ nodes, edges: edges.map(({ numbers }) => numbers) }], {
      undirected: true,
    }),
    features: sparse.csr({
      shape: [nodes, inputs],
      indptr,
      indices: words.flatMap(({ numbers }) => numbers),
      data: Float32Array.from(
        words.flatMap(({ numbers }) => numbers.map(() => 1 / numbers.length)),
      ),
    }),
    labels: Int32Array.from(labels),
    classes: 1 + Math.max(-1, ...labels),
    train: part('train'),
    validation: part('val'),
    test: part('test'),
  };
}

interface NumberLine {
  /** A word before the numbers, or nothing. */
  readonly title: string;
  readonly numbers: readonly number[];
}

async function readNumbers(
  { shown, path }: { readonly shown: string; readonly path: string },
  signal: AbortSignal,
): Promise<NumberLine[]> {
  const text = await readFile(path, { encoding: 'utf8', signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new UserError(`Cannot read ${shown}: ${String(error)}`);
  });
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line, row) => {
      const cells = line.split(/\s+/).filter((cell) => cell !== '');
      const title = /^\p{L}/u.test(cells[0] ?? '') ? (cells[0] ?? '') : '';
      const numbers = (title === '' ? cells : cells.slice(1)).map(Number);
      if (numbers.every((number) => Number.isInteger(number) && number >= 0)) {
        return { title, numbers };
      }
      throw new UserError(
        `${shown}:${row + 1}: expected whole numbers of 0 or more, found '${line.slice(0, 40)}'.`,
      );
    });
}

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linkGraph } from '../src/jobs/pagerank/link-graph.ts';
import { pagerankJob } from '../src/jobs/pagerank/pagerank-job.ts';
import { createRanker } from '../src/jobs/pagerank/rank.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

const pagerank = (folder: string, ...args: string[]) =>
  tour([pagerankJob], folder, 'pagerank', ...args);

/** The lines of a file of results, by all but the last of their columns. */
async function results(folder: string, name: string): Promise<Map<string, number>> {
  const [, ...lines] = (await readFile(join(folder, 'tour', name), 'utf8')).trim().split('\n');
  return new Map(
    lines.map((line) => {
      const comma = line.lastIndexOf(',');
      return [line.slice(0, comma), Number(line.slice(comma + 1))];
    }),
  );
}

test('the karate club meets its references, computed on the spot', async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await pagerank(folder);
  expect(stdout).toContain('17 of 17 references met');
  expect(stdout).toMatch(/d score of 33 \/ d weight of 13 → 33\s*│\s*0\.005523732487822 │/);
  expect(success).toBe(true);
  const scores = await results(folder, 'pagerank-scores.csv');
  expect(scores.size).toBe(34);
  expect(scores.get('0')).toBeCloseTo(0.09699728538829476, 15);
  const derivatives = await results(folder, 'pagerank-derivatives.csv');
  expect(derivatives.size).toBe(156);
  expect(derivatives.get('0,1,1')).toBeCloseTo(0.0000307784256070354, 15);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(3);
});

test('two pages that vote for each other share the score, and its derivatives vanish', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'two.csv'), '\uFEFFfrom,to,weight\r\na,b,2\r\nb,a,5\r\n');
  const { success, stdout } = await pagerank(folder, '--edges', 'two.csv', '--target', 'b');
  expect(success).toBe(true);
  expect(stdout).toContain('two.csv: 2 pages, 2 links');
  expect(Object.fromEntries(await results(folder, 'pagerank-scores.csv'))).toEqual({
    a: 0.5,
    b: 0.5,
  });
  const derivatives = await results(folder, 'pagerank-derivatives.csv');
  expect([...derivatives.keys()]).toEqual(['a,b,2', 'b,a,5']);
  for (const derivative of derivatives.values()) expect(Math.abs(derivative)).toBeLessThan(1e-15);
});

test('a ring, whose derivatives are nothing but rounding, passes its checks', async () => {
  const folder = await temporaryFolder();
  const links = Array.from(
    { length: 7 },
    (_, page) => `${page},${(page + 1) % 7},${0.1 + page / 3}`,
  );
  await writeFile(join(folder, 'ring.csv'), links.join('\n'));
  const { success, stderr } = await pagerank(folder, '--edges', 'ring.csv', '--alpha', '0.7');
  expect(stderr).not.toContain('missed');
  expect(success).toBe(true);
});

test('links without direction, of weight 0, to oneself and to nowhere are ranked', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'odd.tsv'), 'a\tb\t1\nb\tb\t3\nc\td\t0\n');
  const { success } = await pagerank(folder, '--edges', 'odd.tsv', '--undirected', '--alpha', '.5');
  expect(success).toBe(true);
  const scores = await results(folder, 'pagerank-scores.csv');
  expect([...scores.keys()]).toEqual(['a', 'b', 'c', 'd']);
  expect(scores.get('c')).toBeCloseTo(scores.get('d') ?? 0, 15);
});

test.for([
  ['1 2\n2 -1 3\n', [], 'e.txt:2: expected 2 columns as in the lines above, found 3.'],
  ['1,2,1\n2,3,-1\n', [], "e.txt:2: expected a weight of 0 or more, found '-1'"],
  ['1,2,nan\n', [], "e.txt:1: expected a weight of 0 or more, found 'nan'"],
  ['1,2\n', ['--target', '7'], "There is no page '7' in e.txt. Its pages are 1, 2"],
  ['1,2\n', ['--alpha', '1'], 'Expected a number between 0 and 1.'],
] as const)('%j with %j is refused, and nothing is written', async ([content, args, message]) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'e.txt'), content);
  const { success, stderr } = await pagerank(folder, '--edges', 'e.txt', ...args);
  expect(success).toBe(false);
  expect(stderr).toContain(message);
  expect(await readdir(folder)).toEqual(['e.txt']);
});

test('--undirected without a file is refused', async () => {
  const { success, stderr } = await pagerank(await temporaryFolder(), '--undirected');
  expect(success).toBe(false);
  expect(stderr).toContain('Give the file with --edges.');
});

test('the derivative agrees with finite differences for every link of a graph with a dangling page', async () => {
  const links = ['ab', 'bc', 'ca', 'ac', 'bd'].map(([from = '', to = ''], place) => ({
    from,
    to,
    weight: 1 + place / 3,
  }));
  const graph = linkGraph('test', links, { undirected: false });
  const ranker = createRanker(graph, 0.85, AbortSignal.any([]));
  const derivatives = await ranker.differentiate(graph.weights, 2);
  const h = 1e-5;
  for (const [link, derivative] of derivatives.entries()) {
    const scoreAt = async (shift: number) => {
      const weights = graph.weights.slice();
      weights[link] = (weights[link] ?? 0) + shift;
      return (await ranker.rank(weights)).scores[2] ?? Number.NaN;
    };
    const difference = ((await scoreAt(h)) - (await scoreAt(-h))) / (2 * h);
    expect(Math.abs(derivative - difference)).toBeLessThan(1e-9);
  }
  expect(derivatives.some((derivative) => Math.abs(derivative) > 1e-2)).toBe(true);
});

test('a long solution shows how far it is, and ends at once when it is interrupted', async () => {
  const ring = Array.from({ length: 200_000 }, (_, page) => ({
    from: String(page),
    to: String((page + 1) % 200_000),
    weight: 1 + (page % 7),
  }));
  const chords = ring.map(({ from }) => ({ from, to: '0', weight: 1 }));
  const graph = linkGraph('ring', [...ring, ...chords], { undirected: false });
  const controller = new AbortController();
  const ranker = createRanker(graph, 0.9999, controller.signal);
  const reason = new Error('Ctrl-C');
  const shown: number[] = [];
  const follow = (fraction: number): void => {
    shown.push(fraction);
    if (shown.length === 3) setTimeout(() => controller.abort(reason));
  };
  await expect(ranker.differentiate(graph.weights, 5, follow)).rejects.toBe(reason);
  expect(shown.length).toBeGreaterThanOrEqual(3);
  expect(shown).toEqual(shown.toSorted((a, b) => a - b));
  expect(shown.at(-1)).toBeLessThan(1);
});

const data = process.env['GRAD_DATA'];
const needsData = { skip: data === undefined, timeout: 60_000 };

test(
  'the weighted karate club of networkx is ranked to 12 digits (needs GRAD_DATA)',
  needsData,
  async () => {
    const folder = await temporaryFolder();
    const club = join(data ?? '', 'karate');
    const path = join(club, 'karate_networkx_weighted.tsv');
    const { success } = await pagerank(folder, '--edges', path, '--undirected', '--target', '33');
    expect(success).toBe(true);
    const reference: {
      karate_weighted: string[];
      karate_grad_p33_weighted: Record<string, string>;
    } = JSON.parse(await readFile(join(club, 'pagerank_reference.json'), 'utf8'));
    const scores = await results(folder, 'pagerank-scores.csv');
    expect(scores.size).toBe(34);
    for (const [page, score] of reference.karate_weighted.entries()) {
      expect(Math.abs((scores.get(String(page)) ?? 0) / Number(score) - 1)).toBeLessThan(1e-12);
    }
    const derivatives = await results(folder, 'pagerank-derivatives.csv');
    expect(derivatives.size).toBe(156);
    for (const [key, derivative] of derivatives) {
      const [from, to] = key.split(',');
      const expected = Number(reference.karate_grad_p33_weighted[`${from}-${to}`]);
      expect(Math.abs(derivative - expected)).toBeLessThan(1e-14);
    }
  },
);

test(
  'the best page of Wiki-Vote is 4037, with its published score (needs GRAD_DATA)',
  needsData,
  async () => {
    const folder = await temporaryFolder();
    const path = join(data ?? '', 'web-graphs', 'Wiki-Vote.txt');
    const { success, stdout } = await pagerank(folder, '--edges', path);
    expect(success).toBe(true);
    expect(stdout).toContain('Wiki-Vote.txt: 7115 pages, 103689 links, α = 0.85.');
    expect(stdout).toContain('score of 4037, the target');
    const scores = await results(folder, 'pagerank-scores.csv');
    expect(scores.get('4037')).toBeCloseTo(4.60717351579749e-3, 16);
    expect((await results(folder, 'pagerank-derivatives.csv')).size).toBe(103_689);
  },
);

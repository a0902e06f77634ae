import { expect, test } from 'vitest';
import type { DataFile } from '../src/delimited.ts';
import { linkGraph } from '../src/jobs/pagerank/link-graph.ts';
import { readLinks } from '../src/jobs/pagerank/read-links.ts';

/** A file whose first line of data is line 3. */
function file(...rows: string[][]): DataFile {
  const lines = rows.map((cells, index) => ({ number: index + 3, cells }));
  return { path: 'links.csv', name: 'links.csv', lines };
}

test('links without weights weigh 1', () => {
  expect(readLinks(file(['30', '1412'], ['3', '28']))).toEqual([
    { from: '30', to: '1412', weight: 1 },
    { from: '3', to: '28', weight: 1 },
  ]);
});

test('a line of titles is not a link', () => {
  const link = { from: 'a', to: 'b', weight: 1 };
  expect(readLinks(file(['Source', 'target'], ['a', 'b']))).toEqual([link]);
  expect(readLinks(file(['one end', 'other', 'strength'], ['a', 'b', '1']))).toEqual([link]);
  expect(readLinks(file(['id_1', 'id_2'], ['7', '8']))).toHaveLength(1);
});

test('a first line of page names is a link', () => {
  expect(readLinks(file(['ann', 'bob'], ['bob', 'cy']))).toHaveLength(2);
  expect(readLinks(file(['node1', 'node2'], ['node2', 'node3']))).toHaveLength(2);
});

test.for(['nan', '-1', 'inf', '0x10', '', '1e999', 'heavy'])(
  "the weight '%s' is refused with its line, also in the first line",
  (weight) => {
    const message = `expected a weight of 0 or more, found '${weight}'`;
    const bad = ['a', 'b', weight];
    expect(() => readLinks(file(['a', 'c', '1'], bad))).toThrow(`links.csv:4: ${message}`);
    if (weight !== 'heavy') {
      expect(() => readLinks(file(bad, ['a', 'c', '1']))).toThrow(`links.csv:3: ${message}`);
    }
  },
);

test('ragged lines, missing names and a wrong number of columns are refused with the line', () => {
  expect(() => readLinks(file(['1', '2'], ['3', '4', '5']))).toThrow(
    'links.csv:4: expected 2 columns as in the lines above, found 3.',
  );
  expect(() => readLinks(file(['1', '2'], ['', '4']))).toThrow('links.csv:4: expected the names');
  expect(() => readLinks(file(['1']))).toThrow('links.csv:3: expected 2 or 3 columns');
  expect(() => readLinks(file(['from', 'to']))).toThrow('no links below its titles');
});

test('pages are numbered in the order of their first appearance', () => {
  const links = [
    { from: 'b', to: 'a', weight: 2 },
    { from: 'a', to: 'c', weight: 0.5 },
  ];
  const graph = linkGraph('test', links, { undirected: false });
  expect(graph.labels).toEqual(['b', 'a', 'c']);
  expect([...graph.from]).toEqual([0, 1]);
  expect([...graph.to]).toEqual([1, 2]);
  expect([...graph.weights]).toEqual([2, 0.5]);
});

test('an undirected link goes both ways, a link to itself only once', () => {
  const links = [
    { from: 'a', to: 'b', weight: 3 },
    { from: 'b', to: 'b', weight: 1 },
  ];
  const graph = linkGraph('test', links, { undirected: true });
  expect([...graph.from]).toEqual([0, 1, 1]);
  expect([...graph.to]).toEqual([1, 0, 1]);
  expect([...graph.weights]).toEqual([3, 3, 1]);
});

import { expect, it } from 'vitest';
import {
  atomFeatureNames,
  bondFeatureNames,
  drawMolecule,
  fromSmiles,
  graphBatch,
  pool,
  readMolecules,
  SmilesError,
} from '../src/index.ts';

/** Names of what a row says. */
const named = (names: readonly string[], row: readonly number[] = []): string[] =>
  names.filter((_, k) => row[k] === 1);

it('reads atoms and bonds', () => {
  const { nodes, edges, elements, features, edgeFeatures } = fromSmiles(' CC(=O)[O-] ');
  expect(nodes).toBe(4);
  expect(elements).toEqual(['C', 'C', 'O', 'O']);
  expect(edges).toEqual([
    [0, 1],
    [1, 2],
    [1, 3],
  ]);
  expect(named(atomFeatureNames, features[0])).toEqual([
    'C',
    '1 neighbors',
    '3 hydrogens',
    '0 pi electrons',
  ]);
  expect(named(atomFeatureNames, features[1])).toEqual([
    'C',
    '3 neighbors',
    '0 hydrogens',
    '1 pi electrons',
  ]);
  expect(named(atomFeatureNames, features[3])).toEqual([
    'O',
    '1 neighbors',
    '0 hydrogens',
    '0 pi electrons',
    'negative',
  ]);
  expect(edgeFeatures.map((row) => named(bondFeatureNames, row))).toEqual([
    ['single'],
    ['double'],
    ['single'],
  ]);
});

it('sees rings, aromatic and conjugated bonds', () => {
  const pyridine = fromSmiles('c1ccncc1C=C');
  expect(named(atomFeatureNames, pyridine.features[3])).toEqual([
    'N',
    '2 neighbors',
    '0 hydrogens',
    '1 pi electrons',
    'aromatic',
    'in a ring',
    'smallest ring of 6',
  ]);
  const bonds = pyridine.edgeFeatures.map((row) => named(bondFeatureNames, row).join(', '));
  expect(bonds.filter((bond) => bond === 'aromatic, in a ring, conjugated')).toHaveLength(6);
  expect(bonds).toContain('single, conjugated');
  expect(bonds).toContain('double');
  const named12 = fromSmiles('C1CC1C#N').edgeFeatures.map((row) =>
    named(bondFeatureNames, row).join(', '),
  );
  expect(named12.toSorted()).toEqual([
    'single',
    'single, in a ring',
    'single, in a ring',
    'single, in a ring',
    'triple',
  ]);
});

it('counts hydrogens at their atoms, but for those of H2', () => {
  expect(fromSmiles('C([H])([H])([H])[H]').features).toEqual(fromSmiles('C').features);
  expect(fromSmiles('[H][H]').elements).toEqual(['H', 'H']);
});

it('a salt and single atoms are graphs without edges', () => {
  const [salt, water] = [fromSmiles('[Na+].[Cl-]'), fromSmiles('O')];
  expect(salt.edges).toEqual([]);
  expect(named(atomFeatureNames, salt.features[0])).toContain('another element');
  const batch = graphBatch([salt, fromSmiles('CC'), water], { undirected: true });
  expect(pool(batch.features, batch).shape).toEqual([3, atomFeatureNames.length]);
  expect(batch.edgeFeatures.shape).toEqual([2, bondFeatureNames.length]);
});

it.each([
  ['', 'it is empty'],
  ['CC ethane', "there is ' ' at position 3"],
  ['CC(C', "the '(' at position 3 is never closed"],
  ['CC)C', "there is no '(' for the ')' at position 3"],
  ['[Na+', "the '[' at position 1 is never closed"],
  ['C()C', 'the branch at position 2 is empty'],
  ['C((C)C)', 'two branches open at position 2'],
  ['CC=', "it ends with '='"],
  ['C1CC', 'dangling ring closure: 1 at position 5'],
  ['CXC', 'unknown element label found at position 2'],
  ['CC(C)(C)(C)(C)C', 'atom 2, C, has 6 bonds'],
  ['c1cccc1', 'atom 5 is written as aromatic'],
  ['7', 'it has no atoms'],
])("refuses '%s'", (smiles, problem) => {
  expect(() => fromSmiles(smiles)).toThrow(SmilesError);
  expect(() => fromSmiles(smiles)).toThrow(`'${smiles}' is no SMILES of a molecule: ${problem}`);
});

it('reads tables', async () => {
  const { graphs, values, title } = await readMolecules(
    'name,measured,SMILES,note\n"one, so",-1.5,CCO ,a\ntwo,2e1,c1ccccc1,b\n',
  );
  expect(graphs.map(({ smiles }) => smiles)).toEqual(['CCO', 'c1ccccc1']);
  expect([...values]).toEqual([-1.5, 20]);
  expect(title).toBe('measured');
  const other = await readMolecules('s\tx\ty\nC#N\t1\t2\n', { smiles: 's', value: 'x' });
  expect([...other.values]).toEqual([1]);
});

it.each([
  [
    'smiles,y\nCC,1\nC1C,2\n',
    {},
    "drugs.csv, line 3: 'C1C' is no SMILES of a molecule: dangling ring closure",
  ],
  [
    'smiles,y\n\nCC,1\nCC,much\n',
    { value: 'y' },
    "drugs.csv, line 4: expected a number, found 'much'",
  ],
  ['smiles,y\nCC\n', {}, 'drugs.csv, line 2: 1 cells, but 2 titles'],
  ['smiles,y\nCC,a\n', {}, 'drugs.csv, line 1: there is no column of numbers alone'],
  ['x,y\nCC,1\n', {}, "drugs.csv, line 1: there is no column 'smiles'; there are 'x', 'y'"],
  ['smiles,y\nCC,1\n', { value: 'z' }, "there is no column 'z'"],
  ['smiles,y\n', {}, 'there are no lines below the titles'],
])('names the line of a table: %j', async (text, options, problem) => {
  await expect(readMolecules(text, { ...options, name: 'drugs.csv' })).rejects.toThrow(problem);
});

it('draws a disc behind each atom', () => {
  const svg = drawMolecule('OCC', { values: [-2, 0, 1], width: 200, height: 100 });
  expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 200 100".*<\/svg>$/);
  const discs = [
    ...svg.matchAll(
      /<circle cx="([\d.]+)" cy="([\d.]+)" r="6" fill="([^"]+)" fill-opacity="([\d.]+)"\/>/g,
    ),
  ];
  expect(discs.map(([, , , color]) => color)).toEqual(['#2166ac', '#2166ac', '#d7301f']);
  expect(discs.map(([, , , , opacity]) => Number(opacity))).toEqual([0.75, 0, 0.375]);
  // The label of the oxygen lies on its disc.
  const [, x = ''] = /<text x="([\d.]+)"[^>]*>O</.exec(svg) ?? [];
  expect(Math.abs(Number(x) - Number(discs[0]?.[1]))).toBeLessThan(8);
  expect(svg).not.toContain('class=');
  expect(drawMolecule('OCC')).not.toContain('fill-opacity');
  expect(() => drawMolecule('OCC', { values: [1, 2] })).toThrow(
    '3 atoms need as many finite values; there are 2 of 2',
  );
});

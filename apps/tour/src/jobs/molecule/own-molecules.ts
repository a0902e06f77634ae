import { random } from '@grad/core';
import { fromSmiles } from '@grad/graph';
import { Molecule, MoleculeProperties } from 'openchemlib';
import { type MoleculeTable, shuffled } from './split-molecules.ts';

/** Groups, written so that they end with the atom that binds, and so that they begin with it. */
const groups: readonly (readonly [before: string, behind: string])[] = [
  ['C', 'C'],
  ['CC', 'CC'],
  ['CC(C)', 'C(C)C'],
  ['O', 'O'],
  ['CO', 'OC'],
  ['N', 'N'],
  ['CN(C)', 'N(C)C'],
  ['F', 'F'],
  ['Cl', 'Cl'],
  ['Br', 'Br'],
  ['N#C', 'C#N'],
  ['OC(=O)', 'C(=O)O'],
  ['CC(=O)', 'C(C)=O'],
  ['COC(=O)', 'C(=O)OC'],
  ['NC(=O)', 'C(N)=O'],
  ['[O-][N+](=O)', '[N+](=O)[O-]'],
  ['FC(F)(F)', 'C(F)(F)F'],
  ['CS(=O)(=O)', 'S(C)(=O)=O'],
  ['C=C', 'C=C'],
  ['CCCC', 'CCCC'],
];

/** What the groups bind to. */
const cores: readonly ((before: string, behind: string) => string)[] = [
  (a, b) => `${a}CC${b}`,
  (a, b) => `${a}CCCC${b}`,
  (a, b) => `${a}c1ccc(${b})cc1`,
  (a, b) => `${a}c1cccc(${b})c1`,
  (a, b) => `${a}c1ccc(${b})nc1`,
  (a, b) => `${a}c1ccc(${b})s1`,
  (a, b) => `${a}C1CCC(${b})CC1`,
  (a, b) => `${a}c1ccc2cc(${b})ccc2c1`,
];

/**
 * Molecules put together of cores and groups, and the logarithm of their partition between octanol and water
 * as openchemlib estimates it: not measured, but known for every molecule, and it depends on what each atom
 * is bound to.
 */
export function ownMolecules(count: number): MoleculeTable {
  const all = cores.flatMap((core) =>
    groups.flatMap(([before], k) => groups.slice(k).map(([, behind]) => core(before, behind))),
  );
  const places = all.map((_, k) => k);
  const smiles = shuffled(places, random.key(0))
    .slice(0, count)
    .map((k) => all[k] ?? '');
  return {
    name: `${smiles.length} molecules of cores and groups`,
    property: 'logP by openchemlib',
    graphs: smiles.map(fromSmiles),
    descriptors: smiles.map(() => []),
    values: Float64Array.from(smiles, (each) => {
      const molecule = Molecule.fromSmiles(each, { noCoordinates: true });
      return new MoleculeProperties(molecule).logP;
    }),
  };
}

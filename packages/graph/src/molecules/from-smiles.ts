import type { GraphData, Rows } from '../graph-batch.ts';
import { featuresOfAtoms, featuresOfBonds } from './features.ts';
import { parseSmiles } from './parse-smiles.ts';

/** A molecule as a graph: atoms but for hydrogens are nodes, bonds are edges, each given once. */
export interface MoleculeGraph extends GraphData {
  readonly nodes: number;
  readonly edges: readonly (readonly [number, number])[];
  /** What there is to know of each atom: columns of `atomFeatureNames`. */
  readonly features: Rows;
  /** What there is to know of each bond: columns of `bondFeatureNames`. */
  readonly edgeFeatures: Rows;
  /** The SMILES, without spaces around it. */
  readonly smiles: string;
  /** The element of each atom. */
  readonly elements: readonly string[];
}

/**
 * The graph of a molecule, for `graphBatch` with `undirected`. Hydrogens are counted at their atoms; those of
 * H2 are atoms. Parts of a salt, which no bond joins, are parts of one graph. Stereochemistry is left out.
 *
 * @throws SmilesError that says what is wrong and where, also for what many parsers let pass: a carbon with
 * six bonds, an aromatic ring that cannot be one, an open parenthesis, a name behind the SMILES.
 */
export function fromSmiles(smiles: string): MoleculeGraph {
  const molecule = parseSmiles(smiles);
  const nodes = molecule.getAllAtoms();
  return {
    smiles: smiles.trim(),
    nodes,
    elements: Array.from({ length: nodes }, (_, atom) => molecule.getAtomLabel(atom)),
    edges: Array.from({ length: molecule.getAllBonds() }, (_, bond) => [
      molecule.getBondAtom(0, bond),
      molecule.getBondAtom(1, bond),
    ]),
    features: featuresOfAtoms(molecule),
    edgeFeatures: featuresOfBonds(molecule),
  };
}

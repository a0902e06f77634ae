import { Molecule, MoleculeProperties } from 'openchemlib';

/**
 * What openchemlib computes of a molecule as a whole, each scaled to be about 1: its estimate of logP, polar
 * surface, hydrogen bonds given and taken, bonds that turn, and weight.
 */
export function descriptorsOf(smiles: string): number[] {
  const molecule = Molecule.fromSmiles(smiles, { noCoordinates: true });
  const of = new MoleculeProperties(molecule);
  return [
    of.logP / 3,
    of.polarSurfaceArea / 60,
    of.donorCount / 2,
    of.acceptorCount / 4,
    of.rotatableBondCount / 4,
    molecule.getMolecularFormula().relativeWeight / 200,
  ];
}

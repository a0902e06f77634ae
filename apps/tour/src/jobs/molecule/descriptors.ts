import { Molecule, MoleculeProperties } from 'openchemlib';

/**
 * What openchemlib computes of a molecule as a whole: its estimate of logP, polar surface, hydrogen bonds given
 * and taken, and bonds that turn.
 */
export function descriptorsOf(smiles: string): number[] {
  const molecule = Molecule.fromSmiles(smiles, { noCoordinates: true });
  const of = new MoleculeProperties(molecule);
  return [of.logP, of.polarSurfaceArea, of.donorCount, of.acceptorCount, of.rotatableBondCount];
}

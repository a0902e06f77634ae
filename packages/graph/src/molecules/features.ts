import type { Molecule } from 'openchemlib';

/** A feature of atoms or bonds: its name, and its value. */
interface Feature {
  readonly name: string;
  readonly of: (molecule: Molecule, index: number) => number;
}

const elements = ['C', 'N', 'O', 'S', 'F', 'Cl', 'Br', 'I', 'P', 'B', 'Si', 'Se', 'H'];
const others: Feature = {
  name: 'another element',
  of: (molecule, atom) => Number(!elements.includes(molecule.getAtomLabel(atom))),
};

/** One feature for each value that a property may have; the last one is for all above. */
function levels(
  values: readonly number[],
  title: (value: number) => string,
  of: (molecule: Molecule, index: number) => number,
): Feature[] {
  const last = values.at(-1) ?? 0;
  return values.map((value) => ({
    name: title(value),
    of: (molecule, index) => Number(Math.min(of(molecule, index), last) === value),
  }));
}

const atomFeatures: readonly Feature[] = [
  ...elements.map((element) => ({
    name: element,
    of: (molecule: Molecule, atom: number) => Number(molecule.getAtomLabel(atom) === element),
  })),
  others,
  ...levels(
    [0, 1, 2, 3, 4],
    (k) => `${k} neighbors`,
    (m, atom) => m.getConnAtoms(atom),
  ),
  ...levels(
    [0, 1, 2, 3, 4],
    (k) => `${k} hydrogens`,
    (m, atom) => m.getAllHydrogens(atom),
  ),
  ...levels(
    [0, 1, 2],
    (k) => `${k} pi electrons`,
    (m, atom) => m.getAtomPi(atom),
  ),
  { name: 'negative', of: (m, atom) => Number(m.getAtomCharge(atom) < 0) },
  { name: 'positive', of: (m, atom) => Number(m.getAtomCharge(atom) > 0) },
  { name: 'aromatic', of: (m, atom) => Number(m.isAromaticAtom(atom)) },
  { name: 'in a ring', of: (m, atom) => Number(m.isRingAtom(atom)) },
  ...[3, 4, 5, 6, 7].map((size) => ({
    name: `smallest ring of ${size}`,
    of: (m: Molecule, atom: number) => Number(m.getAtomRingSize(atom) === size),
  })),
];

const bondFeatures: readonly Feature[] = [
  {
    name: 'single',
    of: (m, bond) => Number(m.getBondOrder(bond) === 1 && !m.isAromaticBond(bond)),
  },
  {
    name: 'double',
    of: (m, bond) => Number(m.getBondOrder(bond) === 2 && !m.isAromaticBond(bond)),
  },
  { name: 'triple', of: (m, bond) => Number(m.getBondOrder(bond) === 3) },
  { name: 'aromatic', of: (m, bond) => Number(m.isAromaticBond(bond)) },
  { name: 'in a ring', of: (m, bond) => Number(m.isRingBond(bond)) },
  { name: 'conjugated', of: isConjugated },
];

/** A single bond between atoms that both have pi electrons, or an aromatic one. */
function isConjugated(molecule: Molecule, bond: number): number {
  if (molecule.isAromaticBond(bond)) return 1;
  const ends = [molecule.getBondAtom(0, bond), molecule.getBondAtom(1, bond)];
  return Number(
    molecule.getBondOrder(bond) === 1 && ends.every((atom) => molecule.getAtomPi(atom) > 0),
  );
}

/** Names of the features of atoms, in the order of the columns of `fromSmiles`. */
export const atomFeatureNames: readonly string[] = atomFeatures.map(({ name }) => name);

/** Names of the features of bonds, in the order of the columns of `fromSmiles`. */
export const bondFeatureNames: readonly string[] = bondFeatures.map(({ name }) => name);

/** Features of each atom. */
export function featuresOfAtoms(molecule: Molecule): number[][] {
  return rows(molecule, molecule.getAllAtoms(), atomFeatures);
}

/** Features of each bond. */
export function featuresOfBonds(molecule: Molecule): number[][] {
  return rows(molecule, molecule.getAllBonds(), bondFeatures);
}

function rows(molecule: Molecule, count: number, features: readonly Feature[]): number[][] {
  return Array.from({ length: count }, (_, index) => features.map(({ of }) => of(molecule, index)));
}

import { Molecule } from 'openchemlib';

/** A SMILES that stands for no molecule. `problem` is the message without the SMILES. */
export class SmilesError extends Error {
  override readonly name = 'SmilesError';
  /** What is wrong, and where. */
  readonly problem: string;

  constructor(smiles: string, problem: string) {
    super(`'${smiles}' is no SMILES of a molecule: ${problem}`);
    this.problem = problem;
  }
}

/**
 * The molecule of a SMILES, with hydrogens counted at their atoms and not as atoms. The parser itself is
 * lenient: it stops at a space, closes parentheses, and lets a carbon have six bonds. What it lets pass is
 * refused here.
 */
export function parseSmiles(given: string): Molecule {
  const smiles = given.trim();
  const fail = (problem: string): never => {
    throw new SmilesError(smiles, problem);
  };
  if (smiles === '') fail('it is empty.');
  const odd = smiles.search(/[^A-Za-z0-9[\]()=#$:/\\.+\-@%*]/);
  if (odd >= 0) {
    fail(
      `there is '${smiles[odd]}' at position ${odd + 1}. Give the SMILES alone, without a name.`,
    );
  }
  checkBrackets(smiles, fail);
  if (/[([=#$:/\\%-]$/.test(smiles)) fail(`it ends with '${smiles.at(-1)}'.`);
  const molecule = read(smiles, fail);
  molecule.removeExplicitHydrogens();
  molecule.ensureHelperArrays(Molecule.cHelperRings);
  checkAtoms(molecule, smiles, fail);
  return molecule;
}

type Fail = (problem: string) => never;

function read(smiles: string, fail: Fail): Molecule {
  try {
    return Molecule.fromSmiles(smiles, { noCoordinates: true });
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    const [, problem = '', place] =
      /SmilesParser: (.*?)[.;:]?\s*(?:position:\s*(\d+))?$/i.exec(text) ?? [];
    // The parser counts from 0.
    const where = place === undefined ? '' : ` at position ${Number(place) + 1}`;
    return fail(problem === '' ? 'it cannot be read.' : `${problem}${where}.`);
  }
}

function checkBrackets(smiles: string, fail: Fail): void {
  const open: { sign: string; at: number }[] = [];
  const partners: Readonly<Record<string, string>> = { ')': '(', ']': '[' };
  [...smiles].forEach((sign, at) => {
    if (sign === '(' || sign === '[') open.push({ sign, at });
    const partner = partners[sign];
    if (partner !== undefined && open.pop()?.sign !== partner) {
      fail(`there is no '${partner}' for the '${sign}' at position ${at + 1}.`);
    }
    if (sign === ')' && smiles[at - 1] === '(') fail(`the branch at position ${at} is empty.`);
    if (sign === '(' && smiles[at - 1] === '(') {
      fail(`two branches open at position ${at}; an atom belongs between them.`);
    }
  });
  const last = open.at(-1);
  if (last !== undefined) fail(`the '${last.sign}' at position ${last.at + 1} is never closed.`);
}

function checkAtoms(molecule: Molecule, smiles: string, fail: Fail): void {
  const count = molecule.getAllAtoms();
  if (count === 0) fail('it has no atoms.');
  for (let atom = 0; atom < count; atom++) {
    const [bonds, most] = [molecule.getOccupiedValence(atom), molecule.getMaxValence(atom)];
    if (bonds > most) {
      fail(
        `atom ${atom + 1}, ${molecule.getAtomLabel(atom)}, has ${bonds} bonds (double ones twice); it can have ${most}.`,
      );
    }
  }
  // Atoms are in the order of the text as long as no hydrogens among them were removed.
  const signs = smiles.match(/\[[^\]]*\]|Br|Cl|[A-Z*]|[bcnops]/g) ?? [];
  if (signs.length !== count) return;
  const lone = signs.findIndex((sign, atom) => sign === 'c' && molecule.getAtomPi(atom) === 0);
  if (lone >= 0) {
    fail(
      `atom ${lone + 1} is written as aromatic, and the bonds of its ring cannot be single and double in turn.`,
    );
  }
}

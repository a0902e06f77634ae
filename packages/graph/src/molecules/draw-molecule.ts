import { checkOptions } from '../check.ts';
import { parseSmiles } from './parse-smiles.ts';

const above = '#d7301f';
const below = '#2166ac';

/** What a picture of a molecule shows. */
export interface DrawMoleculeOptions {
  /** One number for each atom, which colours it: red above 0, blue below. */
  readonly values?: ArrayLike<number>;
  /** The value with the full colour; the largest absolute one when left out. */
  readonly full?: number;
  /** Width in pixels; 320 when left out. */
  readonly width?: number;
  /** Height in pixels; 240 when left out. */
  readonly height?: number;
}

/**
 * A drawing of a molecule as the markup of an SVG on white, with a disc behind each atom in the colour of its
 * value. Atoms are in the order of `fromSmiles`.
 *
 * @throws SmilesError when the SMILES is wrong; RangeError when there is not a finite value for each atom.
 */
export function drawMolecule(smiles: string, options: DrawMoleculeOptions = {}): string {
  checkOptions('drawMolecule', options, ['values', 'full', 'width', 'height']);
  const { values, width = 320, height = 240 } = options;
  const molecule = parseSmiles(smiles);
  const atoms = molecule.getAllAtoms();
  const list = Array.from(values ?? []);
  if (values !== undefined && (list.length !== atoms || !list.every(Number.isFinite))) {
    throw new RangeError(
      `drawMolecule: ${atoms} atoms need as many finite values; there are ${list.filter(Number.isFinite).length} of ${list.length}.`,
    );
  }
  molecule.inventCoordinates();
  const lines = molecule
    .toSVG(width, height, 'molecule', { suppressChiralText: true, noStereoProblem: true })
    .split('\n');
  const strokes = lines.filter((line) => /^ *<(text|line|polygon|path|circle)/.test(line));
  const full = options.full ?? Math.max(...list.map(Math.abs), Number.MIN_VALUE);
  const radius = Math.round(Math.min(width, height) / 18);
  const discs = list.map((value, atom) => {
    // The parser's own picture has an invisible disc for events at each atom.
    const place = lines.find((line) => line.includes(`"molecule:Atom:${atom}"`)) ?? '';
    const [, x = '', y = ''] = / cx="([^"]+)" cy="([^"]+)"/.exec(place) ?? [];
    const opacity = 0.75 * Math.min(1, Math.abs(value) / full);
    return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${value > 0 ? above : below}" fill-opacity="${opacity.toFixed(3)}"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" stroke-linecap="round" stroke-linejoin="round">`,
    `<rect width="${width}" height="${height}" rx="6" fill="white"/>`,
    ...discs,
    ...strokes.filter((line) => !line.includes('class="event"')).map((line) => line.trim()),
    '</svg>',
  ].join('');
}

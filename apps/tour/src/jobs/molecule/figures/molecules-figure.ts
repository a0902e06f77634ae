import { drawMolecule } from '@grad/graph';
import type { Figure } from '../../../job.ts';
import type { Contributions } from '../contributions.ts';

const [width, height, footer] = [250, 200, 26];
const perRow = 4;

/** Molecules with atoms in the colours of what they add. */
export function moleculesFigure(molecules: readonly Contributions[], property: string): Figure {
  const full = Math.max(...molecules.flatMap(({ atoms }) => atoms.map(Math.abs)));
  const cells = molecules.map(({ smiles, prediction, atoms }, k) => {
    const [x, y] = [(k % perRow) * (width + 10), Math.floor(k / perRow) * (height + footer)];
    const drawing = drawMolecule(smiles, { values: atoms, full, width, height });
    return (
      drawing.replace('<svg ', `<svg x="${x}" y="${y}" `) +
      `<text x="${x + width / 2}" y="${y + height + 17}" text-anchor="middle" font-size="13" fill="currentColor">${prediction.toFixed(2)}</text>`
    );
  });
  const columns = Math.min(perRow, molecules.length);
  const size = [
    columns * (width + 10) - 10,
    Math.ceil(molecules.length / perRow) * (height + footer),
  ];
  return {
    title: 'What each atom adds',
    caption: `Red atoms raise what is told, blue ones lower it; the full colour is ${full.toFixed(2)}. Below each molecule, what is told: ${property}.`,
    wide: true,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.join(' ')}" width="${size[0]}" height="${size[1]}">${cells.join('')}</svg>`,
  };
}

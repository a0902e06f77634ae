import { FormatError } from '@grad/data';

/**
 * What lies in the middle of a window: a donor, where an exon ends and an intron begins (`EI`); an
 * acceptor, where an intron ends and an exon begins (`IE`); or neither. This is the order of classes.
 */
export const SPLICE_SITES = ['donor', 'acceptor', 'none'] as const;
/** A kind of site. */
export type SpliceSite = (typeof SPLICE_SITES)[number];

/** Bases around a place that may be a splice site. */
export interface SpliceWindow {
  readonly site: SpliceSite;
  readonly name: string;
  /** The border of exon and intron, if there is one, lies in the middle. */
  readonly sequence: string;
}

const SITES: ReadonlyMap<string, SpliceSite> = new Map([
  ['EI', 'donor'],
  ['IE', 'acceptor'],
  ['N', 'none'],
]);

/**
 * Reads UCI's data of splice junctions (Towell, Noordewier and Shavlik 1991): lines of class, name and
 * 60 bases, separated by commas. Ambiguous bases are kept; `oneHotDna` shares them out.
 *
 * @throws FormatError with the line, where there are not three cells, or a class is none of EI, IE and
 * N, or windows are not of one even length, or a character is no IUPAC base.
 */
export function readSpliceWindows(text: string, source = 'splice data'): SpliceWindow[] {
  const windows: SpliceWindow[] = [];
  for (const [i, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === '') continue;
    const at = { name: source, line: i + 1 };
    const cells = line.split(',').map((cell) => cell.trim());
    const [label = '', name = '', bases = ''] = cells;
    const site = SITES.get(label);
    if (cells.length !== 3 || site === undefined) {
      throw new FormatError(
        at,
        `expected a class (EI, IE or N), a name and bases with commas between, found ${JSON.stringify(line.slice(0, 40))}.`,
      );
    }
    const sequence = bases.toUpperCase();
    const bad = sequence.search(/[^ACGTURYSWKMBDHVN]/);
    if (bad >= 0) {
      throw new FormatError(
        at,
        `base ${bad + 1} is ${JSON.stringify(sequence.charAt(bad))}, which is no code of IUPAC.`,
      );
    }
    const length = windows[0]?.sequence.length ?? sequence.length;
    if (sequence.length !== length || length === 0 || length % 2 !== 0) {
      throw new FormatError(
        at,
        `there are ${sequence.length} bases; windows must have one even length${windows.length > 0 ? `, here ${length}` : ''}.`,
      );
    }
    windows.push({ site, name, sequence });
  }
  return windows;
}

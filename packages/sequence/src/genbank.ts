import { FormatError } from '@grad/data';
import { type GenbankLocation, parseLocation } from './location.ts';

/** An annotated stretch of a record. */
export interface GenbankFeature {
  /** `CDS`, `gene` and so on. */
  readonly key: string;
  readonly location: GenbankLocation;
  /** Values by name, in order; a qualifier without value has an empty one. */
  readonly qualifiers: ReadonlyMap<string, readonly string[]>;
  /** Line of the file on which it begins. */
  readonly line: number;
}

/** One record of a GenBank file. */
export interface GenbankRecord {
  readonly name: string;
  readonly features: readonly GenbankFeature[];
  /** Bases in upper case. */
  readonly sequence: string;
}

interface Entry {
  readonly key: string;
  readonly line: number;
  readonly lines: string[];
}

function toFeature({ key, line, lines }: Entry, source: string): GenbankFeature {
  const first = lines.findIndex((text) => text.startsWith('/'));
  const locationLines = first < 0 ? lines : lines.slice(0, first);
  const values: { name: string; text: string }[] = [];
  let open = false;
  for (const text of first < 0 ? [] : lines.slice(first)) {
    const last = values.at(-1);
    if (last !== undefined && (open || !text.startsWith('/'))) {
      last.text += `${last.name === 'translation' ? '' : ' '}${text}`;
    } else {
      const [, name = '', value = ''] = /^\/([^=]+)=?(.*)$/.exec(text) ?? [];
      values.push({ name, text: value });
    }
    const value = values.at(-1)?.text ?? '';
    open = value.startsWith('"') && (value.match(/"/g) ?? []).length % 2 === 1;
  }
  if (open) {
    throw new FormatError(
      { name: source, line },
      `the quotes of a qualifier of ${key} are never closed.`,
    );
  }
  const qualifiers = new Map<string, string[]>();
  for (const { name, text } of values) {
    const value = text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
    qualifiers.set(name, [...(qualifiers.get(name) ?? []), value]);
  }
  const written = locationLines.join('').replaceAll(' ', '');
  try {
    return { key, line, qualifiers, location: parseLocation(written) };
  } catch {
    throw new FormatError(
      { name: source, line },
      `${JSON.stringify(written)} is no location of a feature.`,
    );
  }
}

/**
 * Reads the text of a GenBank flat file: names, features and bases of each record.
 *
 * @throws FormatError with the line, when a record is not ended by `//`, a location cannot be read,
 * quotes are not closed, or there are other bases than LOCUS says.
 */
export function readGenbank(text: string, source = 'GenBank text'): GenbankRecord[] {
  const records: GenbankRecord[] = [];
  let section = '';
  let name = '';
  let length = 0;
  let begun = 0;
  let entries: Entry[] = [];
  let bases: string[] = [];
  for (const [i, line] of text.split(/\r\n|\r|\n/).entries()) {
    const at = { name: source, line: i + 1 };
    if (line.startsWith('//')) {
      const sequence = bases.join('').toUpperCase();
      if (sequence.length > 0 && sequence.length !== length) {
        throw new FormatError(
          at,
          `${name} has ${sequence.length} bases, but LOCUS says ${length}.`,
        );
      }
      records.push({ name, features: entries.map((e) => toFeature(e, source)), sequence });
      section = '';
      entries = [];
      bases = [];
    } else if (/^[A-Z]/.test(line)) {
      section = line.split(/\s/, 1).join('');
      if (section === 'LOCUS') {
        const [, found = '', count = ''] = /^LOCUS\s+(\S+)\s+(\d+) bp/.exec(line) ?? [];
        if (found === '') {
          throw new FormatError(at, 'LOCUS needs a name and a length such as "120 bp".');
        }
        name = found;
        length = Number(count);
        begun = i + 1;
      }
    } else if (section === 'FEATURES' && line.trim() !== '') {
      const key = line.slice(5, 20).trim();
      const rest = line.slice(21).trim();
      const last = entries.at(-1);
      if (key !== '') {
        entries.push({ key, line: i + 1, lines: [rest] });
      } else if (last === undefined) {
        throw new FormatError(at, 'a line of a feature comes before the first feature.');
      } else {
        last.lines.push(rest);
      }
    } else if (section === 'ORIGIN') {
      const letters = line.replaceAll(/[\s\d]/g, '');
      if (/[^A-Za-z]/.test(letters)) {
        throw new FormatError(at, 'a line of bases has a character that is no letter.');
      }
      bases.push(letters);
    } else if (section === '' && line.trim() !== '') {
      throw new FormatError(at, 'a record begins with LOCUS.');
    }
  }
  if (section !== '') {
    throw new FormatError(
      { name: source, line: begun },
      `the record ${name} is not ended by "//".`,
    );
  }
  return records;
}

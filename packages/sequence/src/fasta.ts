import { FormatError } from '@grad/data';

/** One sequence of a FASTA file. */
export interface FastaRecord {
  /** What follows `>` up to the first space. */
  readonly id: string;
  /** The rest of that line. */
  readonly description: string;
  readonly sequence: string;
}

/**
 * Reads the text of a FASTA file.
 *
 * @throws FormatError at a line before the first `>`, a name that is missing, or a character that is
 * neither letter, `*` nor `-`.
 */
export function readFasta(text: string, name = 'FASTA text'): FastaRecord[] {
  const records: { id: string; description: string; parts: string[] }[] = [];
  for (const [i, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trimEnd();
    if (line === '' || line.startsWith(';')) {
      continue;
    }
    if (line.startsWith('>')) {
      const [, id = '', description = ''] = /^>(\S*)\s*(.*)$/.exec(line) ?? [];
      if (id === '') {
        throw new FormatError({ name, line: i + 1 }, 'a sequence needs a name after ">".');
      }
      records.push({ id, description, parts: [] });
      continue;
    }
    const bad = line.search(/[^A-Za-z*-]/);
    const record = records.at(-1);
    if (record === undefined || bad >= 0) {
      throw new FormatError(
        { name, line: i + 1, column: String(Math.max(bad, 0) + 1) },
        record === undefined
          ? 'a FASTA file begins with a line ">name".'
          : `${JSON.stringify(line.charAt(bad))} is no letter of a sequence.`,
      );
    }
    record.parts.push(line);
  }
  return records.map(({ id, description, parts }) => ({
    id,
    description,
    sequence: parts.join(''),
  }));
}

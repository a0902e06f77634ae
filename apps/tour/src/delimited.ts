import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { UserError } from './user-error.ts';

/** One line of data in a text file of columns. */
export interface DataLine {
  /** Line number in the file, counted from 1. */
  readonly number: number;
  readonly cells: readonly string[];
}

/** A text file of columns. */
export interface DataFile {
  /** The path as the user gave it, for messages. */
  readonly path: string;
  /** The file's own name, for titles. */
  readonly name: string;
  readonly lines: readonly DataLine[];
}

/**
 * Reads a text file of columns separated by tabs, commas, semicolons or spaces (the first of these
 * that occurs in the first line of data). A byte-order mark, CRLF, blank lines, quoted cells and
 * lines that begin with `#` are all understood. How many columns there are is for the caller to check.
 *
 * @throws UserError when the file cannot be read, is not text, or holds no data.
 */
export async function readDelimited(
  path: string,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<DataFile> {
  const bytes = await readBytes(path, resolve(folder, path), signal);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${path} is not UTF-8 text. Expected a TSV or CSV file.`);
  }
  if (text.includes('\0')) throw new UserError(`${path} is a binary file. Expected TSV or CSV.`);
  const lines = parseDelimited(path, text);
  if (lines.length === 0) throw new UserError(`${path} has no lines of data.`);
  return { path, name: basename(path), lines };
}

async function readBytes(shown: string, path: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await readFile(path, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new UserError(`Cannot read ${shown}: ${reasons[errorCode(error)] ?? String(error)}`);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file. Check the path; it is relative to the folder you are in.',
  EISDIR: 'it is a folder. Give the file inside it.',
  EACCES: 'you may not read it. Check its permissions.',
};

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function parseDelimited(path: string, text: string): DataLine[] {
  const delimiter = findDelimiter(text);
  const lines: DataLine[] = [];
  try {
    parse(text, {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      comment: '#',
      comment_no_infix: true,
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      on_record: (record: string[], { lines: number }) => {
        const cells = delimiter === ' ' ? record.filter((cell) => cell !== '') : record;
        lines.push({ number, cells });
        return null;
      },
    });
    return lines;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = 'lines' in error ? `:${error['lines']}` : '';
    throw new UserError(`${path}${line}: ${error.message}. Check the quotes around the cells.`);
  }
}

function findDelimiter(text: string): string {
  const first = /^\s*[^\s#].*$/m.exec(text)?.[0].trim() ?? '';
  return ['\t', ',', ';'].find((candidate) => first.includes(candidate)) ?? ' ';
}

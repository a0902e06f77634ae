import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type DataLine, FormatError, readDelimited as readLines } from '@grad/data';
import { UserError } from './user-error.ts';

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
 * that occurs in the first line of data), gzipped or not. A byte-order mark, CRLF, blank lines, quoted cells and
 * lines that begin with `#` are all understood. How many columns there are is for the caller to check.
 *
 * @throws UserError when the file cannot be read, is not text, or holds no data.
 */
export async function readDelimited(
  path: string,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<DataFile> {
  const bytes = await readBytes(path, resolve(folder, path), signal);
  const lines = await readLines(bytes).catch((error: unknown) => {
    if (!(error instanceof FormatError)) throw error;
    const { line } = error.place;
    throw new UserError(`${path}${line === undefined ? '' : `:${line}`}: ${error.problem}`);
  });
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

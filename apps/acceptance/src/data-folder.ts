import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files below the folder that `GRAD_DATA` names. */
export interface DataFolder {
  /** Where a file or folder is. */
  path(name: string): string;
  text(path: string): string;
  bytes(path: string): Uint8Array<ArrayBuffer>;
  /** Rows of numbers between blanks or commas; lines that start with # are left out. */
  table(path: string): number[][];
}

/** @throws Error when a file is asked for and no folder is given, or the file is not there. */
export function openDataFolder(folder: string | undefined): DataFolder {
  const whole = (path: string): string => {
    if (folder === undefined) throw new Error('GRAD_DATA is not set.');
    return join(folder, path);
  };
  const text = (path: string): string => readFileSync(whole(path), 'utf8');
  return {
    path: whole,
    text,
    bytes: (path) => new Uint8Array(readFileSync(whole(path))),
    table: (path) =>
      text(path)
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('#'))
        .map((line) =>
          line
            .trim()
            .split(/[\s,]+/)
            .map(Number),
        ),
  };
}

/** Readers of ADBench's inputs, from the folder that `GRAD_DATA` names. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Absent, type Input } from '../src/suite.ts';

export function lines(file: string): string[] {
  const folder = process.env['GRAD_DATA'];
  const path = join(folder ?? '', 'adbench', file);
  if (!folder || !existsSync(path)) {
    throw new Absent(`no ${file}: GRAD_DATA names no folder with the inputs of ADBench`);
  }
  return readFileSync(path, 'utf8').split('\n');
}

/** All numbers of a file, in order. */
export class Numbers {
  readonly #values: number[];
  #position = 0;

  constructor(file: string) {
    this.#values = lines(file)
      .flatMap((line) => line.trim().split(/\s+/))
      .filter((word) => word !== '')
      .map(Number);
  }

  next(): number {
    const value = this.#values[this.#position];
    this.#position += 1;
    if (value === undefined || Number.isNaN(value))
      throw new Error('A file of ADBench ends early.');
    return value;
  }

  /** The next numbers, as an array of that shape. */
  array(...shape: number[]): Input {
    const count = shape.reduce((product, extent) => product * extent, 1);
    return { shape, data: Float64Array.from({ length: count }, () => this.next()) };
  }

  rest(columns: number): Input {
    const left = this.#values.length - this.#position;
    return this.array(Math.floor(left / columns), columns);
  }
}

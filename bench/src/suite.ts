/** What a case is: the same work, written once for each library that takes part. */

import type { Clock, Layout, Reply } from './process.ts';

export type Precision = 'float32' | 'float64';

/** An array that goes to every side, bit for bit. */
export interface Input {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

export type Inputs = Readonly<Record<string, Input>>;

export type Options = Readonly<Record<string, number | string | boolean>>;

/** Work that is ready: each run does it once. */
export interface Work {
  run(): unknown;
  /** What a run computes, to be compared between the sides. */
  output(): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Runs for some milliseconds in a process of its own. */
  slice?(time: number, clock: Clock): Promise<Reply>;
  /** Operations of a run that is not the work of the case and has no result to compare. */
  readonly flops?: number;
}

/** What the file of a side exports as `prepare`; null where this side has no such operation. */
export type Prepare = (
  inputs: Inputs,
  options: Options,
  layout: Layout,
) => Work | null | Promise<Work | null>;

/** Another piece of our own work, to compare with: a different size, precision or transform. */
export interface Variant {
  readonly options?: Options;
  readonly inputs?: () => Inputs;
  readonly flops?: number;
}

/** A bound on the time of our side: against another side of the same run, or in milliseconds. */
export type Target =
  | { readonly side: string; readonly atMost: number }
  | { readonly milliseconds: number };

export interface Case {
  readonly group: string;
  readonly name: string;
  readonly precision: Precision;
  /** Folder below `cases/` whose files are the sides. */
  readonly program: string;
  readonly options?: Options;
  /** @throws Absent when the data are not there. */
  inputs(): Inputs;
  /** Floating-point operations of a run; with it times are told as rates too. */
  readonly flops?: number;
  /** Sides that compute something else of our own, by name. */
  readonly variants?: Readonly<Record<string, Variant>>;
  /** Sides that are left out: they would take minutes. */
  readonly without?: readonly string[];
  readonly targets?: readonly Target[];
  /** Largest relative difference between the results of two sides; by precision when left out. */
  readonly tolerance?: number;
}

/** Something that a case needs is not there; the report says so. */
export class Absent extends Error {
  override readonly name = 'Absent';
}

const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, extent) => product * extent, 1);

/** Numbers in (-scale, scale) that look random and are the same in every run. */
export function noise(
  shape: readonly number[],
  precision: Precision,
  { scale = 1, seed = 0 }: { readonly scale?: number; readonly seed?: number } = {},
): Input {
  const values = precision === 'float64' ? Float64Array : Float32Array;
  const data = new values(sizeOf(shape));
  // A linear congruential generator: its high bits are good enough for data.
  let state = (seed * 2654435761 + 12345) >>> 0;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = (state / 2 ** 31 - 1) * scale;
  }
  return { shape, data };
}

/** Whole numbers from 0 to below `end`. */
export function indices(count: number, end: number, seed = 1): Input {
  const { data } = noise([count], 'float64', { seed });
  return {
    shape: [count],
    data: Int32Array.from(data, (x) => Math.min(end - 1, Math.floor(((x + 1) / 2) * end))),
  };
}

/** An input by name, for the files of the sides. */
export function need(inputs: Inputs, name: string): Input {
  const found = inputs[name];
  if (!found) throw new Error(`The case gives no input called ${name}.`);
  return found;
}

/** An option that is a number. */
export function numberOf(options: Options, name: string): number {
  const found = options[name];
  if (typeof found === 'number') return found;
  throw new Error(`The case gives no number called ${name}.`);
}

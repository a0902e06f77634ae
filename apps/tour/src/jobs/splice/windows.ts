import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { random, type Tensor, take, tensor } from '@grad/core';
import {
  consensusPosterior,
  drawSpliceSites,
  groupFolds,
  oneHotBatch,
  readSpliceWindows,
  SPLICE_SITES,
  type SpliceBatch,
} from '@grad/sequence';
import type { JobContext } from '../../job.ts';
import { UserError } from '../../user-error.ts';
import { readText } from './read-text.ts';

/** Windows to learn from and to be tested on, in ten parts. */
export interface Windows {
  readonly kind: 'uci' | 'drawn';
  /** In words. */
  readonly name: string;
  readonly sequences: readonly string[];
  readonly labels: readonly number[];
  /** `[windows, length, 4]` */
  readonly x: Tensor;
  /** The part of each; equal sequences are in the same one. */
  readonly folds: Int32Array;
  /** Probabilities of the classes, where they are known. */
  readonly posterior?: readonly (readonly number[])[];
}

export const parts = 10;
const drawn = 2500;

/**
 * The windows of UCI's file, when there is one, or else windows drawn from the consensus.
 *
 * @throws UserError when there is no file where it should be, or it cannot be understood.
 */
export async function loadWindows(
  { data, seed }: { readonly data: string | undefined; readonly seed: number },
  context: JobContext,
): Promise<Windows> {
  if (data === undefined) {
    const { sequences, labels } = drawSpliceSites(random.key(seed), drawn);
    return {
      kind: 'drawn',
      name: `${drawn} windows drawn from the consensus of splice sites`,
      posterior: sequences.map((sequence) => consensusPosterior(sequence)),
      ...encoded(sequences, Array.from(labels.dataSync(), Number), seed),
    };
  }
  const places = [data, join(data, 'splice.data'), join(data, 'uci-splice', 'splice.data')];
  const path = places.find((place) =>
    statSync(resolve(context.folder, place), { throwIfNoEntry: false })?.isFile(),
  );
  if (path === undefined) {
    throw new UserError(
      `There is no splice.data in ${data}. Give the file "Molecular Biology (Splice-junction Gene Sequences)" of UCI, or its folder; without --data windows are drawn.`,
    );
  }
  const windows = await readText(path, context, readSpliceWindows);
  const sequences = windows.map(({ sequence }) => sequence);
  if (new Set(sequences).size < parts) {
    throw new UserError(`${path} has fewer than ${parts} different windows to learn from.`);
  }
  return {
    kind: 'uci',
    name: `${windows.length} windows of splice.data (UCI)`,
    ...encoded(
      sequences,
      windows.map(({ site }) => SPLICE_SITES.indexOf(site)),
      seed,
    ),
  };
}

function encoded(sequences: readonly string[], labels: readonly number[], seed: number) {
  const folds = groupFolds(sequences, { folds: parts, key: random.key(seed) });
  return { sequences, labels, folds, x: oneHotBatch(sequences).x };
}

/** Windows of one part, or of all others. */
export interface Share extends SpliceBatch {
  /** Their places in the whole. */
  readonly places: readonly number[];
}

/** Divides: one part to be tested on, the others to learn from. */
export function divide(
  { x, labels, folds }: Windows,
  fold: number,
): { readonly train: Share; readonly test: Share } {
  const share = (test: boolean): Share => {
    const places = labels.flatMap((_, i) => ((folds[i] === fold) === test ? [i] : []));
    return {
      places,
      x: take(x, tensor(Int32Array.from(places)), { axis: 0 }),
      labels: tensor(Int32Array.from(places, (i) => labels[i] ?? 0)),
    };
  };
  return { train: share(false), test: share(true) };
}

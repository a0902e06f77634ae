/**
 * Readers of data files, batches, and seeded synthetic data.
 *
 * @module
 */

export type { ByteSource, SourceOptions } from './byte-source.ts';
export type { CellOptions, NumberType } from './cells.ts';
export { type DrawnDigitOptions, drawnDigits } from './drawn-digits.ts';
export { FormatError, type FormatPlace } from './format-error.ts';
export { type Minibatches, type MinibatchOptions, minibatches } from './minibatches.ts';
export { parseNumber } from './parse-number.ts';
export {
  type BlobOptions,
  blobs,
  type LabelledPoints,
  type PointOptions,
  type SpiralOptions,
  spirals,
  twoMoons,
} from './points.ts';
export { type DataLine, type DelimitedOptions, readDelimited } from './read-delimited.ts';
export { type IdxArray, type IdxType, readIdx } from './read-idx.ts';
export {
  type LabelledImageOptions,
  type LabelledImageSources,
  type LabelledImages,
  readLabelledImages,
} from './read-labelled-images.ts';
export { type MatrixOptions, readMatrix } from './read-matrix.ts';
export { type PngOptions, readPng } from './read-png.ts';
export { readSafetensors, type Safetensors } from './read-safetensors.ts';
export { type Columns, type ColumnType, readTable, type TableOptions } from './read-table.ts';
export { restoreTree } from './restore-tree.ts';
export { type Split, type SplitOptions, splitRows } from './split-rows.ts';
export { type Standardizer, standardize } from './standardize.ts';
export { type TileOptions, tileImages } from './tile-images.ts';
export { type WritePngOptions, writePng } from './write-png.ts';
export { type WriteSafetensorsOptions, writeSafetensors } from './write-safetensors.ts';

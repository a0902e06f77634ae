import { FormatError } from './format-error.ts';

/** Bytes of one element, by the names of safetensors. */
export const itemSizes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

/** An element type that can be read. */
export type ItemType = keyof typeof itemSizes;

/** One tensor of a file: where it is, counted from the end of the header. */
export interface Span {
  readonly name: string;
  readonly dtype: ItemType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The first part of a file, read and checked. */
export interface Header {
  readonly spans: readonly Span[];
  readonly metadata: Record<string, string>;
  /** The byte after the header. */
  readonly start: number;
}

/** The format's own limit, against headers that would take all memory. */
const longestHeader = 100_000_000;

/**
 * Reads a header: its length in 8 bytes, then JSON that names the tensors, which fill the rest of
 * the file without gaps.
 *
 * @throws FormatError when anything of this does not hold.
 */
export function readHeader(name: string, bytes: Uint8Array): Header {
  const fail = (offset: number, problem: string, cause?: unknown): never => {
    throw new FormatError({ name, offset }, problem, { cause });
  };
  if (bytes.length < 8) {
    fail(bytes.length, 'the file ends within its first 8 bytes, which say how long its header is.');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > longestHeader) {
    fail(
      0,
      `a header of ${length} bytes; the format allows ${longestHeader}. This is of another format.`,
    );
  }
  const start = 8 + Number(length);
  if (start > bytes.length) {
    fail(
      bytes.length,
      `the file ends within its header, which ends at byte ${start}. It was cut short: fetch it again.`,
    );
  }
  if (bytes[8] !== 0x7b) fail(8, "the header does not begin with '{'. This is of another format.");
  let entries: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start));
    entries = JSON.parse(text);
  } catch (cause) {
    fail(
      8,
      `the header is not JSON in UTF-8: ${cause instanceof Error ? cause.message : cause}.`,
      cause,
    );
  }
  const { __metadata__: metadata = {}, ...tensors } = isRecord(entries) ? entries : {};
  const spans = Object.entries(tensors).map(([key, entry]) => readSpan(name, key, entry));
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const span of spans) {
    if (span.begin !== end) {
      const fault = span.begin < end ? 'overlaps the tensor before it' : 'leaves a gap before it';
      fail(start + span.begin, `'${span.name}' ${fault}, which ends at byte ${start + end}.`);
    }
    end = span.end;
  }
  if (start + end > bytes.length) {
    fail(
      bytes.length,
      `the file ends here; its tensors end at byte ${start + end}. It was cut short: fetch it again.`,
    );
  }
  if (start + end < bytes.length) {
    fail(start + end, `the tensors end here, but ${bytes.length - start - end} more bytes follow.`);
  }
  return { spans, metadata: readMetadata(name, metadata), start };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readMetadata(name: string, given: unknown): Record<string, string> {
  const texts = isRecord(given)
    ? Object.entries(given).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      )
    : [];
  if (!isRecord(given) || texts.length < Object.keys(given).length) {
    throw new FormatError({ name }, '__metadata__ in the header must be an object of texts.');
  }
  return Object.fromEntries(texts);
}

function readSpan(file: string, name: string, entry: unknown): Span {
  const fail = (problem: string): never => {
    throw new FormatError({ name: file }, `'${name}' in the header ${problem}`);
  };
  if (!isRecord(entry)) return fail('is no object of dtype, shape and data_offsets.');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isItemType(dtype)) {
    return fail(
      `has the dtype ${JSON.stringify(dtype)}; those that can be read are ${Object.keys(itemSizes).join(', ')}.`,
    );
  }
  if (!isSizes(shape))
    return fail(`has the shape ${JSON.stringify(shape)}; sizes are whole numbers >= 0.`);
  const [begin, end] = isSizes(offsets) && offsets.length === 2 ? offsets : [];
  if (begin === undefined || end === undefined || end < begin) {
    return fail(
      `has the data_offsets ${JSON.stringify(offsets)}; they are [begin, end], in bytes.`,
    );
  }
  const size = shape.reduce((product, extent) => product * extent, itemSizes[dtype]);
  if (end - begin !== size) {
    return fail(`has ${end - begin} bytes; ${dtype} [${shape.join(', ')}] needs ${size}.`);
  }
  return { name, dtype, shape, begin, end };
}

function isItemType(value: unknown): value is ItemType {
  return typeof value === 'string' && Object.hasOwn(itemSizes, value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

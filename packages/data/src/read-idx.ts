import { type ByteSource, nameOf, type SourceOptions, unzippedBytesOf } from './byte-source.ts';
import { FormatError } from './format-error.ts';

/** The element types of IDX files. */
export type IdxType = 'u8' | 'i8' | 'i16' | 'i32' | 'f32' | 'f64';

/** What an IDX file holds, as it is stored: images stay bytes. */
export interface IdxArray {
  readonly type: IdxType;
  readonly shape: readonly number[];
  /** The elements, the last axis running fastest. */
  readonly data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

interface Layout {
  readonly type: IdxType;
  readonly size: number;
  readonly read: (bytes: DataView, offset: number, count: number) => IdxArray['data'];
}

/** Element types by the third byte of the file. */
const layouts: ReadonlyMap<number, Layout> = new Map([
  [
    0x08,
    {
      type: 'u8',
      size: 1,
      read: (b, o, n) => new Uint8Array(new Uint8Array(b.buffer, b.byteOffset + o, n)),
    },
  ],
  [
    0x09,
    { type: 'i8', size: 1, read: (b, o, n) => fill(new Int8Array(n), (i) => b.getInt8(o + i)) },
  ],
  [
    0x0b,
    {
      type: 'i16',
      size: 2,
      read: (b, o, n) => fill(new Int16Array(n), (i) => b.getInt16(o + 2 * i)),
    },
  ],
  [
    0x0c,
    {
      type: 'i32',
      size: 4,
      read: (b, o, n) => fill(new Int32Array(n), (i) => b.getInt32(o + 4 * i)),
    },
  ],
  [
    0x0d,
    {
      type: 'f32',
      size: 4,
      read: (b, o, n) => fill(new Float32Array(n), (i) => b.getFloat32(o + 4 * i)),
    },
  ],
  [
    0x0e,
    {
      type: 'f64',
      size: 8,
      read: (b, o, n) => fill(new Float64Array(n), (i) => b.getFloat64(o + 8 * i)),
    },
  ],
]);

function fill<A extends { readonly length: number; [i: number]: number }>(
  array: A,
  element: (i: number) => number,
): A {
  for (let i = 0; i < array.length; i++) array[i] = element(i);
  return array;
}

/**
 * Reads an IDX file, plain or gzipped: the format of MNIST, in all its element types, big-endian
 * (Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits").
 *
 * @throws FormatError that names the byte when the file is of another format, cut short, or longer
 * than it says.
 */
export async function readIdx(source: ByteSource, options: SourceOptions = {}): Promise<IdxArray> {
  const name = nameOf('readIdx', source, options);
  const bytes = await unzippedBytesOf('readIdx', source, name);
  const fail = (offset: number, problem: string): never => {
    throw new FormatError({ name, offset }, problem);
  };
  if (bytes.length < 4) {
    fail(bytes.length, 'the file ends within its first 4 bytes, which name the type and the rank.');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== 0) {
    fail(0, 'an IDX file begins with two zero bytes; this one is of another format.');
  }
  const code = view.getUint8(2);
  const layout =
    layouts.get(code) ??
    fail(
      2,
      `there is no element type 0x${code.toString(16)}; IDX has 0x8, 0x9, 0xb, 0xc, 0xd, 0xe.`,
    );
  const rank = view.getUint8(3);
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    fail(
      bytes.length,
      `the file ends within the sizes of its ${rank} axes, which end at byte ${start}.`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, extent) => product * extent, 1);
  const end = start + count * layout.size;
  const sizes = `[${shape.join(', ')}] ${layout.type}`;
  if (bytes.length < end) {
    fail(
      bytes.length,
      `the file ends here; ${sizes} needs ${end} bytes. It was cut short: fetch it again.`,
    );
  }
  if (bytes.length > end) {
    fail(end, `${sizes} ends here, but ${bytes.length - end} more bytes follow.`);
  }
  return { type: layout.type, shape, data: layout.read(view, start, count) };
}

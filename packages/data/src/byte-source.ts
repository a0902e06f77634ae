import { FormatError } from './format-error.ts';

/**
 * What a reader reads: bytes in memory, or a `Blob`, such as a `File` of a page's input or the
 * `await response.blob()` of a download.
 */
export type ByteSource = Uint8Array | ArrayBuffer | Blob;

/** Options of every reader. */
export interface SourceOptions {
  /** Name of the file in messages. A `File` brings its own; without one it is the function's. */
  readonly name?: string;
}

/** The name of a source in messages. */
export function nameOf(
  reader: string,
  source: ByteSource | string,
  { name }: SourceOptions,
): string {
  if (name !== undefined) return name;
  const own = source instanceof Blob && 'name' in source ? source.name : '';
  return typeof own === 'string' && own !== '' ? own : reader;
}

/**
 * The bytes of a source, in memory.
 *
 * @throws TypeError when the source is none.
 */
export async function bytesOf(reader: string, source: ByteSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  const given: unknown = source;
  const hint = typeof given === 'string' ? ' A path is read first, with readFile or fetch.' : '';
  throw new TypeError(
    `${reader}: the source must be a Uint8Array, an ArrayBuffer or a Blob; it is ${given === null ? 'null' : `a ${typeof given}`}.${hint}`,
  );
}

/**
 * The bytes of a source, decompressed when they are gzipped.
 *
 * @throws FormatError when the compressed bytes are damaged or cut short.
 */
export async function unzippedBytesOf(
  reader: string,
  source: ByteSource,
  name: string,
): Promise<Uint8Array> {
  const bytes = await bytesOf(reader, source);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([new Uint8Array(bytes)])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw new FormatError(
      { name },
      `the gzipped data is damaged or cut short after ${bytes.length} bytes. Fetch the file again.`,
      { cause },
    );
  }
}

/**
 * The text of a source.
 *
 * @throws FormatError when it is not UTF-8, or binary.
 */
export async function textOf(
  reader: string,
  source: ByteSource | string,
  name: string,
): Promise<string> {
  if (typeof source === 'string') return source;
  const bytes = await unzippedBytesOf(reader, source, name);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError({ name }, 'this is not UTF-8 text. Expected TSV or CSV.', { cause });
  }
  if (text.includes('\0'))
    throw new FormatError({ name }, 'this is a binary file. Expected TSV or CSV.');
  return text;
}

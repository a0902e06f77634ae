import { type Tensor, tensor } from '@grad/core';
import { type DecodedPng, decode } from 'fast-png';
import { type ByteSource, bytesOf, nameOf, type SourceOptions } from './byte-source.ts';
import { FormatError } from './format-error.ts';

/** Options of `readPng`. */
export interface PngOptions extends SourceOptions {
  /**
   * How many channels the tensor gets: 1 (grey), 3 (red, green, blue) or 4 (and opacity); those of
   * the file when left out. Colors become grey as 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), grey
   * becomes three equal channels, an opacity is left out or set to 1.
   */
  readonly channels?: 1 | 3 | 4;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const mostPixels = 2 ** 27;

/**
 * Reads a PNG picture of any kind (1 to 16 bits, grey, color, palette, opacity, interlaced) as float32
 * `[height, width, channels]` in [0, 1]. The values are those of the file; no gamma is undone.
 *
 * @throws FormatError when it is no PNG, damaged (checksums are compared), cut short, or of more
 * than 2^27 pixels.
 */
export async function readPng(source: ByteSource, options: PngOptions = {}): Promise<Tensor> {
  const name = nameOf('readPng', source, options);
  const bytes = await bytesOf('readPng', source);
  if (signature.some((byte, i) => bytes[i] !== byte)) {
    throw new FormatError({ name, offset: 0 }, 'the file does not begin as a PNG does.');
  }
  checkSize(name, bytes);
  let picture: DecodedPng;
  try {
    picture = decode(bytes, { checkCrc: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(
      { name },
      `the picture is damaged or cut short (${reason}). Fetch it again.`,
      { cause },
    );
  }
  const { width, height } = picture;
  const { values, channels } = withOpacity(picture, unpack(picture));
  const wanted = options.channels ?? channels;
  const converted = convert(values, channels, wanted);
  return tensor(converted).reshape([height, width, wanted]);
}

/** The header's own sizes, before anything is allocated for them. */
function checkSize(name: string, bytes: Uint8Array): void {
  if (bytes.length < 24) {
    throw new FormatError({ name, offset: bytes.length }, 'the file ends within its header.');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width < 1 || height < 1 || width * height > mostPixels) {
    throw new FormatError(
      { name, offset: 16 },
      `a picture of ${width} x ${height} pixels; at least 1 and at most 2^27 can be read.`,
    );
  }
}

/** The samples as whole numbers, one in each element, palettes looked up. */
function unpack({ data, depth, width, height, channels, palette }: DecodedPng): Samples {
  const whole = depth >= 8 ? data : unpackBits(data, depth, width * channels, height);
  if (palette === undefined) return { samples: whole, largest: 2 ** depth - 1, channels };
  const size = palette[0]?.length ?? 3;
  const samples = new Uint8Array(whole.length * size);
  whole.forEach((entry, pixel) => {
    const color = palette[entry];
    if (color) samples.set(color, pixel * size);
  });
  return { samples, largest: 255, channels: size };
}

interface Samples {
  readonly samples: ArrayLike<number>;
  readonly largest: number;
  readonly channels: number;
}

/** Samples of 1, 2 or 4 bits; each row begins at a byte. */
function unpackBits(
  data: ArrayLike<number>,
  depth: number,
  perRow: number,
  rows: number,
): Uint8Array {
  const stride = Math.ceil((perRow * depth) / 8);
  const samples = new Uint8Array(perRow * rows);
  for (let i = 0; i < samples.length; i++) {
    const bit = (i % perRow) * depth;
    const byte = data[Math.floor(i / perRow) * stride + (bit >> 3)] ?? 0;
    samples[i] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  }
  return samples;
}

/** Samples in [0, 1]; one color that stands for nothing (chunk tRNS) becomes an opacity. */
function withOpacity(
  { transparency }: DecodedPng,
  { samples, largest, channels }: Samples,
): { readonly values: Float32Array; readonly channels: number } {
  if (transparency === undefined) {
    return { values: Float32Array.from(samples, (sample) => sample / largest), channels };
  }
  const pixels = samples.length / channels;
  const values = new Float32Array(pixels * (channels + 1));
  for (let pixel = 0; pixel < pixels; pixel++) {
    let clear = true;
    for (let c = 0; c < channels; c++) {
      const sample = samples[pixel * channels + c] ?? 0;
      values[pixel * (channels + 1) + c] = sample / largest;
      clear &&= sample === transparency[c];
    }
    values[pixel * (channels + 1) + channels] = clear ? 0 : 1;
  }
  return { values, channels: channels + 1 };
}

function convert(values: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return values;
  const pixels = values.length / from;
  const result = new Float32Array(pixels * to);
  const colors = from >= 3;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const at = (c: number): number => values[pixel * from + c] ?? 0;
    if (to === 1) {
      result[pixel] = colors ? 0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2) : at(0);
      continue;
    }
    for (let c = 0; c < 3; c++) result[pixel * to + c] = at(colors ? c : 0);
    if (to === 4) result[pixel * 4 + 3] = from % 2 === 0 ? at(from - 1) : 1;
  }
  return result;
}

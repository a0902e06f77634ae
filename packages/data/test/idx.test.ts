import { FormatError, readIdx, readLabelledImages } from '@grad/data';
import { expect, test } from 'vitest';

/** An IDX file of one axis. */
const vector = (code: number, length: number, ...data: number[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(0, 0, code, 1, 0, 0, 0, length, ...data);

const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 51, 102, 255);

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

test.for([
  ['u8', 0x08, [0, 200], [0, 200]],
  ['i8', 0x09, [127, 0x80], [127, -128]],
  ['i16', 0x0b, [1, 0, 0xff, 0xfe], [256, -2]],
  ['i32', 0x0c, [0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff], [65_536, -1]],
  ['f32', 0x0d, [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0], [1.5, -2]],
  ['f64', 0x0e, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], [1.5, -2]],
] as const)(
  'elements of type %s are read with the high byte first',
  async ([type, code, bytes, values]) => {
    const read = await readIdx(vector(code, 2, ...bytes));
    expect([read.type, read.shape, Array.from(read.data)]).toEqual([type, [2], values]);
  },
);

test('a gzipped file, a blob and a part of a larger buffer are read alike', async () => {
  const plain = await readIdx(images);
  expect(plain).toEqual({ type: 'u8', shape: [2, 1, 2], data: Uint8Array.of(0, 51, 102, 255) });
  expect(await readIdx(await gzip(images))).toEqual(plain);
  expect(await readIdx(new Blob([images]))).toEqual(plain);
  expect(await readIdx(images.buffer)).toEqual(plain);
  expect(await readIdx(Uint8Array.of(9, ...images).subarray(1))).toEqual(plain);
});

test.for([
  ['no bytes', Uint8Array.of(), /^a\.idx, byte 0: the file ends within its first 4 bytes/],
  ['another format', Uint8Array.of(0x89, 0x50, 1, 2), /byte 0: .*begins with two zero bytes/],
  ['an unknown type', vector(0x0a, 1, 0), /byte 2: there is no element type 0xa/],
  ['half a header', Uint8Array.of(0, 0, 8, 3, 0, 0), /byte 6: .*sizes of its 3 axes.* byte 16/],
  ['too few elements', vector(0x0c, 2, 0, 0, 0, 1), /byte 12: .*\[2\] i32 needs 16 bytes/],
  ['too many elements', vector(0x08, 1, 7, 8, 9), /byte 9: \[1\] u8 ends here, but 2 more/],
] as const)('%s: an error names the byte', async ([, bytes, message]) => {
  await expect(readIdx(bytes, { name: 'a.idx' })).rejects.toThrow(message);
});

test('gzipped data that is cut short or damaged is refused', async () => {
  const packed = await gzip(images);
  await expect(readIdx(packed.slice(0, -9))).rejects.toThrow(
    /^readIdx: the gzipped data is damaged/,
  );
  packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 0x55;
  await expect(readIdx(packed)).rejects.toThrow(FormatError);
});

test('a path in place of bytes is answered with what to do', async () => {
  const path: unknown = 'train-images.gz';
  // @ts-expect-error a path is no source
  await expect(readIdx(path)).rejects.toThrow(/a string\. A path is read first, with readFile/);
});

test('bytes become grey in [0, 1], with labels, and the first of them where asked', async () => {
  const labels = vector(8, 2, 7, 3);
  const all = await readLabelledImages({ images, labels });
  expect(all.images.dtype).toBe('float32');
  expect(all.images.toArray()).toEqual([[[0, Math.fround(0.2)]], [[Math.fround(0.4), 1]]]);
  expect([all.labels.dtype, all.labels.toArray()]).toEqual(['int32', [7, 3]]);
  const one = await readLabelledImages({ images, labels }, { count: 1 });
  expect([one.images.shape, one.labels.toArray()]).toEqual([[1, 1, 2], [7]]);
});

test('of two files, the one that is damaged is named', async () => {
  const labels = vector(8, 2, 7);
  await expect(readLabelledImages({ images, labels })).rejects.toThrow(
    /^readLabelledImages, labels, byte 9: the file ends here/,
  );
});

test('images and labels that do not belong together are refused', async () => {
  const labels = vector(8, 3, 1, 2, 3);
  await expect(readLabelledImages({ images, labels })).rejects.toThrow(
    '2 images need as many whole labels, [2]; these are u8 [3]',
  );
  await expect(readLabelledImages({ images: labels, labels: images })).rejects.toThrow(
    /these are u8 \[3\]\. Are the two files interchanged\?/,
  );
  const two = vector(8, 2, 1, 2);
  await expect(readLabelledImages({ images, labels: two }, { count: -1 })).rejects.toThrow(
    /count must be a whole number >= 0; it is -1/,
  );
});

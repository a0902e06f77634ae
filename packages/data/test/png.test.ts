import { random, tensor, zeros } from '@grad/core';
import { readPng, tileImages, writePng } from '@grad/data';
import { expect, test } from 'vitest';

const decode = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

// Pictures that were packed byte by byte from the standard, with zlib and nothing of this package.
const oneBit =
  'iVBORw0KGgoAAAANSUhEUgAAAAUAAAACAQAAAAC4ESvwAAAADElEQVR4nGPYwOABAAJcAPmXbEmmAAAAAElFTkSuQmCC';
const twoBits =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAABAgAAAAB0O1PJAAAACklEQVR4nGOQAQAAHgAd5rBLVgAAAABJRU5ErkJggg==';
const palette =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAABBAMAAADpzgmHAAAACVBMVEX/AAAA/wAAADO/mEMRAAAAAXRSTlNm5DccCwAAAAtJREFUeJxjYFQAAAAlACJ6JvACAAAAAElFTkSuQmCC';
const sixteenBits =
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAADUlEQVR4nGNoYPj/HwAFAgJ/Fl7EZQAAAABJRU5ErkJggg==';
const clearColor =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAIAAACUgoPjAAAABnRSTlMACgAUAB7FNin/AAAAEklEQVR4nGPgEpH7b8zAJSIPAAk0AazVxhmMAAAAAElFTkSuQmCC';
const interlaced =
  'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAAAAAHfA0mvAAAALElEQVR4nGNgYGBh0NBhYGLQYhARk2BgZGYQFWfQ1Gbg4ubh5WOQk1dQVAIAIIUCJ0hoY0cAAAAASUVORK5CYII=';

test.for([
  ['1 bit', oneBit, [2, 5, 1], [1, 0, 1, 1, 0, 0, 1, 0, 0, 1]],
  ['2 bits', twoBits, [1, 3, 1], [0, 1 / 3, 1]],
  [
    'a palette of 4 bits with an opacity',
    palette,
    [1, 3, 4],
    [1, 0, 0, 0.4, 0, 1, 0, 1, 0, 0, 0.2, 1],
  ],
  ['16 bits', sixteenBits, [1, 2, 1], [0x8000 / 0xffff, 1]],
  [
    'one color that is clear',
    clearColor,
    [1, 3, 4],
    [10, 20, 30, 0, 255, 51, 0, 255, 10, 20, 31, 255].map((x) => x / 255),
  ],
  [
    'interlaced rows',
    interlaced,
    [5, 5, 1],
    Array.from({ length: 25 }, (_, i) => (10 * Math.floor(i / 5) + (i % 5)) / 255),
  ],
] as const)('a picture of %s is read', async ([, file, shape, values]) => {
  const image = await readPng(decode(file));
  expect([image.dtype, image.shape]).toEqual(['float32', shape]);
  expect(Array.from(image.dataSync())).toEqual(values.map(Math.fround));
});

test.for([1, 2, 3, 4] as const)(
  '%i channels are written and read, in 8 and 16 bits',
  async (channels) => {
    for (const depth of [8, 16] as const) {
      const image = random
        .randint(random.key(channels), 0, 2 ** depth, [5, 7, channels])
        .astype('float64')
        .div(2 ** depth - 1);
      const again = await readPng(writePng(image, { depth }));
      expect(again.dataSync()).toEqual(image.astype('float32').dataSync());
      expect(again.shape).toEqual([5, 7, channels]);
    }
  },
);

test('channels are made of others', async () => {
  const color = writePng(
    tensor([
      [
        [1, 0, 0],
        [0.2, 0.4, 0.6],
      ],
    ]),
  );
  const grey = await readPng(color, { channels: 1 });
  expect(grey.shape).toEqual([1, 2, 1]);
  expect(grey.dataSync()[0]).toBeCloseTo(0.299, 7);
  expect(grey.dataSync()[1]).toBeCloseTo(0.299 * 0.2 + 0.587 * 0.4 + 0.114 * 0.6, 7);
  const opaque = await readPng(color, { channels: 4 });
  expect(opaque.at(null, null, 3).toArray()).toEqual([[1, 1]]);
  const clear = writePng(tensor([[[0.2, 0.4]]]));
  const four = await readPng(clear, { channels: 4 });
  expect(Array.from(four.dataSync())).toEqual([0.2, 0.2, 0.2, 0.4].map(Math.fround));
  const three = await readPng(clear, { channels: 3 });
  expect(Array.from(three.dataSync())).toEqual([0.2, 0.2, 0.2].map(Math.fround));
});

test('values beyond black and white are clipped', async () => {
  const image = await readPng(writePng(tensor([[-1, 0.5, 7]])));
  expect(Array.from(image.dataSync())).toEqual([0, 128 / 255, 1].map(Math.fround));
});

test('what is no picture is refused before it is written', () => {
  expect(() => writePng(zeros([3]))).toThrow(/writePng: a picture has the shape .*this is \[3\]/);
  expect(() => writePng(zeros([3, 3, 5]))).toThrow(/this is \[3, 3, 5\]/);
  expect(() => writePng(zeros([0, 3]))).toThrow(/at least one pixel/);
  expect(() => writePng(tensor([[0, Number.NaN]]))).toThrow(
    'writePng: element 1 of the picture is NaN.',
  );
});

test('a file that is no PNG, damaged, cut short, or too large is refused', async () => {
  const bytes = decode(interlaced);
  await expect(readPng(bytes.subarray(1), { name: 'a.png' })).rejects.toThrow(
    'a.png, byte 0: the file does not begin as a PNG does.',
  );
  await expect(readPng(bytes.subarray(0, 20))).rejects.toThrow(
    'byte 20: the file ends within its header',
  );
  await expect(readPng(bytes.subarray(0, 70))).rejects.toThrow(
    /readPng: the picture is damaged or cut short \(/,
  );
  const damaged = bytes.slice();
  damaged[60] = (damaged[60] ?? 0) ^ 1;
  await expect(readPng(damaged)).rejects.toThrow(/damaged or cut short/);
  const large = bytes.slice();
  large[16] = 0x7f;
  await expect(readPng(large)).rejects.toThrow(/byte 16: a picture of 2130706437 x 5 pixels/);
});

test('images are laid out in rows, with gaps, and empty places at the end', () => {
  const images = tensor([[[1, 2]], [[3, 4]], [[5, 6]]]);
  expect(tileImages(images, { columns: 2, background: 9 }).toArray()).toEqual([
    [1, 2, 9, 3, 4],
    [9, 9, 9, 9, 9],
    [5, 6, 9, 9, 9],
  ]);
  expect(tileImages(zeros([5, 4, 3, 3]), { gap: 0 }).shape).toEqual([8, 9, 3]);
  expect(() => tileImages(zeros([4, 4]))).toThrow(/tileImages: images have the shape .*\[4, 4\]/);
});

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { random, type Tensor, tensor } from '@grad/core';
import { drawnDigits, writePng } from '@grad/data';
import { expect, test } from 'vitest';
import { readPicture } from '../src/jobs/vision/read-picture.ts';
import { visionJob } from '../src/jobs/vision/vision-job.ts';
import { tour } from './in-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const vision = (folder: string, ...args: string[]) => tour([visionJob], folder, 'vision', ...args);

/** Digits as the four files of MNIST. */
async function writeDigits(folder: string, train: number, held: number): Promise<void> {
  await mkdir(folder);
  const parts = [
    ['train', train],
    ['t10k', held],
  ] as const;
  for (const [part, count] of parts) {
    const { images, labels } = drawnDigits(random.key(count), count, { size: 20 });
    const header = (...numbers: number[]) => {
      const bytes = new DataView(new ArrayBuffer(4 * numbers.length));
      numbers.forEach((n, i) => {
        bytes.setUint32(4 * i, n);
      });
      return new Uint8Array(bytes.buffer);
    };
    const pixels = Uint8Array.from(images.dataSync(), (v) => Math.round(255 * Number(v)));
    const kinds = Uint8Array.from(labels.dataSync(), Number);
    await writeFile(
      join(folder, `${part}-images-idx3-ubyte`),
      Buffer.concat([header(0x803, count, 20, 20), pixels]),
    );
    await writeFile(
      join(folder, `${part}-labels-idx1-ubyte`),
      Buffer.concat([header(0x801, count), kinds]),
    );
  }
}

/** A picture `[60, 90]` of a 7, dark on light. */
function seven(): Tensor {
  const { images } = drawnDigits(random.key(3), 1, { size: 60, labels: [7] });
  const wide = new Float32Array(60 * 90).fill(0.9);
  images.dataSync().forEach((value, i) => {
    wide[Math.floor(i / 60) * 90 + (i % 60)] = 0.9 - 0.8 * Number(value);
  });
  return tensor(wide).reshape([60, 90, 1]);
}

test('digits of a folder are learned, and a picture explained', { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder();
  await writeDigits(join(folder, 'digits'), 1000, 50);
  await writeFile(join(folder, 'seven.png'), writePng(seven()));
  const args = ['--data', 'digits', '--epochs', '10', '--image', 'seven.png', '--eps', '0.2'];
  const { success, stdout, stderr } = await vision(folder, ...args);
  expect(stderr).not.toContain('missed');
  expect(stdout).toContain('1000 images of digits of 20 x 20 pixels, 10 epochs');
  expect(stdout).toContain('seven.png: probability of a 7');
  expect(stdout).toContain('12 of 12 references met');
  expect(success).toBe(true);
  const html = await readFile(join(folder, 'tour', 'report.html'), 'utf8');
  expect(html.match(/<figcaption>/g)).toHaveLength(4);
  expect(html.match(/data:image\/png;base64,iVBOR/g)).toHaveLength(10 + 14);
  const lines = (await readFile(join(folder, 'tour', 'vision-ticket.csv'), 'utf8')).trim();
  expect(lines.split('\n')).toHaveLength(1 + 6);
});

test('a picture is framed the same in dark on light, light on dark, and black on nothing', async () => {
  const folder = await temporaryFolder();
  const [signal, inkSize] = [new AbortController().signal, 0.64];
  const dark = seven();
  const pen = dark.sub(0.9).div(-0.8);
  const clear = Float32Array.from({ length: 60 * 90 * 2 }, (_, i) =>
    i % 2 === 0 ? 0 : Number(pen.dataSync()[i >> 1]),
  );
  const pictures: Record<string, Tensor> = {
    dark,
    light: dark.neg().add(1),
    clear: tensor(clear).reshape([60, 90, 2]),
    color: tensor(
      Float32Array.from({ length: 60 * 90 * 3 }, (_, i) =>
        i % 3 === 2 ? 0.9 : Number(dark.dataSync()[Math.floor(i / 3)]),
      ),
    ).reshape([60, 90, 3]),
  };
  const frames: Tensor[] = [];
  for (const [name, picture] of Object.entries(pictures)) {
    await writeFile(join(folder, `${name}.png`), writePng(picture));
    const frame = { height: 28, width: 28, inkSize };
    frames.push((await readPicture(`${name}.png`, frame, { folder, signal })).image);
  }
  const [first] = frames;
  if (!first) throw new Error('no frames');
  for (const frame of frames) expect(frame.sub(first).abs().max().item()).toBeLessThan(0.02);
  // Its ink has the size that was asked for, and its center of mass in the middle.
  const ink = first.reshape([28, 28]);
  const lit = (axis: 0 | 1): number =>
    ink
      .max({ axis: 1 - axis })
      .gt(0.2)
      .astype('int32')
      .sum()
      .item();
  expect(Math.abs(Math.max(lit(0), lit(1)) - 0.64 * 28)).toBeLessThan(2);
  const places = tensor(Float32Array.from({ length: 28 }, (_, i) => i + 0.5));
  for (const axis of [0, 1]) {
    const center = ink.sum({ axis }).mul(places).sum().div(ink.sum()).item();
    expect(Math.abs(center - 14)).toBeLessThan(0.1);
  }
});

test('what is wrong is said, and nothing is written', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'empty.png'), writePng(seven().mul(0).add(0.5)));
  await writeFile(join(folder, 'text.png'), 'seven');
  await writeDigits(join(folder, 'good'), 100, 20);
  await writeDigits(join(folder, 'few'), 99, 20);
  await writeDigits(join(folder, 'cut'), 100, 20);
  const labels = join(folder, 'cut', 't10k-labels-idx1-ubyte');
  await writeFile(labels, (await readFile(labels)).subarray(0, 20));
  const good = ['--data', 'good'];
  const before = await readdir(folder);
  const cases: readonly (readonly [string[], string])[] = [
    [[...good, '--image', 'none.png'], 'none.png cannot be read'],
    [
      [...good, '--image', 'text.png'],
      'text.png, byte 0: the file does not begin as a PNG does. Give a PNG.',
    ],
    [[...good, '--image', 'empty.png'], 'empty.png has no ink'],
    [['--data', '.'], '. holds no file train-images-idx3-ubyte'],
    [['--data', 'few'], 'few has 99 images of 20 x 20 pixels to learn from and 20'],
    [['--data', 'cut'], 'cut/t10k-labels-idx1-ubyte, byte 20: the file ends here'],
    [['--eps', '0'], 'Expected a number above 0, at most 1.'],
    [['--epochs', '1.5'], 'Expected a whole number from 1 to 1000.'],
    [['--seed', '-1'], 'Expected a whole number of 0 or more.'],
    [['--ticket', '0'], 'Expected a whole number from 1 to 1000.'],
  ];
  for (const [args, message] of cases) {
    const { success, stderr } = await vision(folder, ...args);
    expect(stderr).toContain(message);
    expect(success).toBe(false);
  }
  expect(await readdir(folder)).toEqual(before);
});

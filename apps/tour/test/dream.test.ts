import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dreamJob } from '../src/jobs/dream/dream-job.ts';
import { tour } from './in-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const dream = (folder: string, ...args: string[]) => tour([dreamJob], folder, 'dream', ...args);

test('a short training raises the bound, meets its references and draws four figures', async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await dream(folder, '--epochs', '3');
  expect(stdout).toContain('3 of 3 references met');
  expect(success).toBe(true);
  const of = (what: string): number =>
    Number(new RegExp(`${what}[^│]*│\\s*(-?[\\d.]+)`).exec(stdout)?.[1]);
  expect(of('bound on them after')).toBeGreaterThan(0.7 * of('bound on 200 other digits before'));
  const html = await readFile(join(folder, 'tour', 'report.html'), 'utf8');
  expect(html.match(/<figcaption>/g)).toHaveLength(4);
  expect(html.match(/data:image\/png;base64,iVBOR/g)).toHaveLength(3);
});

test('digits of a folder are learned from, by importance weighted bounds too', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'digits'));
  await writeDigits(join(folder, 'digits'), { train: 300, t10k: 40 });
  const { success, stdout } = await dream(
    folder,
    ...['--data', 'digits', '--epochs', '2', '--draws', '5'],
  );
  expect(stdout).toContain('300 digits of the files of 8 x 8 pixels');
  expect(stdout).toContain('bound on 40 other digits before training');
  expect(success).toBe(true);
});

test('what is wrong with a folder of digits is said, and nothing is written', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'digits'));
  const problemOf = async (data: string): Promise<string> => {
    const { success, stderr } = await dream(folder, '--data', data);
    expect(success).toBe(false);
    return stderr;
  };
  expect(await problemOf('elsewhere')).toContain('Cannot read elsewhere: there is no such folder.');
  expect(await problemOf('digits')).toContain(
    'digits holds no file train-images-idx3-ubyte or train-images-idx3-ubyte.gz',
  );
  await writeDigits(join(folder, 'digits'), { train: 30, t10k: 40 });
  await writeFile(join(folder, 'digits', 't10k-labels-idx1-ubyte'), idx([39]));
  expect(await problemOf('digits')).toContain(
    't10k-labels-idx1-ubyte: 40 images need as many whole labels, [40]; these are u8 [39].',
  );
  expect(await readdir(folder)).toEqual(['digits']);
});

/** The four files, with blots in place of digits. */
async function writeDigits(folder: string, counts: Readonly<Record<string, number>>) {
  for (const [name, n] of Object.entries(counts)) {
    await writeFile(join(folder, `${name}-images-idx3-ubyte`), idx([n, 8, 8]));
    await writeFile(join(folder, `${name}-labels-idx1-ubyte`), idx([n]));
  }
}

/** An IDX file of bytes that are 0 or 255 by turns of three. */
function idx(shape: readonly number[]): Uint8Array {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const header = [
    0,
    0,
    8,
    shape.length,
    ...shape.flatMap((extent) => [0, 0, extent >> 8, extent & 255]),
  ];
  return Uint8Array.from([
    ...header,
    ...Array.from({ length: size }, (_, i) => 255 * (Math.floor(i / 3) % 2)),
  ]);
}

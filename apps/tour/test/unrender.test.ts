import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tensor, zeros } from '@grad/core';
import { writePng } from '@grad/data';
import { expect, test } from 'vitest';
import { readThing } from '../src/jobs/unrender/read-target.ts';
import { picture } from '../src/jobs/unrender/scene.ts';
import { truth } from '../src/jobs/unrender/starts.ts';
import { unrenderJob } from '../src/jobs/unrender/unrender-job.ts';
import { tour } from './in-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

// Some seconds of computation, maybe on a busy machine.
const patient = { timeout: 120_000 };

const unrender = (folder: string, ...args: string[]) =>
  tour([unrenderJob], folder, 'unrender', ...args);

const wedge = [
  'v 0 0 0',
  'v 2 0 0',
  'v 0 1 0',
  'v 0 0 3',
  'f 1 3 2',
  'f 1 2 4',
  'f 2 3 4',
  'f 1 4 3',
].join('\n');

test(
  'pose, light and material come out of one picture, and the outline has its derivatives',
  patient,
  async () => {
    const folder = await temporaryFolder();
    const { success, stdout } = await unrender(folder);
    expect(stdout).toContain('12 of 12 references met');
    expect(success).toBe(true);
    const html = await readFile(join(folder, 'tour', 'report.html'), 'utf8');
    expect(html.match(/<figcaption>/g)).toHaveLength(2);
    expect(html.match(/data:image\/png;base64,iVBOR/g)).toHaveLength(1);
  },
);

test("a picture and a form of one's own are read", patient, async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'wedge.obj'), wedge);
  const context = { folder, signal: new AbortController().signal };
  const { mesh } = await readThing('wedge.obj', context);
  const setting = { mesh, size: 64, fov: 0.6, background: tensor([0.2, 0.3, 0.4]) };
  const { image } = picture(setting, truth, 64);
  await writeFile(join(folder, 'wedge.png'), writePng(image));
  const { success, stdout } = await unrender(folder, '--image', 'wedge.png', '--mesh', 'wedge.obj');
  expect(success).toBe(true);
  const of = (what: string): number =>
    Number(new RegExp(`${what}[^│]*│\\s*(-?[\\d.e-]+)`).exec(stdout)?.[1]);
  expect(of('the same, end')).toBeLessThan(
    0.7 * of('root mean square difference of pixels, start'),
  );
});

test('wrong files are named', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'bad.obj'), 'v 0 0 0\nf 1 2 3\n');
  await writeFile(join(folder, 'small.png'), writePng(zeros([8, 9, 3])));
  await writeFile(join(folder, 'text.png'), 'no picture');
  for (const [args, message] of [
    [['--mesh', 'bad.obj'], "bad.obj, line 2: the corner '2' is no vertex"],
    [['--mesh', 'none.obj'], 'none.obj cannot be read'],
    [['--image', 'small.png'], 'small.png has 9 by 8 pixels; at least 64 by 64 are needed'],
    [['--image', 'text.png'], 'text.png'],
    [['--fov', '300'], 'Expected degrees from 5 to 120'],
  ] as const) {
    const { success, stderr } = await unrender(folder, ...args);
    expect(success).toBe(false);
    expect(stderr).toContain(message);
  }
});

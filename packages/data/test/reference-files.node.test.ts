import { readFileSync } from 'node:fs';
import { oneHot } from '@grad/core';
import { readIdx, readLabelledImages, readMatrix, readSafetensors, readTable } from '@grad/data';
import { describe, expect, test } from 'vitest';

const folder = process.env['GRAD_DATA'];
if (folder === undefined) {
  console.warn('GRAD_DATA is not set: the tests on published files that need it are skipped.');
}
const read = (path: string): Uint8Array => readFileSync(`${folder}/${path}`);

// Sums and counts are numpy's, of the same files.
describe.skipIf(folder === undefined)('published files (need GRAD_DATA)', () => {
  test('the training set of MNIST', async () => {
    const { images, labels } = await readLabelledImages({
      images: read('mnist/train-images-idx3-ubyte.gz'),
      labels: read('mnist/train-labels-idx1-ubyte.gz'),
    });
    expect(images.shape).toEqual([60_000, 28, 28]);
    expect(images.mean().item()).toBeCloseTo(0.1306604762738429, 7);
    expect(Array.from(oneHot(labels, 10).sum({ axis: 0 }).dataSync())).toEqual([
      5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]);
  });

  test('Omniglot, whose labels have 16 bits', async () => {
    const labels = await readIdx(read('omniglot/omniglot28-labels-idx1-ushort.gz'));
    expect([labels.type, labels.shape]).toEqual(['i16', [32_460]]);
    const counts = new Uint8Array(1623);
    for (const label of labels.data) counts[label] = (counts[label] ?? 0) + 1;
    expect(counts.every((count) => count === 20)).toBe(true);
    const images = await readIdx(read('omniglot/omniglot28-images-idx3-ubyte.gz'));
    expect(images.shape).toEqual([32_460, 28, 28]);
    let sum = 0;
    for (const value of images.data) sum += value;
    expect(sum).toBe(545_288_588);
  });

  test('the digits of UCI', async () => {
    for (const [path, rows, sum] of [
      ['digits/optdigits.tra', 3823, 1_221_951],
      ['digits/optdigits.tes', 1797, 569_788],
    ] as const) {
      const matrix = await readMatrix(read(path), { dtype: 'int32' });
      expect([matrix.shape, matrix.sum().item()]).toEqual([[rows, 65], sum]);
    }
  });

  test('the molecules of ESOL and FreeSolv', async () => {
    const solvation = await readTable(read('moleculenet/SAMPL.csv'), {
      columns: { iupac: 'text', expt: 'float64' },
    });
    expect(solvation.iupac[0]).toBe('4-methoxy-N,N-dimethyl-benzamide');
    expect(solvation.expt.size).toBe(642);
    expect(solvation.expt.sum().item()).toBeCloseTo(-2441.53, 9);
    const measured = 'measured log solubility in mols per litre';
    const esol = await readTable(read('moleculenet/delaney-processed.csv'), {
      columns: { smiles: 'text', [measured]: 'float64' },
    });
    expect(esol.smiles.length).toBe(1128);
    expect(esol[measured]?.sum().item()).toBeCloseTo(-3440.515, 9);
  });

  test('four Gaussians and their image', async () => {
    const { tensors } = await readSafetensors(read('splats/tiny_case.safetensors'));
    const shapes = Object.entries(tensors).map(([name, { shape }]) => [name, shape]);
    expect(Object.fromEntries(shapes)).toEqual({
      coeffs: [4, 16, 3],
      means: [4, 3],
      opacities: [4],
      out_img: [82, 123, 4],
      quats: [4, 4],
      scales: [4, 3],
    });
    const image = tensors['out_img']?.astype('float64');
    expect(image?.sum().item()).toBeCloseTo(1373.8165882563917, 9);
  });
});

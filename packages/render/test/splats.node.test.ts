import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jit, type Tensor, tensor } from '@grad/core';
import { readSafetensors } from '@grad/data';
import { camera, gaussianSplats } from '@grad/render';
import { expect, test } from 'vitest';

const folder = process.env['GRAD_DATA'];

test.skipIf(folder === undefined)(
  'four Gaussians look as in the picture of a reference rasterizer',
  async () => {
    const bytes = await readFile(join(folder ?? '', 'splats', 'tiny_case.safetensors'));
    const { tensors } = await readSafetensors(bytes);
    const read = (name: string): Tensor => {
      const found = tensors[name];
      if (!found) throw new Error(`There is no ${name}.`);
      return found.astype('float64');
    };
    const view = camera({
      width: 123,
      height: 82,
      fovX: Math.PI / 2,
      pose: {
        rotation: tensor([
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ]),
        position: tensor([0.123, 0.456, -8]),
      },
    });
    const seen = jit(() =>
      gaussianSplats(
        {
          means: read('means'),
          quaternions: read('quats'),
          logScales: read('scales'),
          opacityLogits: read('opacities'),
          harmonics: read('coeffs'),
        },
        view,
      ),
    )();
    const expected = read('out_img');
    const largest = (x: Tensor): number => x.abs().max().item();
    expect(largest(expected.at(null, null, [0, 3]))).toBeGreaterThan(0.1);
    expect(largest(seen.image.sub(expected.at(null, null, [0, 3])))).toBeLessThan(1e-5);
    expect(largest(seen.opacity.sub(expected.at(null, null, 3)))).toBeLessThan(1e-5);
  },
);

import { grad, jit, type Tensor, tensor } from '@grad/core';
import { readSafetensors } from '@grad/data';
import { camera, gaussianSplats } from '@grad/render';
import type { Row } from '@grad/tour';
import type { LineContext } from '../line.ts';
import { atMostRow } from '../rows.ts';

/** Four Gaussians against the picture of a reference rasterizer, and derivatives against differences. */
export async function splatRows({ data }: LineContext): Promise<Row[]> {
  const { tensors } = await readSafetensors(data.bytes('splats/tiny_case.safetensors'));
  const read = (name: string): Tensor => {
    const found = tensors[name];
    if (!found) throw new Error(`There is no ${name} in the file.`);
    return found.astype('float64');
  };
  const scene = {
    means: read('means'),
    quaternions: read('quats'),
    logScales: read('scales'),
    opacityLogits: read('opacities'),
    harmonics: read('coeffs'),
  };
  type Scene = typeof scene;
  const seenFrom = (given: Scene, eye: Tensor) => {
    const rotation = tensor([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    const pose = { rotation, position: eye };
    return gaussianSplats(given, camera({ width: 123, height: 82, fovX: Math.PI / 2, pose }));
  };
  const eye = tensor([0.123, 0.456, -8]);
  const { image, opacity } = jit(seenFrom)(scene, eye);
  const expected = read('out_img');
  const largest = (x: Tensor): number => x.abs().max().item();
  const bright = jit(
    (given: Scene, from: Tensor): Tensor => seenFrom(given, from).image.square().sum(),
  );
  const [inScene, inEye] = jit(grad(bright, { argnums: [0, 1] }))(scene, eye);
  // So small that no pixel passes 1/255 of opacity, below which a Gaussian is left out.
  const h = 1e-6;
  // Along one direction in each argument: all of its elements grow by the sines of their numbers.
  const offBy = (slope: Tensor, at: Tensor, value: (moved: Tensor) => Tensor): number => {
    const direction = tensor(Float64Array.from({ length: at.size }, (_, i) => Math.sin(i + 1)));
    const way = direction.reshape(at.shape);
    const [more, less] = [value(at.add(way.mul(h))), value(at.sub(way.mul(h)))];
    const difference = more.sub(less).item() / (2 * h);
    return Math.abs(slope.mul(way).sum().item() - difference) / Math.max(1, Math.abs(difference));
  };
  const names = ['means', 'quaternions', 'logScales', 'opacityLogits', 'harmonics'] as const;
  return [
    atMostRow('picture', largest(image.sub(expected.at(null, null, [0, 3]))), 1e-5),
    atMostRow('opacity', largest(opacity.sub(expected.at(null, null, 3))), 1e-5),
    ...names.map((name) =>
      atMostRow(
        `derivative in ${name} against differences, relative`,
        offBy(inScene[name], scene[name], (moved) => bright({ ...scene, [name]: moved }, eye)),
        1e-6,
      ),
    ),
    atMostRow(
      'derivative in the place of the camera, through the view direction',
      offBy(inEye, eye, (moved) => bright(scene, moved)),
      1e-6,
    ),
  ];
}

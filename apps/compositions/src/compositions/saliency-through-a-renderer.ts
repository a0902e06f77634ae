import { exp, linspace, random, stack, type Tensor, tanh, tensor, vmap } from '@grad/core';
import { mlp } from '@grad/nn';
import { camera, cameraRays, renderVolume } from '@grad/render';
import { integratedGradients, network } from '@grad/vision';
import type { Composition } from '../composition.ts';

const size = 6;
const rays = cameraRays(camera({ width: size, height: size, focal: size }));

/** A picture of a cloud: its place x, y, z and the logarithm of its density. */
const render = (scene: Tensor): Tensor => {
  const center = stack([scene.at(0), scene.at(1), scene.at(2)]);
  const cloud = (points: Tensor) => {
    const distance = points.sub(center).square().sum({ axis: -1 });
    return {
      density: exp(scene.at(3).sub(distance.mul(4))),
      color: points.mul(0).add(0.8),
    };
  };
  return renderVolume(cloud, rays, { near: 1, far: 4, samples: 12 }).color;
};

const model = mlp([size * size * 3, 6, 2], { activation: tanh, dtype: 'float64' });
const classify = network(model, model.init(random.key(12)));
const importance = linspace(1, -1, 4);

/** What of a scene made a network see what it sees in its picture: integrated gradients through the renderer. */
export const saliencyThroughARenderer: Composition = {
  name: 'saliency-through-a-renderer',
  title: 'Saliency through a renderer',
  packages: ['vision', 'render', 'nn'],
  variable: 'place and density of a cloud',
  f: (scene) => {
    const seen = (scenes: Tensor): Tensor =>
      classify(vmap(render)(scenes).reshape([-1, size * size * 3]));
    const { attribution } = integratedGradients(seen, scene.expandDims(0), {
      target: 1,
      baseline: tensor([[0, 0, 2.5, 0]]),
      steps: 6,
    });
    return attribution.mul(importance).sum();
  },
  x: tensor([0.3, -0.2, 2.2, 0.7]),
};

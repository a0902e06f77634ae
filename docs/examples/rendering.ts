import { grad, type Tensor, tensor } from '@grad/core';
import { levenbergMarquardt } from '@grad/optim';
import { camera, icosphere, lambert, pointLight, rasterize } from '@grad/render';

// A ball somewhere before a camera of 32 by 32 pixels, lit from the left.
const ball = icosphere(2);
const view = camera({ width: 32, fovX: 0.7 });
const light = pointLight({ position: [-4, -4, 0], intensity: 100 });
const picture = (place: Tensor): Tensor =>
  rasterize({ ...ball, vertices: ball.vertices.add(place) }, view, {
    shade: (surface) => lambert({ surface, albedo: [0.9, 0.5, 0.3], lights: [light] }),
  }).image;

// How does the brightness change as it comes nearer?
const brightness = (place: Tensor): Tensor => picture(place).mean();
console.log(
  grad(brightness)(tensor([0, 0, 7]))
    .at(2)
    .item()
    .toFixed(3),
); // → -0.006

// Where is it in this picture? The least squares of the differences say so.
const target = picture(tensor([0.3, -0.2, 7]));
const { x, iterations } = await levenbergMarquardt(
  (place: Tensor) => picture(place).sub(target).reshape([-1]),
  tensor([-0.1, 0.2, 7.5]),
);
console.log(x.toString({ digits: 6 }), iterations < 20); // → f64[3] [0.3, -0.2, 7] true

import { avgPool, conv, convTranspose, gridSample, maxPool, mul, type Tensor } from '@grad/core';
import type { Draw, Scope } from '../scope.ts';
import type { Operations } from './operation.ts';

/** A batch of images with two channels and one or two spatial axes, made of any float. */
function image(scope: Scope, draw: Draw): Tensor {
  const x = scope.float(draw);
  const shape = draw.of<readonly number[]>([1, 2, 4], [1, 2, 5], [1, 2, 3, 4], [2, 2, 3]);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return x.size > size ? x.reshape([x.size]).at([0, size]).reshape(shape) : scope.fit(x, shape);
}

/** Operations on windows that move over an image. */
export const windows: Operations = {
  conv: {
    build(scope, draw) {
      const x = image(scope, draw);
      const groups = 1 + draw.below(2);
      const taps = x.shape.slice(2).map(() => 1 + draw.below(2));
      const kernel = scope.fit(scope.float(draw), [2, 2 / groups, ...taps]);
      const y = conv(x, kernel, {
        groups,
        strides: 1 + draw.below(2),
        padding: draw.of<'same' | 'valid' | number>('valid', 'same', 1),
        dilation: 1 + draw.below(2),
      });
      return mul(y, 1 / 32);
    },
  },
  convTranspose: {
    build(scope, draw) {
      const x = image(scope, draw);
      const taps = x.shape.slice(2).map(() => 1 + draw.below(2));
      const kernel = scope.fit(scope.float(draw), [2, 1, ...taps]);
      return mul(convTranspose(x, kernel, { strides: 1 + draw.below(2) }), 1 / 32);
    },
  },
  maxPool: {
    build(scope, draw) {
      const options = { size: 1 + draw.below(3), strides: 1 + draw.below(2) };
      return maxPool(image(scope, draw), options);
    },
  },
  avgPool: {
    build(scope, draw) {
      const options = {
        size: 2,
        strides: 1 + draw.below(2),
        padding: draw.of<'same' | 'valid'>('valid', 'same'),
        countIncludePad: draw.flag(),
      };
      return avgPool(image(scope, draw), options);
    },
  },
  gridSample: {
    build(scope, draw) {
      const x = scope.fit(scope.float(draw), [1, 2, 3, 4]);
      const grid = scope.fit(scope.float(draw), [1, 2, 2, 2]).mul(0.5);
      return gridSample(x, grid, { mode: draw.of('bilinear', 'nearest') });
    },
  },
};

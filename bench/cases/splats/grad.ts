import { jit, type Tensor, valueAndGrad } from '../../../packages/core/src/index.ts';
import { camera, gaussianSplats } from '../../../packages/render/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const width = numberOf(options, 'width');
  const view = camera({ width, focal: width });
  const splats = {
    means: given(inputs, 'means'),
    quaternions: given(inputs, 'quaternions'),
    logScales: given(inputs, 'logScales'),
    opacityLogits: given(inputs, 'opacityLogits'),
    harmonics: given(inputs, 'harmonics'),
  };
  const target = given(inputs, 'target');
  const loss = (at: typeof splats, target: Tensor): Tensor =>
    gaussianSplats(at, view).image.sub(target).square().mean();
  const f = jit(valueAndGrad(loss));
  return calling(() => {
    const [value, { means, quaternions, logScales, opacityLogits, harmonics }] = f(splats, target);
    return [value, means, quaternions, logScales, opacityLogits, harmonics];
  });
};

import { type Tensor, zeros } from '../../../packages/core/src/index.ts';
import { crossEntropy } from '../../../packages/nn/src/index.ts';
import { lbfgs } from '../../../packages/optim/src/index.ts';
import { elements, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const [x, labels] = [given(inputs, 'x'), given(inputs, 'labels')];
  const penalty = numberOf(options, 'penalty');
  const gradientTolerance = numberOf(options, 'gradientTolerance');
  const loss = (weight: Tensor): Tensor =>
    crossEntropy(x.matmul(weight), labels).add(
      weight
        .square()
        .sum()
        .mul(penalty / 2),
    );
  const start = zeros([x.shape[1] ?? 0, numberOf(options, 'classes')]);
  let weight = start;
  return {
    run: async () => {
      weight = (await lbfgs(loss, start, { gradientTolerance })).x;
    },
    output: () => elements(weight),
  };
};

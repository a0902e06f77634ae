import { lorenz96 } from '../../../packages/assimilation/src/models/lorenz96.ts';
import { jit, scan, type Tensor, valueAndGrad } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Options, type Prepare } from '../../src/suite.ts';

/** The sum of squares of the distances of a trajectory from the observations, one for each step. */
export function costOf(options: Options): (start: Tensor, observations: Tensor) => Tensor {
  const model = lorenz96({ dt: numberOf(options, 'dt'), forcing: numberOf(options, 'forcing') });
  return (start, observations) => {
    const [[, total]] = scan(
      ([state, sum]: readonly [Tensor, Tensor], observed: Tensor) => {
        const next = model(state);
        return [[next, sum.add(next.sub(observed).square().sum())] as const, null];
      },
      [start, start.at(0).mul(0)] as const,
      observations,
    );
    return total;
  };
}

export const prepare: Prepare = (inputs, options) => {
  const f = jit(valueAndGrad(costOf(options)));
  const [x, observed] = [given(inputs, 'x'), given(inputs, 'observed')];
  return calling(() => f(x, observed));
};

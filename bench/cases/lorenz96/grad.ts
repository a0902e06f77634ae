import { lorenz96 } from '../../../packages/assimilation/src/models/lorenz96.ts';
import { jit, scan, type Tensor, valueAndGrad } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const model = lorenz96({ dt: numberOf(options, 'dt'), forcing: numberOf(options, 'forcing') });
  const cost = (start: Tensor, observations: Tensor): Tensor => {
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
  const f = jit(valueAndGrad(cost));
  const [x, observed] = [given(inputs, 'x'), given(inputs, 'observed')];
  return calling(() => f(x, observed));
};

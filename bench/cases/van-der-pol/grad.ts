import { optimalControl } from '../../../packages/control/src/index.ts';
import { stack, type Tensor } from '../../../packages/core/src/index.ts';
import { elements } from '../../src/peers/grad-side.ts';
import { need, numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const number = (name: string): number => numberOf(options, name);
  const stated = () =>
    optimalControl({
      dynamics: (x: Tensor, u: Tensor) => {
        const [x1, x2] = [x.at(0), x.at(1)];
        return stack([x2.square().neg().add(1).mul(x1).sub(x2).add(u.at(0)), x1]);
      },
      cost: (x, u) => x.square().sum().add(u.square().sum()),
      initial: Array.from(need(inputs, 'initial').data),
      bounds: {
        controls: { lower: [-1], upper: [1] },
        states: { lower: [number('least'), Number.NEGATIVE_INFINITY] },
      },
      horizon: number('horizon'),
    });
  const problem = stated();
  const solve = () =>
    (options['anew'] ? stated() : problem).solve({
      method: 'multipleShooting',
      intervals: number('intervals'),
      steps: number('steps'),
    });
  let found: Awaited<ReturnType<typeof solve>> | undefined;
  return {
    run: async () => {
      found = await solve();
    },
    output: () =>
      found ? [found.cost, ...elements([found.controls.at([1, null]), found.states])] : [],
  };
};

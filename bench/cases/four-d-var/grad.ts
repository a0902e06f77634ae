import { fourDVar, lorenz96 } from '../../../packages/assimilation/src/index.ts';
import { elements, given } from '../../src/peers/grad-side.ts';
import { need, numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const number = (name: string): number => numberOf(options, name);
  const background = given(inputs, 'background');
  const { shape, data } = need(inputs, 'observed');
  const [count = 0, size = 0] = shape;
  const problem = fourDVar({
    model: lorenz96({ dt: number('dt'), forcing: number('forcing') }),
    background,
    B: 1,
    R: 1,
    observations: Array.from({ length: count }, (_, k) => ({
      step: (k + 1) * number('every'),
      value: Array.from(data.slice(k * size, (k + 1) * size)),
    })),
  });
  const gradientTolerance = number('gradientTolerance');
  let analysis = background;
  return {
    run: async () => {
      ({ analysis } = await problem.minimize({ gradientTolerance }));
    },
    output: () => elements(analysis),
  };
};

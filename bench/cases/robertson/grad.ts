import {
  exp,
  jit,
  stack,
  type Tensor,
  valueAndGrad,
  zeros,
} from '../../../packages/core/src/index.ts';
import { odeint } from '../../../packages/solve/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const number = (name: string): number => numberOf(options, name);
  const [start, rates] = [given(inputs, 'start'), given(inputs, 'rates')];
  const remaining = (logs: Tensor): Tensor => {
    const { ys } = odeint(
      (y: Tensor, _t, k) => {
        const [a, b, c] = [y.at(0), y.at(1), y.at(2)];
        const first = a.mul(k.at(0));
        const second = b.square().mul(k.at(1));
        const third = b.mul(c).mul(k.at(2));
        return stack([third.sub(first), first.sub(second).sub(third), second]);
      },
      start,
      [0, number('end')],
      {
        method: 'rodas5p',
        args: exp(logs).mul(rates),
        rtol: number('rtol'),
        atol: number('atol'),
      },
    );
    return ys.at(-1, 0);
  };
  const f = jit(valueAndGrad(remaining));
  const logs = zeros([3]);
  return calling(() => f(logs));
};

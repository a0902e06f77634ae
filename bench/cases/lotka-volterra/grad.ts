import { grad, jit, type Tensor, vmap } from '../../../packages/core/src/index.ts';
import { odeint } from '../../../packages/solve/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const number = (name: string): number => numberOf(options, name);
  const [end, tolerance] = [number('end'), number('tolerance')];
  const how =
    options['method'] === 'rk4'
      ? ({ method: 'rk4', stepSize: end / number('steps') } as const)
      : ({ method: 'tsit5', rtol: tolerance, atol: tolerance } as const);
  const distance = (start: Tensor, rates: Tensor): Tensor => {
    const { ys } = odeint(
      ([prey, predators], _t, p) => {
        const meetings = prey.mul(predators);
        return [
          prey.mul(p.at(0)).sub(meetings.mul(p.at(1))),
          meetings.mul(p.at(3)).sub(predators.mul(p.at(2))),
        ] as const;
      },
      [start.at(0), start.at(1)] as const,
      [0, end],
      { args: rates, ...how },
    );
    return ys[0].at(-1).sub(1).square().mul(0.5);
  };
  const gradient = grad(distance, { argnums: [0, 1] });
  const [start, rates] = [given(inputs, 'start'), given(inputs, 'rates')];
  if (number('count') > 1) {
    const all = jit(vmap(gradient));
    return calling(() => all(start, rates));
  }
  const one = jit(gradient);
  const [first, p] = [start.at(0), rates.at(0)];
  return calling(() => one(first, p));
};

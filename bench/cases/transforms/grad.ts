import { grad, hvp, jit, jvp, sin, type Tensor, tanh } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import type { Options, Prepare, Work } from '../../src/suite.ts';
import { costOf } from '../lorenz96/grad.ts';
import { type Layer, loss } from '../mlp/grad.ts';

const polynomial = (x: Tensor): Tensor => x.mul(x).add(x).mul(x.sub(2)).mul(x).sum();
const transcendental = (x: Tensor): Tensor =>
  tanh(sin(x).mul(x.square().neg().exp())).mul(x.square().add(1).log()).sum();

/** The function, or a derivative of it in a fixed direction, as work. */
function derivative(
  f: (...x: Tensor[]) => Tensor,
  x: Tensor[],
  of: Options[string] | undefined,
): Work {
  const inAll = (all: Tensor[]): Tensor => f(...all);
  const direction = x.map((part) => part.mul(0.5).add(0.25));
  const ways: Readonly<Record<string, (x: Tensor[], v: Tensor[]) => unknown>> = {
    value: inAll,
    grad: (x) => grad(inAll)(x),
    jvp: (x, v) => jvp(inAll, [x], [v]),
    hvp: (x, v) => hvp(inAll, x, v),
  };
  const way = ways[`${of}`];
  if (!way) throw new Error(`There is no derivative called ${of}.`);
  const compiled = jit(way);
  return calling(() => compiled(x, direction));
}

const layerNames = ['w0', 'b0', 'w1', 'b1', 'w2', 'b2'];

/** Pairs of a matrix and what is added. */
const layersOf = (parameters: readonly Tensor[]): Layer[] =>
  parameters.flatMap((w, i) => {
    const b = parameters[i + 1];
    return i % 2 === 0 && b ? [{ w, b }] : [];
  });

export const prepare: Prepare = (inputs, options) => {
  const { objective, of } = options;
  if (objective === 'mlp') {
    const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
    const parameters = layerNames.map((name) => given(inputs, name));
    return derivative((...all) => loss(layersOf(all), x, y), parameters, of);
  }
  const x = given(inputs, 'x');
  if (objective === 'lorenz96') {
    const [cost, observed] = [costOf(options), given(inputs, 'observed')];
    return derivative((x) => cost(x, observed), [x], of);
  }
  return derivative(objective === 'polynomial' ? polynomial : transcendental, [x], of);
};

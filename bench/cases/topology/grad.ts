import { jit, type Tensor, valueAndGrad } from '../../../packages/core/src/index.ts';
import { elasticity, rectangle, simp, solve } from '../../../packages/fem/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const number = (name: string): number => numberOf(options, name);
  const [nx, ny] = [number('nx'), number('ny')];
  const mesh = rectangle({ width: nx, height: ny, cells: [nx, ny] });
  const compliance = (densities: Tensor): Tensor =>
    solve(
      elasticity({
        mesh,
        young: simp(densities, { penalty: number('penalty'), youngMin: number('youngMin') }),
        poisson: number('poisson'),
        fixed: [
          { on: 'left', x: 0 },
          { on: [nx], y: 0 },
        ],
        loads: [{ at: ny * (nx + 1), force: [0, -1] }],
      }),
    ).compliance;
  const f = jit(valueAndGrad(compliance));
  const densities = given(inputs, 'densities');
  return calling(() => f(densities));
};

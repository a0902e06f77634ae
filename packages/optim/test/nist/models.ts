import { exp, pow, type Tensor } from '@grad/core';
import type { datasets } from './datasets.ts';

type Model = (b: (i: number) => Tensor, x: Tensor) => Tensor;

const cubicOverCubic: Model = (b, x) => {
  const [x2, x3] = [x.square(), x.square().mul(x)];
  const above = b(1).add(b(2).mul(x)).add(b(3).mul(x2)).add(b(4).mul(x3));
  return above.div(b(5).mul(x).add(1).add(b(6).mul(x2)).add(b(7).mul(x3)));
};

/** The models of the data, with b(1) the first parameter. */
export const models: Record<keyof typeof datasets, Model> = {
  Misra1a: (b, x) => b(1).mul(exp(b(2).mul(x).neg()).neg().add(1)),
  Thurber: cubicOverCubic,
  Hahn1: cubicOverCubic,
  MGH09: (b, x) => {
    const x2 = x.square();
    return b(1)
      .mul(x2.add(x.mul(b(2))))
      .div(x2.add(x.mul(b(3))).add(b(4)));
  },
  MGH10: (b, x) => b(1).mul(exp(b(2).div(x.add(b(3))))),
  Lanczos3: (b, x) => {
    const term = (i: number): Tensor =>
      b(i).mul(
        exp(
          b(i + 1)
            .mul(x)
            .neg(),
        ),
      );
    return term(1).add(term(3)).add(term(5));
  },
  BoxBOD: (b, x) => b(1).mul(exp(b(2).mul(x).neg()).neg().add(1)),
  Eckerle4: (b, x) =>
    b(1)
      .div(b(2))
      .mul(exp(x.sub(b(3)).div(b(2)).square().mul(-0.5))),
  Rat43: (b, x) => b(1).div(pow(exp(b(2).sub(b(3).mul(x))).add(1), b(4).pow(-1))),
  Bennett5: (b, x) => b(1).mul(pow(b(2).add(x), b(3).pow(-1).neg())),
};

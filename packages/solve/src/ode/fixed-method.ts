import type { Tensor } from '@grad/core';
import { advanced } from './combination.ts';
import type { Slope } from './method.ts';

/** A method with steps of given size. */
export interface FixedMethod {
  readonly evaluations: number;
  step(f: Slope, t: Tensor, y: Tensor, h: Tensor): Tensor;
}

/** Euler's method, of order 1. */
export const euler: FixedMethod = {
  evaluations: 1,
  step: (f, t, y, h) => y.add(f(t, y).mul(h)),
};

/** The classical method of order 4: Kutta, *Beitrag zur näherungsweisen Integration* (1901). */
export const rk4: FixedMethod = {
  evaluations: 4,
  step: (f, t, y, h) => {
    const half = h.mul(0.5);
    const k1 = f(t, y);
    const k2 = f(t.add(half), y.add(k1.mul(half)));
    const k3 = f(t.add(half), y.add(k2.mul(half)));
    const k4 = f(t.add(h), y.add(k3.mul(h)));
    return advanced(y, h.div(6), [1, 2, 2, 1], [k1, k2, k3, k4]);
  },
};

import {
  abs,
  cos,
  implicitRoot,
  isConcrete,
  logicalAnd,
  minimum,
  ones,
  round,
  sign,
  sin,
  stopGradient,
  type Tensor,
  type TensorLike,
  tensor,
  whileLoop,
} from '@grad/core';

/**
 * The eccentric anomaly E of an elliptic orbit at the mean anomaly M: E - e sin E = M, in radians. M and
 * e broadcast, and the result has their dtype, float64 where they are numbers.
 *
 * Newton's method from above: in a half turn from 0 on the equation is convex, so its steps fall on the
 * solution from any larger start, for every e below 1. Derivatives are those of the equation, of any order.
 *
 * @param meanAnomaly finite, any number of turns
 * @param eccentricity at least 0 and less than 1
 * @throws RangeError when a value is known and out of range.
 * @see D. Vallado, Fundamentals of Astrodynamics and Applications (4th ed. 2013), section 2.2.
 */
export function kepler(meanAnomaly: TensorLike, eccentricity: TensorLike): Tensor {
  const [M, e] = [tensor(meanAnomaly), tensor(eccentricity)];
  check('the mean anomaly', M, Number.isFinite, 'finite');
  check('the eccentricity', e, (x) => x >= 0 && x < 1, 'at least 0 and less than 1');
  return implicitRoot(
    (E: Tensor, [m, k]) => E.sub(sin(E).mul(k)).sub(m),
    ([m, k]) => solve(m, k),
    [M, e] as const,
    { linearSolve: (matvec, b) => b.div(matvec(ones(b.shape).astype(b.dtype))) },
  );
}

function solve(mean: Tensor, eccentricity: Tensor): Tensor {
  const e = stopGradient(eccentricity);
  const M = stopGradient(mean).add(e.mul(0));
  const turns = round(M.div(2 * Math.PI)).mul(2 * Math.PI);
  const folded = M.sub(turns);
  const size = abs(folded);
  // Each is above the solution.
  const start = minimum(minimum(size.add(e), size.div(e.neg().add(1))), Math.PI);
  const { E } = whileLoop(
    // A step that does not fall any more is one of rounding.
    ({ E, last, steps }) => logicalAnd(E.lt(last).any(), steps.lt(100)),
    ({ E, steps }) => {
      const step = E.sub(sin(E).mul(e)).sub(size).div(cos(E).mul(e).neg().add(1));
      return { E: minimum(E, E.sub(step)), last: E, steps: steps.add(1) };
    },
    { E: start, last: start.add(1), steps: tensor(0, { dtype: 'int32' }) },
  );
  return E.mul(sign(folded)).add(turns);
}

function check(what: string, values: Tensor, holds: (x: number) => boolean, must: string): void {
  if (!isConcrete(values)) return;
  values.read((numbers) => {
    const wrong = numbers.findIndex((x) => !holds(x));
    if (wrong >= 0) {
      throw new RangeError(`kepler: ${what} is ${numbers[wrong]}; it must be ${must}.`);
    }
  });
}

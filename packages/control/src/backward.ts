import {
  argmin,
  clip,
  eye,
  foriLoop,
  linalg,
  logicalAnd,
  matmul,
  scan,
  type Tensor,
  take,
  tensor,
  transpose,
  vmap,
  where,
} from '@grad/core';

/** The quadratic model of a problem along a way: derivatives at N intervals and at the end. */
export interface Model {
  /** Slopes of the state at the end of an interval, in that at its start and in its control. */
  A: Tensor;
  B: Tensor;
  /** Derivatives of the cost of an interval. */
  lx: Tensor;
  lu: Tensor;
  /** Second derivatives of the cost and of the dynamics, weighted by costates. */
  xx: Tensor;
  ux: Tensor;
  uu: Tensor;
  /** Derivatives of the cost of the end. */
  endSlope: Tensor;
  endCurvature: Tensor;
}

/** A change of controls: `k + K dx`, within bounds. */
export interface Policy {
  /** [N, m] */
  k: Tensor;
  /** [N, m, n] */
  K: Tensor;
  /** By how much the model falls, below 0. */
  change: Tensor;
  /** The least eigenvalue of the second derivative in controls, of all intervals. */
  curvature: Tensor;
}

/**
 * The backward pass of differential dynamic programming, with a multiple of the identity added to the second
 * derivative in controls, and controls between `low` and `high` by a projected Newton method
 * with a line search.
 *
 * Y. Tassa, N. Mansard and E. Todorov, Control-limited differential dynamic programming, ICRA (2014).
 */
export function backward(
  { A, B, lx, lu, xx, ux, uu, endSlope, endCurvature }: Model,
  { low, high, shift }: { readonly low: Tensor; readonly high: Tensor; readonly shift: Tensor },
): Policy {
  const [m = 1] = lu.shape.slice(1);
  const one = eye(m);
  const [, { k, K, change, least }] = scan(
    ({ slope, curvature }, at) => {
      const [a, b] = [transpose(at.A), transpose(at.B)];
      const qx = at.lx.add(matmul(a, slope));
      const qu = at.lu.add(matmul(b, slope));
      const over = matmul(curvature, at.A);
      const qxx = at.xx.add(matmul(a, over));
      const qux = at.ux.add(matmul(b, over));
      const quu = symmetric(at.uu.add(matmul(b, matmul(curvature, at.B))));
      const shifted = quu.add(one.mul(shift));
      const smallest = linalg.eigvalsh(shifted).min();
      const isGood = smallest.gt(0);
      const safe = where(isGood, shifted, one);
      const { step, free } = boxStep(safe, qu, at);
      const mask = free.reshape([m, 1]).mul(free);
      const gain = linalg
        .solve(safe.mul(mask).add(one.mul(tensor(1).sub(free))), qux.mul(free.reshape([m, 1])))
        .neg();
      const moved = matmul(quu, step);
      const rest = qu.add(moved);
      const next = {
        slope: qx.add(matmul(transpose(gain), rest)).add(matmul(transpose(qux), step)),
        curvature: symmetric(
          qxx
            .add(matmul(transpose(gain), matmul(quu, gain)))
            .add(matmul(transpose(gain), qux))
            .add(matmul(transpose(qux), gain)),
        ),
      };
      return [
        next,
        {
          k: step,
          K: gain,
          change: qu.mul(step).sum().add(step.mul(moved).sum().mul(0.5)),
          least: smallest,
        },
      ] as const;
    },
    { slope: endSlope, curvature: endCurvature },
    { A, B, lx, lu, xx, ux, uu, low, high },
    { reverse: true },
  );
  return { k, K, change: change.sum(), curvature: least.min() };
}

/** The least of step'H step / 2 + g'step between two bounds, and which components are at none of them. */
export function boxStep(
  H: Tensor,
  g: Tensor,
  { low, high }: { readonly low: Tensor; readonly high: Tensor },
): { step: Tensor; free: Tensor } {
  const [m = 1] = g.shape;
  const one = eye(m);
  const freeAt = (step: Tensor): Tensor => {
    const slope = g.add(matmul(H, step));
    const isLow = logicalAnd(step.le(low), slope.gt(0));
    const isHigh = logicalAnd(step.ge(high), slope.lt(0));
    return where(isLow, 0, where(isHigh, 0, 1));
  };
  const value = (step: Tensor): Tensor => step.mul(matmul(H, step).mul(0.5).add(g)).sum();
  const newton = (step: Tensor): Tensor => {
    const free = freeAt(step);
    const mask = free.reshape([m, 1]).mul(free);
    const held = step.mul(tensor(1).sub(free));
    const right = g.add(matmul(H, held)).mul(free).neg();
    const target = linalg.solve(H.mul(mask).add(one.mul(tensor(1).sub(free))), right);
    const change = where(free.gt(0), target.sub(step), 0);
    const tried = clip(step.add(change.mul(parts)), low, high);
    return take(tried, argmin(vmap(value)(tried)));
  };
  const start = clip(g.mul(0), low, high);
  const step = m === 1 ? newton(newton(start)) : foriLoop(0, 4 * m, (_, at) => newton(at), start);
  return { step, free: freeAt(step) };
}

/** Parts of a step that are tried, whole at first. */
const parts = tensor(Array.from({ length: 10 }, (_, i) => [0.5 ** i]));

function symmetric(a: Tensor): Tensor {
  return a.add(transpose(a)).mul(0.5);
}

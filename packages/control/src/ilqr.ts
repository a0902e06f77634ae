/**
 * Differential dynamic programming on the controls of intervals: a quadratic model along the way is solved backwards
 * in time, which gives a change of the controls and its feedback; a line search follows it forwards. Bounds of
 * controls hold exactly. The end that is wanted, bounds of states and constraints come in by an augmented Lagrangian.
 *
 * W. Li and E. Todorov, Iterative linear quadratic regulator design for nonlinear biological movement systems, ICINCO
 * (2004); Y. Tassa et al. (2014), see `backward`; D. Bertsekas, Constrained optimization and Lagrange multiplier methods
 * (1982), chapters 2 and 3.
 */

import {
  clip,
  concatenate,
  cumsum,
  grad,
  hessian,
  jacfwd,
  jit,
  matmul,
  ones,
  scan,
  stack,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '@grad/core';
import { backward, type Policy } from './backward.ts';
import { limitsOf } from './limits.ts';
import type { FullProblem } from './problem.ts';
import { type Integration, type Reached, stepOf } from './step.ts';

/** Parts of a change that the line search tries. */
const parts = Array.from({ length: 14 }, (_, i) => 0.5 ** i);

/** Multipliers and the weight of violations, of an augmented Lagrangian. */
interface Pull {
  /** Of limits, [N, q], at least 0. */
  readonly path: Tensor;
  /** Of the end, [r]. */
  readonly end: Tensor;
  readonly weight: Tensor;
}

/** Where a way starts. */
interface Beginning {
  readonly x: Tensor;
  readonly t: Tensor;
  /** Parameters of the problem. */
  readonly theta: Tensor;
}

/** The compiled functions of a problem on a grid. */
export function compileIlqr(problem: FullProblem, count: number, integration: Integration) {
  const { initial, terminal, bounds, time } = problem;
  const n = initial.length;
  const step = stepOf(problem, integration);
  const limits = limitsOf(problem, true);
  const wanted = terminal.flatMap((value, c) => (value === null ? [] : [{ value, c }]));
  const q = limits?.names.length ?? 0;
  const h = tensor(time / count);
  const [lower, upper] = [tensor([...bounds.controls.lower]), tensor([...bounds.controls.upper])];
  const timesFrom = (t: Tensor): Tensor => {
    const all = ones([count]).mul(h);
    return cumsum(all).sub(all).add(t);
  };
  const over = (x: Tensor, u: Tensor, t: Tensor, parameters: Tensor): Tensor =>
    limits?.at(x, u, t.add(h), parameters) ?? zeros([0]);
  /** One interval, with what its end violates. */
  const stage = (
    x: Tensor,
    u: Tensor,
    t: Tensor,
    pull: Tensor,
    weight: Tensor,
    parameters: Tensor,
  ): Reached & { over: Tensor } => {
    const next = step({ x, u, uNext: u, t, h }, parameters);
    const beyond = over(next.x, u, t, parameters);
    if (q === 0) return { ...next, over: beyond };
    const pushed = pull.add(beyond.mul(weight)).maximum(0);
    const penalty = pushed.square().sub(pull.square()).sum().div(weight.mul(2));
    return { x: next.x, cost: next.cost.add(penalty), over: beyond };
  };
  const miss = (x: Tensor): Tensor =>
    wanted.length > 0 ? stack(wanted.map(({ value, c }) => x.at(c).sub(value))) : zeros([0]);
  const endCost = (x: Tensor, { end, weight }: Pull, parameters: Tensor): Tensor => {
    const off = miss(x);
    const penalty = off
      .mul(end)
      .sum()
      .add(off.square().sum().mul(weight.mul(0.5)));
    return problem.terminalCost(x, parameters).add(penalty);
  };
  const run = (from: Beginning, us: Tensor, pull: Pull) => {
    const parameters = from.theta;
    const [end, { before, x, over: beyond }] = scan(
      (at, { u, t, path }) => {
        const next = stage(at.x, u, t, path, pull.weight, parameters);
        const reached = { x: next.x, cost: at.cost.add(next.cost) };
        return [reached, { before: at.x, x: next.x, over: next.over }] as const;
      },
      { x: from.x, cost: tensor(0) },
      { u: us, t: timesFrom(from.t), path: pull.path },
    );
    const cost = end.cost.add(endCost(end.x, pull, parameters));
    return { before, after: x, over: beyond, miss: miss(end.x), cost };
  };

  /** The quadratic model along a way, its costates, and its value. */
  const look = jit((from: Beginning, us: Tensor, pull: Pull, shift: Tensor) => {
    const { theta } = from;
    const way = run(from, us, pull);
    const ts = timesFrom(from.t);
    const end = way.after.at(-1);
    const at = { x: way.before, u: us, t: ts, path: pull.path };
    type At = { x: Tensor; u: Tensor; t: Tensor; path: Tensor };
    const reach = ({ x, u, t, path }: At): Reached => {
      const { x: next, cost } = stage(x, u, t, path, pull.weight, theta);
      return { x: next, cost };
    };
    const first = vmap((one: At) => {
      const f = (x: Tensor, u: Tensor): Tensor => reach({ ...one, x, u }).x;
      const l = (x: Tensor, u: Tensor): Tensor => reach({ ...one, x, u }).cost;
      return {
        A: jacfwd(f)(one.x, one.u),
        B: jacfwd((u: Tensor) => f(one.x, u))(one.u),
        lx: grad(l)(one.x, one.u),
        lu: grad((u: Tensor) => l(one.x, u))(one.u),
      };
    })(at);
    const endSlope = grad((x: Tensor) => endCost(x, pull, theta))(end);
    const [start, after] = scan(
      (p, { A, lx }) => [lx.add(matmul(p, A)), p] as const,
      endSlope,
      { A: first.A, lx: first.lx },
      { reverse: true },
    );
    const second = vmap((one: At & { p: Tensor }) => {
      const H = (x: Tensor, u: Tensor): Tensor => {
        const next = reach({ ...one, x, u });
        return next.cost.add(next.x.mul(one.p).sum());
      };
      return {
        xx: hessian((x: Tensor) => H(x, one.u))(one.x),
        ux: jacfwd((x: Tensor) => grad((u: Tensor) => H(x, u))(one.u))(one.x),
        uu: hessian((u: Tensor) => H(one.x, u))(one.u),
      };
    })({ ...at, p: after });
    const policy = backward(
      {
        ...first,
        ...second,
        endSlope,
        endCurvature: hessian((x: Tensor) => endCost(x, pull, theta))(end),
      },
      { low: lower.sub(us), high: upper.sub(us), shift },
    );
    const states = concatenate([from.x.reshape([1, n]), way.after]);
    const costates = concatenate([start.reshape([1, n]), after]);
    return { policy, states, costates, cost: way.cost, over: way.over, miss: way.miss };
  });

  /** Costs and controls of parts of a change. */
  const search = jit((from: Beginning, us: Tensor, states: Tensor, policy: Policy, pull: Pull) => {
    const along = (part: Tensor) => {
      const [, controls] = scan(
        (x, { u, k, K, old, t, path }) => {
          const du = k.mul(part).add(matmul(K, x.sub(old)));
          const next = clip(u.add(du), lower, upper);
          return [stage(x, next, t, path, pull.weight, from.theta).x, next] as const;
        },
        from.x,
        {
          u: us,
          k: policy.k,
          K: policy.K,
          old: states.at([0, count]),
          t: timesFrom(from.t),
          path: pull.path,
        },
      );
      return { controls, cost: run(from, controls, pull).cost };
    };
    return vmap(along)(tensor(parts));
  });

  /** The cost without what the augmented Lagrangian adds. */
  const plain = jit((from: Beginning, us: Tensor) => {
    const [end, costs] = scan(
      (x, { u, t }) => {
        const next = step({ x, u, uNext: u, t, h }, from.theta);
        return [next.x, next.cost] as const;
      },
      from.x,
      { u: us, t: timesFrom(from.t) },
    );
    return costs.sum().add(problem.terminalCost(end, from.theta));
  });

  /** The derivative in the parameters, with the controls as they are. */
  const gradient = jit((from: Beginning, us: Tensor, pull: Pull): Tensor => {
    const cost = (theta: Tensor): Tensor =>
      run({ ...from, theta }, us, pull).cost.add(theta.sum().mul(0));
    return grad(cost)(from.theta);
  });
  return {
    look,
    search,
    plain,
    gradient,
    timesFrom,
    limits,
    wanted,
    q,
    count,
    length: time / count,
    lower,
    upper,
  };
}

/** The compiled functions. */
export type Ilqr = ReturnType<typeof compileIlqr>;
export type { Beginning, Pull };

import {
  concatenate,
  eye,
  grad,
  hessian,
  jit,
  linalg,
  scan,
  stack,
  type Tensor,
  tensor,
} from '@grad/core';
import { root, solveStatus } from '@grad/solve';
import { pontryagin } from './hamiltonian.ts';
import type { FullProblem, Inputs } from './problem.ts';
import type { Held } from './solution.ts';

/** Steps of the Runge-Kutta method of order 4 in each arc, and how many of them make one interval. */
const fine = 20;

/** A point of an extremal: state, costate, cost and the derivative of the cost in the parameters so far, and the time. */
interface Point {
  x: Tensor;
  p: Tensor;
  cost: Tensor;
  gradient: Tensor;
  t: Tensor;
}

/** Costates at the start, and durations of arcs. */
type Start = { readonly costate: Tensor; readonly durations: Tensor };

/** Compiles shooting on Pontryagin's equations, from costates and durations that are about right. */
export function compileIndirect(
  problem: FullProblem,
  {
    arcs,
    intervals,
    maxIterations,
  }: {
    readonly arcs: readonly (readonly Held[])[];
    readonly intervals: number;
    readonly maxIterations: number;
  },
) {
  const { terminal, controls: m, bounds, time, isFree, terminalCost } = problem;
  const H = pontryagin(problem);
  const slopeOf = (u: Tensor, { x, p, t }: Point, theta: Tensor): Tensor =>
    grad((v: Tensor) => H(x, p, v, t, theta))(u);
  const control = (arc: readonly Held[], at: Point, theta: Tensor): Tensor => {
    const { x, p, t } = at;
    const isFreeAt = tensor(arc.map((held) => (held === 'free' ? 1 : 0)));
    let u = tensor(arc.map((held, c) => (held === 'free' ? 0 : (bounds.controls[held][c] ?? 0))));
    if (!arc.includes('free')) return u;
    const both = isFreeAt.reshape([m, 1]).mul(isFreeAt);
    const rest = eye(m).mul(tensor(1).sub(isFreeAt));
    // H is nearly always quadratic in free controls, where one step is exact.
    for (let k = 0; k < 2; k++) {
      const curvature = hessian((v: Tensor) => H(x, p, v, t, theta))(u);
      const slope = slopeOf(u, at, theta).mul(isFreeAt);
      u = u.sub(linalg.solve(curvature.mul(both).add(rest), slope));
    }
    return u;
  };
  const flow = (arc: readonly Held[], at: Point, theta: Tensor): Point => {
    const { x, p, t } = at;
    const u = control(arc, at, theta);
    // The derivatives of the least H are the partial ones, as H is stationary or u at a bound.
    return {
      x: problem.dynamics(x, u, t, theta),
      p: grad((z: Tensor) => H(z, p, u, t, theta))(x).neg(),
      cost: problem.cost(x, u, t, theta),
      gradient: grad((q: Tensor) => H(x, p, u, t, q).add(q.sum().mul(0)))(theta),
      t: tensor(1),
    };
  };
  const moved = (at: Point, by: Point, h: Tensor): Point => ({
    x: at.x.add(by.x.mul(h)),
    p: at.p.add(by.p.mul(h)),
    cost: at.cost.add(by.cost.mul(h)),
    gradient: at.gradient.add(by.gradient.mul(h)),
    t: at.t.add(by.t.mul(h)),
  });
  const follow = (arc: readonly Held[], from: Point, duration: Tensor, theta: Tensor) => {
    const h = duration.div(intervals * fine);
    const rk4 = (at: Point): Point => {
      const k1 = flow(arc, at, theta);
      const k2 = flow(arc, moved(at, k1, h.mul(0.5)), theta);
      const k3 = flow(arc, moved(at, k2, h.mul(0.5)), theta);
      const k4 = flow(arc, moved(at, k3, h), theta);
      const both = moved(moved(moved(k1, k2, tensor(2)), k3, tensor(2)), k4, tensor(1));
      return moved(at, both, h.div(6));
    };
    return scan(
      (at: Point) => {
        const [next] = scan((point: Point) => [rk4(point), null] as const, at, null, {
          length: fine,
        });
        return [next, next] as const;
      },
      from,
      null,
      { length: intervals },
    );
  };
  const run = ({ costate, durations }: Start, { initial, theta }: Inputs) => {
    const first: Point = {
      x: initial,
      p: costate,
      cost: tensor(0),
      gradient: theta.mul(0),
      t: tensor(0),
    };
    let at = first;
    const parts = arcs.map((arc, i) => {
      const [end, path] = follow(arc, at, durations.at(i), theta);
      at = end;
      return { arc, end, path };
    });
    return { parts, first, end: at };
  };
  const equations = (unknown: Start, inputs: Inputs) => {
    const { durations } = unknown;
    const { theta } = inputs;
    const { parts, end } = run(unknown, inputs);
    const slope = grad((z: Tensor) => terminalCost(z, theta))(end.x);
    const atEnd = terminal.map((value, c) =>
      value === null ? end.p.at(c).sub(slope.at(c)) : end.x.at(c).sub(value),
    );
    const lastArc = arcs.at(-1) ?? [];
    const closing = isFree
      ? H(end.x, end.p, control(lastArc, end, theta), end.t, theta)
      : durations.sum().sub(time);
    const switches = parts.slice(0, -1).map(({ arc, end: at }, i) => {
      const next = arcs[i + 1] ?? [];
      const c = arc.findIndex((held, k) => held !== next[k]);
      // Where a control leaves a bound or comes to it, H is stationary there at the bound.
      const held = arc[c] === 'free' ? next : arc;
      return slopeOf(control(held, at, theta), at, theta).at(Math.max(0, c));
    });
    return { costate: stack(atEnd), durations: stack([closing, ...switches]) };
  };
  const search = jit((start: Start, inputs: Inputs) => {
    const found = root(equations, start, inputs, { tol: 1e-12, maxIterations });
    const { value, residual, iterations, code } = found;
    return { value, residual, iterations, code };
  });
  const arcAt = (i: number): readonly Held[] =>
    arcs[Math.max(0, Math.ceil(i / intervals) - 1)] ?? [];
  const report = jit((found: Start, inputs: Inputs) => {
    const { theta } = inputs;
    const { parts, first, end } = run(found, inputs);
    const all = (key: 'x' | 'p' | 't'): Tensor =>
      concatenate([
        first[key].reshape([1, ...first[key].shape]),
        ...parts.map(({ path }) => path[key]),
      ]);
    const [states, costates, times] = [all('x'), all('p'), all('t')];
    const controls = stack(
      Array.from({ length: arcs.length * intervals + 1 }, (_, i) =>
        control(arcAt(i), { ...first, x: states.at(i), p: costates.at(i), t: times.at(i) }, theta),
      ),
    );
    const gradient = grad((q: Tensor) => terminalCost(end.x, q).add(q.sum().mul(0)))(theta);
    return {
      durations: found.durations,
      times,
      states,
      costates,
      controls,
      cost: end.cost.add(terminalCost(end.x, theta)),
      gradient: end.gradient.add(gradient),
    };
  });

  return async (start: Start, inputs: Inputs, signal: AbortSignal | undefined) => {
    const found = await search.async([start, inputs], { ...(signal && { signal }) });
    const { residual, iterations } = found;
    const end = {
      residual: residual.item(),
      iterations: iterations.item(),
      status: solveStatus(found.code),
    };
    return { ...report(found.value, inputs), ...end };
  };
}

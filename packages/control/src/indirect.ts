import { concatenate, grad, hessian, linalg, scan, stack, type Tensor, tensor } from '@grad/core';
import { root } from '@grad/solve';
import { hamiltonian } from './hamiltonian.ts';
import type { FullProblem } from './problem.ts';
import type { Arc } from './solution.ts';

/** Steps of the Runge-Kutta method of order 4 in each arc, and how many of them make one interval. */
const fine = 20;

/** Shooting on Pontryagin's equations, from costates and durations that are about right. */
export async function shoot(
  problem: FullProblem,
  arcs: readonly Arc[],
  intervals: number,
  start: { readonly costate: Tensor; readonly durations: Tensor },
  { signal, maxIterations }: { signal?: AbortSignal | undefined; maxIterations: number },
) {
  const { initial, terminal, controls: m, bounds, time, isFree, terminalCost } = problem;
  const x0 = tensor([...initial]);
  const H = (x: Tensor, p: Tensor, u: Tensor): Tensor => hamiltonian(problem, x, p, u);
  const control = (arc: Arc, x: Tensor, p: Tensor): Tensor => {
    const at = arc === 'free' ? undefined : bounds.controls?.[arc];
    if (at) return tensor([...at]);
    let u = tensor(Array<number>(m).fill(0));
    // H is nearly always quadratic in free controls, where one step is exact.
    for (let k = 0; k < 2; k++) {
      const slope = grad((v: Tensor) => H(x, p, v))(u);
      const curvature = hessian((v: Tensor) => H(x, p, v))(u);
      u = u.sub(linalg.solve(curvature, slope));
    }
    return u;
  };
  interface Point {
    x: Tensor;
    p: Tensor;
    cost: Tensor;
  }
  const flow = (arc: Arc, { x, p }: Point): Point => {
    const u = control(arc, x, p);
    // The derivative of the least H in x is the partial one, as H is stationary or u at a bound.
    const change = grad((z: Tensor) => H(z, p, u))(x).neg();
    return { x: problem.dynamics(x, u), p: change, cost: problem.cost(x, u) };
  };
  const moved = (at: Point, by: Point, h: Tensor): Point => ({
    x: at.x.add(by.x.mul(h)),
    p: at.p.add(by.p.mul(h)),
    cost: at.cost.add(by.cost.mul(h)),
  });
  const follow = (arc: Arc, from: Point, duration: Tensor) => {
    const h = duration.div(intervals * fine);
    const rk4 = (at: Point): Point => {
      const k1 = flow(arc, at);
      const k2 = flow(arc, moved(at, k1, h.mul(0.5)));
      const k3 = flow(arc, moved(at, k2, h.mul(0.5)));
      const k4 = flow(arc, moved(at, k3, h));
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
  const run = (costate: Tensor, durations: Tensor) => {
    let at: Point = { x: x0, p: costate, cost: tensor(0) };
    const parts = arcs.map((arc, i) => {
      const [end, path] = follow(arc, at, durations.at(i));
      at = end;
      return { arc, end, path };
    });
    return { parts, end: at };
  };
  const slopeAtEnd = (x: Tensor): Tensor =>
    grad((z: Tensor) => terminalCost(z).add(z.sum().mul(0)))(x);
  const equations = ({ costate, durations }: { costate: Tensor; durations: Tensor }) => {
    const { parts, end } = run(costate, durations);
    const slope = slopeAtEnd(end.x);
    const atEnd = terminal.map((value, c) =>
      value === null ? end.p.at(c).sub(slope.at(c)) : end.x.at(c).sub(value),
    );
    const lastArc = arcs.at(-1) ?? 'free';
    const closing = isFree
      ? H(end.x, end.p, control(lastArc, end.x, end.p))
      : durations.sum().sub(time);
    const switches = parts
      .slice(0, -1)
      .map(({ arc, end: { x, p } }) => grad((v: Tensor) => H(x, p, v))(control(arc, x, p)).at(0));
    return { costate: stack(atEnd), durations: stack([closing, ...switches]) };
  };
  const found = await root.async(equations, start, undefined, {
    tol: 1e-12,
    maxIterations,
    ...(signal && { signal }),
  });
  const { costate, durations } = found.value;
  const { parts, end } = run(costate, durations);
  const all = (key: 'x' | 'p', first: Tensor): Tensor =>
    concatenate([first.reshape([1, initial.length]), ...parts.map(({ path }) => path[key])]);
  const states = all('x', x0);
  const costates = all('p', costate);
  const arcAt = (i: number): Arc => arcs[Math.max(0, Math.ceil(i / intervals) - 1)] ?? 'free';
  const controls = stack(
    Array.from({ length: arcs.length * intervals + 1 }, (_, i) =>
      control(arcAt(i), states.at(i), costates.at(i)),
    ),
  );
  return { found, durations, states, costates, controls, cost: end.cost.add(terminalCost(end.x)) };
}

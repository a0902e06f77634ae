/**
 * Continuous normalizing flows. Points x(t) follow x' = v(x, t), and the logarithm of their density
 * falls along the way by the divergence of v: d ln p(x(t)) / dt = -tr(dv/dx). The trace is summed over the
 * axes, or estimated without bias by w' (dv/dx) w with one random w of signs (Hutchinson).
 */

import { eye, jvp, random, type Tensor, type TensorLike, vmap, zeros } from '@grad/core';
import { type OdeOptions, type OdeSolution, odeint } from '@grad/solve';
import { checkFlowInput, checkKey } from './check-flow.ts';

/** Options of `odeint` for a flow with parameters P. */
export interface CnfOptions<P> extends Omit<OdeOptions<FlowState, P>, 'args' | 'events' | 'atol'> {
  /** Number of coordinates d of a point. */
  readonly dimension: number;
  /** Velocities of points, [n, d] for points [n, d], each point by itself. */
  readonly dynamics: (points: Tensor, t: Tensor, params: P) => Tensor;
  /** `exact`, when left out, costs d derivatives along axes; `hutchinson` one, and needs a key. */
  readonly trace?: 'exact' | 'hutchinson';
  /** Time of the base distribution and of the data; [0, 1] when left out. */
  readonly times?: readonly [base: number, data: number];
  /** Absolute tolerance; that of `odeint` when left out. */
  readonly atol?: number;
}

/** Points on their way. */
export interface FlowState {
  /** Shape [n, d]. */
  readonly points: Tensor;
  /** Change of ln(density) since the start: shape [n]. */
  readonly logDensityChange: Tensor;
}

/** A normalizing flow from the standard normal distribution to that of data. */
export interface Cnf<P> {
  /** ln(density) at points [n, d], each: shape [n]. NaN where the solve did not come to its end. */
  logDensity(params: P, points: TensorLike, key?: Tensor): Tensor;
  /** Random points of the distribution: shape [count, d]. */
  sample(params: P, key: Tensor, count: number): Tensor;
  /** From the base to data: the points and how their ln(density) changed. */
  forward(params: P, points: TensorLike, key?: Tensor): FlowState;
  /** From data to the base. */
  inverse(params: P, points: TensorLike, key?: Tensor): FlowState;
  /** Forward at any times within those of the flow, the first being that of the points; with the status. */
  solve(params: P, points: TensorLike, times: TensorLike, key?: Tensor): OdeSolution<FlowState>;
}

/**
 * A continuous normalizing flow: points of a standard normal distribution follow a differential equation,
 * and their density is known. Fit it by maximizing `logDensity` of data; both modes of differentiation work.
 *
 * @throws ShapeError when points are not [n, d]; TypeError when the trace is `hutchinson` and no key is
 * given; what `odeint` throws.
 * @see W. Grathwohl, R. Chen, J. Bettencourt, I. Sutskever and D. Duvenaud, FFJORD (2019).
 */
export function cnf<P>(options: CnfOptions<P>): Cnf<P> {
  const { dimension, dynamics, trace = 'exact', times = [0, 1], ...how } = options;
  const [base, data] = times;
  if (!Number.isInteger(dimension) || dimension < 1) {
    throw new RangeError(`cnf: dimension is ${dimension}; give a whole number of 1 or more.`);
  }
  if (trace !== 'exact' && trace !== 'hutchinson') {
    throw new TypeError(`cnf: trace is ${JSON.stringify(trace)}; give 'exact' or 'hutchinson'.`);
  }
  const solve = (
    params: P,
    given: TensorLike,
    ts: TensorLike,
    key?: Tensor,
  ): OdeSolution<FlowState> => {
    const points = checkFlowInput(given, dimension);
    const directions = traceDirections(points, trace, key);
    return odeint(
      ({ points: x }, t) => {
        const velocity = (at: Tensor): Tensor => dynamics(at, t, params);
        return { points: velocity(x), logDensityChange: divergence(velocity, x, directions).neg() };
      },
      { points, logDensityChange: zeros([points.shape[0] ?? 0]).astype(points.dtype) },
      ts,
      how,
    );
  };
  const end = (params: P, points: TensorLike, ts: readonly number[], key?: Tensor): FlowState => {
    const { ys } = solve(params, points, ts, key);
    return { points: ys.points.at(-1), logDensityChange: ys.logDensityChange.at(-1) };
  };
  const inverse: Cnf<P>['inverse'] = (params, points, key) =>
    end(params, points, [data, base], key);
  return {
    solve,
    inverse,
    forward: (params, points, key) => end(params, points, [base, data], key),
    logDensity: (params, points, key) => {
      const back = inverse(params, points, key);
      return standardNormal(back.points, dimension).sub(back.logDensityChange);
    },
    sample: (params, key, count) => {
      const start = random.normal(checkKey('sample', key), [count, dimension]);
      return odeint((x: Tensor, t) => dynamics(x, t, params), start, [base, data], how).ys.at(-1);
    },
  };
}

/** The directions whose products with the Jacobian sum to the trace: [k, n, d]. */
function traceDirections(points: Tensor, trace: 'exact' | 'hutchinson', key?: Tensor): Tensor {
  const [n = 0, d = 0] = points.shape;
  if (trace === 'exact') {
    return zeros([d, n, d]).add(eye(d).expandDims(1)).astype(points.dtype);
  }
  const signs = random.bernoulli(checkKey('hutchinson', key), 0.5, [1, n, d]);
  return signs.astype(points.dtype).mul(2).sub(1);
}

function divergence(velocity: (x: Tensor) => Tensor, x: Tensor, directions: Tensor): Tensor {
  const along = vmap((w: Tensor) => jvp(velocity, [x], [w])[1].mul(w).sum({ axis: 1 }));
  return along(directions).sum({ axis: 0 });
}

function standardNormal(x: Tensor, dimension: number): Tensor {
  return x
    .square()
    .sum({ axis: 1 })
    .add(dimension * Math.log(2 * Math.PI))
    .mul(-0.5);
}

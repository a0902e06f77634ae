import { type Tensor, type Traced, tensor, tree } from '@grad/core';

/** Lower and upper bounds, one number for each component; infinite where there is none. */
export interface Range {
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
}

/**
 * A problem of optimal control: minimize terminalCost(x(T)) + the integral of cost(x, u, t) under
 * x' = dynamics(x, u, t). Functions may leave out what they do not need of their arguments.
 */
export interface ControlProblem<P = null> {
  /** x' for a state [n], a control [m], and the time, a scalar. */
  readonly dynamics: (x: Tensor, u: Tensor, t: Tensor, parameters: Traced<NoInfer<P>>) => Tensor;
  /** A scalar to be integrated over time. */
  readonly cost?: (x: Tensor, u: Tensor, t: Tensor, parameters: Traced<NoInfer<P>>) => Tensor;
  /** A scalar of the state at the end. */
  readonly terminalCost?: (x: Tensor, parameters: Traced<NoInfer<P>>) => Tensor;
  /** A scalar or [q], all of which is to be at most 0 on the whole way. */
  readonly constraints?: (
    x: Tensor,
    u: Tensor,
    t: Tensor,
    parameters: Traced<NoInfer<P>>,
  ) => Tensor;
  /** The state at the start, n numbers. */
  readonly initial: readonly number[];
  /** What the state is to be at the end; null where a component is free. All are when left out. */
  readonly terminal?: readonly (number | null)[];
  /** How many controls there are; 1 when left out. */
  readonly controls?: number;
  /** Bounds of controls and of states. */
  readonly bounds?: { readonly controls?: Range; readonly states?: Range };
  /** The final time, where it is given. */
  readonly horizon?: number | undefined;
  /** A guess of the final time, where it is free. */
  readonly freeFinalTime?: number | undefined;
  /**
   * `discrete`: the dynamics give the next state, the cost is summed over `horizon` steps, and the time counts them. For
   * rollouts, shooting and iLQR. `continuous` when left out.
   */
  readonly time?: 'continuous' | 'discrete';
  /** A tree of tensors and numbers on which the functions depend; a solution has the derivative of its cost in them. */
  readonly parameters?: P;
}

type Function = (x: Tensor, u: Tensor, t: Tensor, theta: Tensor) => Tensor;

/** A problem with what was left out, and with its parameters as a vector theta. */
export interface FullProblem {
  readonly dynamics: Function;
  readonly cost: Function;
  readonly terminalCost: (x: Tensor, theta: Tensor) => Tensor;
  /** [q], at most 0. */
  readonly constraints: Function | null;
  readonly initial: readonly number[];
  readonly terminal: readonly (number | null)[];
  readonly controls: number;
  readonly bounds: { readonly controls: Required<Range>; readonly states: Required<Range> };
  readonly time: number;
  readonly isFree: boolean;
  readonly isDiscrete: boolean;
  readonly theta: Tensor;
}

/** Checks a problem and fills in what was left out. */
export function fullProblem<P>(given: ControlProblem<P>): FullProblem {
  const { initial, terminal = initial.map(() => null), controls = 1, bounds = {} } = given;
  const { horizon, freeFinalTime, constraints } = given;
  const time = horizon ?? freeFinalTime;
  if (time === undefined || (horizon !== undefined && freeFinalTime !== undefined)) {
    throw new TypeError(
      'optimalControl: give either horizon, the final time, or freeFinalTime, a guess of it.',
    );
  }
  if (!(time > 0 && Number.isFinite(time))) {
    throw new RangeError(`optimalControl: the final time is ${time}; it must be above 0.`);
  }
  const isDiscrete = given.time === 'discrete';
  if (isDiscrete && !Number.isInteger(horizon)) {
    throw new RangeError(
      `optimalControl: in discrete time the horizon is a number of steps; it is ${horizon}.`,
    );
  }
  if (!Number.isInteger(controls) || controls < 1) {
    throw new RangeError(`optimalControl: controls is ${controls}; it is a whole number from 1.`);
  }
  checkLength('terminal', terminal, initial.length);
  const [theta, unravel] = tree.ravel(given.parameters ?? null);
  const parametersOf = (vector: Tensor): Traced<P> => retype<Traced<P>>(unravel(vector));
  return {
    dynamics: (x, u, t, at) => given.dynamics(x, u, t, parametersOf(at)),
    cost: (x, u, t, at) => tied(given.cost?.(x, u, t, parametersOf(at)), x, u),
    terminalCost: (x, at) => tied(given.terminalCost?.(x, parametersOf(at)), x),
    constraints: constraints
      ? (x, u, t, at) => constraints(x, u, t, parametersOf(at)).reshape([-1])
      : null,
    initial,
    terminal,
    controls,
    bounds: {
      controls: fullRange('controls', bounds.controls, controls),
      states: fullRange('states', bounds.states, initial.length),
    },
    time,
    isFree: horizon === undefined,
    isDiscrete,
    theta: theta.size > 0 ? theta : tensor([]),
  };
}

/** A number that depends on x and u at least by nothing, so that it can be mapped and differentiated. */
function tied(value: Tensor | undefined, ...on: readonly Tensor[]): Tensor {
  const nothing = on.map((one) => one.sum().mul(0)).reduce((sum, one) => sum.add(one));
  return value ? value.add(nothing) : nothing;
}

function fullRange(of: string, { lower, upper }: Range = {}, count: number): Required<Range> {
  checkLength(`bounds.${of}.lower`, lower, count);
  checkLength(`bounds.${of}.upper`, upper, count);
  const full = {
    lower: lower ?? Array<number>(count).fill(-Infinity),
    upper: upper ?? Array<number>(count).fill(Infinity),
  };
  full.lower.forEach((low, i) => {
    const high = full.upper[i] ?? Infinity;
    if (!(low <= high)) {
      throw new RangeError(
        `optimalControl: bounds.${of}.lower[${i}] is ${low} and bounds.${of}.upper[${i}] ${high}; lower is to be at most upper.`,
      );
    }
  });
  return full;
}

function checkLength(name: string, values: readonly unknown[] | undefined, count: number): void {
  if (values && values.length !== count) {
    throw new RangeError(
      `optimalControl: ${name} has ${values.length} numbers; ${count} are needed.`,
    );
  }
}

function retype<T>(value: unknown): T {
  const [leaves, structure] = tree.flatten(value);
  return tree.unflatten<T>(structure, leaves);
}

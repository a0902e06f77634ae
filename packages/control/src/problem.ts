import { ShapeError, type Tensor, type TensorLike, type Traced, tensor, tree } from '@grad/core';

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

/** What solutions of one problem may differ in: the state at the start [n], and parameters as a vector. */
export type Inputs = { readonly initial: Tensor; readonly theta: Tensor };

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

/** The state at the start and the parameters of a problem, or what is given in their places. */
export function inputsOf(
  name: string,
  { initial: from, theta }: FullProblem,
  own: unknown,
  {
    initial,
    parameters,
  }: { readonly initial?: TensorLike | undefined; readonly parameters?: unknown },
): Inputs {
  return {
    initial:
      initial === undefined ? tensor([...from]) : stateOf(name, 'initial', initial, from.length),
    theta: parameters === undefined ? theta : vectorLike(name, own, parameters),
  };
}

/** A state of n numbers. */
export function stateOf(name: string, of: string, given: TensorLike, n: number): Tensor {
  const state = tensor(given);
  if (state.ndim !== 1 || state.size !== n) {
    throw new ShapeError(`${name}: ${of} is [${state.shape}]; it needs to be [${n}].`);
  }
  return state;
}

/** Parameters as a vector, in the structure of those of the problem. */
function vectorLike(name: string, own: unknown, given: unknown): Tensor {
  const [known, found] = [leavesByName(own), leavesByName(given)];
  for (const [leaf, { shape, dtype }] of known) {
    const value = found.get(leaf);
    if (!value) throw new TypeError(`${name}: ${leaf} is missing; the problem has it.`);
    if (value.ndim !== shape.length || value.shape.some((extent, i) => extent !== shape[i])) {
      throw new ShapeError(
        `${name}: ${leaf} is [${value.shape}]; in the problem it is [${shape}].`,
      );
    }
    if (value.dtype !== dtype) {
      throw new TypeError(`${name}: ${leaf} is ${value.dtype}; in the problem it is ${dtype}.`);
    }
  }
  for (const leaf of found.keys()) {
    if (!known.has(leaf)) throw new TypeError(`${name}: ${leaf} is not in the problem.`);
  }
  // Strings and the like are parts of what is compiled.
  const [vector] = tree.ravel(tree.map((_, value) => value, own, given));
  return vector.size > 0 ? vector : tensor([]);
}

/** Tensors and numbers by their places in a tree: `parameters.engine[0]`. */
function leavesByName(value: unknown, path = 'parameters'): Map<string, Tensor> {
  const isTree = Array.isArray(value) || Object.getPrototypeOf(value ?? 0) === Object.prototype;
  if (!isTree) return new Map(tree.leaves(value).map((leaf) => [path, leaf]));
  const entries = Object.entries(value ?? {}).flatMap(([key, child]) => {
    const place = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
    return [...leavesByName(child, place)];
  });
  return new Map(entries);
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

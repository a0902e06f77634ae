import type { Tensor } from '@grad/core';

/** Lower and upper bounds, one number for each component; infinite where there is none. */
export interface Range {
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
}

/** A problem of optimal control: minimize terminalCost(x(T)) + the integral of cost(x, u) under x' = dynamics(x, u). */
export interface ControlProblem {
  /** x' for a state [n] and a control [m]. */
  readonly dynamics: (x: Tensor, u: Tensor) => Tensor;
  /** A scalar to be integrated over time. */
  readonly cost?: (x: Tensor, u: Tensor) => Tensor;
  /** A scalar of the state at the end. */
  readonly terminalCost?: (x: Tensor) => Tensor;
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
}

/** A problem with what was left out. */
export interface FullProblem extends Required<Omit<ControlProblem, 'horizon' | 'freeFinalTime'>> {
  readonly time: number;
  readonly isFree: boolean;
}

/** Checks a problem and fills in what was left out. */
export function fullProblem(given: ControlProblem, zero: Tensor): FullProblem {
  const { initial, terminal = initial.map(() => null), controls = 1, bounds = {} } = given;
  const { horizon, freeFinalTime } = given;
  const time = horizon ?? freeFinalTime;
  if (time === undefined || (horizon !== undefined && freeFinalTime !== undefined)) {
    throw new TypeError(
      'optimalControl: give either horizon, the final time, or freeFinalTime, a guess of it.',
    );
  }
  if (!(time > 0 && Number.isFinite(time))) {
    throw new RangeError(`optimalControl: the final time is ${time}; it must be above 0.`);
  }
  if (!Number.isInteger(controls) || controls < 1) {
    throw new RangeError(`optimalControl: controls is ${controls}; it is a whole number from 1.`);
  }
  const lengths: [string, readonly unknown[] | undefined, number][] = [
    ['terminal', terminal, initial.length],
    ['bounds.controls.lower', bounds.controls?.lower, controls],
    ['bounds.controls.upper', bounds.controls?.upper, controls],
    ['bounds.states.lower', bounds.states?.lower, initial.length],
    ['bounds.states.upper', bounds.states?.upper, initial.length],
  ];
  for (const [name, values, count] of lengths) {
    if (values && values.length !== count) {
      throw new RangeError(
        `optimalControl: ${name} has ${values.length} numbers; ${count} are needed.`,
      );
    }
  }
  return {
    dynamics: given.dynamics,
    cost: given.cost ?? (() => zero),
    terminalCost: given.terminalCost ?? (() => zero),
    initial,
    terminal,
    controls,
    bounds,
    time,
    isFree: horizon === undefined,
  };
}

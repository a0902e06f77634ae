import { type Arc, type ControlProblem, type ControlSolution, optimalControl } from '@grad/control';
import { stack, type Tensor } from '@grad/core';
import { UserError } from '../../user-error.ts';

/** Height, speed (upwards) and mass at the start. */
export type Start = readonly [height: number, speed: number, mass: number];

/** Exhaust speed, greatest thrust, and what is left without any fuel. */
export const engine = { exhaust: 2.349, thrust: 1.227, hull: 0.05 } as const;

/** A landing with as much fuel left as possible, in units of the Moon's gravity. */
function landing([height, speed, mass]: Start): ControlProblem {
  return {
    dynamics: (x, u) => {
      const thrust = u.at(0);
      return stack([x.at(1), thrust.div(x.at(2)).sub(1), thrust.div(-engine.exhaust)]);
    },
    terminalCost: (x: Tensor) => x.at(2).neg(),
    initial: [height, speed, mass],
    terminal: [0, 0, null],
    bounds: {
      controls: { lower: [0], upper: [engine.thrust] },
      states: { lower: [0, -Infinity, engine.hull] },
    },
    // About twice as long as a fall.
    freeFinalTime: 1.8 * (speed + Math.sqrt(speed ** 2 + 2 * height)),
  };
}

/** A solution in numbers. */
export interface Landing {
  readonly name: string;
  readonly seconds: number;
  readonly mass: number;
  /** When the engine is switched on. */
  readonly switchTime: number;
  readonly finalTime: number;
  readonly arcs: readonly Arc[];
  readonly points: readonly LandingPoint[];
}

/** A point of a landing; costates are those of height, speed and mass. */
export interface LandingPoint {
  readonly time: number;
  readonly state: Start;
  readonly thrust: number;
  readonly costate: readonly [number, number, number];
  readonly switching: number;
  readonly hamiltonian: number;
}

/** How a landing is looked for. */
export interface LandingOptions {
  readonly method: 'collocation' | 'indirect';
  readonly intervals: number;
  readonly signal: AbortSignal;
  /** Found when left out. */
  readonly arcs?: readonly Arc[];
  readonly onIteration?: (iteration: number) => void;
}

/** @throws UserError when there is none, with what is missed. */
export async function land(
  start: Start,
  options: LandingOptions,
): Promise<Omit<Landing, 'seconds'>> {
  const { method, intervals, signal, onIteration, arcs: known } = options;
  const found = await optimalControl(landing(start)).solve({
    method,
    intervals,
    signal,
    ...(known && { arcs: known }),
    onIteration: ({ iteration }) => onIteration?.(iteration),
  });
  signal.throwIfAborted();
  if (found.status !== 'converged') throw new UserError(missed(start, found));
  const { arcs, switches } = found;
  const on = arcs.findIndex(([thrust]) => thrust !== 'lower');
  return {
    name: method,
    mass: -found.cost,
    switchTime: on === 0 ? 0 : (switches[on - 1] ?? Number.NaN),
    finalTime: switches.at(-1) ?? Number.NaN,
    arcs,
    points: pointsOf(found),
  };
}

function missed([height, speed, mass]: Start, found: ControlSolution): string {
  const names: Readonly<Record<string, string>> = {
    'terminal[0]': 'the height 0 at the end',
    'terminal[1]': 'the speed 0 at the end',
    'bounds.states.lower[0]': 'the ground on the way',
    'bounds.states.lower[2]': `the mass ${engine.hull} of the empty hull`,
  };
  const parts = found.violated.map(
    ({ name, amount, time }) =>
      `${names[name] ?? name} is missed by ${amount.toPrecision(6)} at t = ${time.toPrecision(6)}`,
  );
  const from = `from height ${height}, speed ${speed} and mass ${mass}`;
  if (found.status === 'infeasible') {
    return `No thrust of at most ${engine.thrust} lands softly ${from} (infeasible): coming as near as it can, ${parts.join(' and ')}. Start higher, slower or with more fuel.`;
  }
  return `No landing was found ${from}: ${found.status}. ${found.message}`;
}

function pointsOf(found: ControlSolution): LandingPoint[] {
  const { times, states, controls, costates, switching, hamiltonian } = found;
  const rows = (of: typeof states): number[] => [...of.dataSync()].map(Number);
  const [t, x, u, p] = [rows(times), rows(states), rows(controls), rows(costates)];
  const [s, H] = [rows(switching), rows(hamiltonian)];
  const three = (of: readonly number[], k: number): [number, number, number] => [
    of[3 * k] ?? 0,
    of[3 * k + 1] ?? 0,
    of[3 * k + 2] ?? 0,
  ];
  return t.map((time, k) => ({
    time,
    state: three(x, k),
    thrust: u[k] ?? 0,
    costate: three(p, k),
    switching: s[k] ?? 0,
    hamiltonian: H[k] ?? 0,
  }));
}

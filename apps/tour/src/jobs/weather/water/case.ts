import { type Observation, trajectory, twinExperiment } from '@grad/assimilation';
import { random, roll, type Tensor, tensor } from '@grad/core';
import { readDelimited } from '../../../delimited.ts';
import type { JobContext } from '../../../job.ts';
import {
  basin,
  cells,
  coriolis,
  extent,
  fields,
  gravity,
  restDepth,
  side,
  smoothErrors,
  stepsPerHour,
} from './basin.ts';
import { observeAt, type Place } from './places.ts';
import { readWaterObservations, type WaterObservation } from './read-observations.ts';

/** What is assimilated. */
export interface WaterCase {
  readonly name: string;
  readonly background: Tensor;
  /** Covariance of the errors of the background, by its roots. */
  readonly B: ReturnType<typeof smoothErrors>;
  readonly observe: (state: Tensor) => Tensor;
  readonly places: readonly Place[];
  readonly observations: readonly Observation[];
  /** How many numbers were measured. */
  readonly count: number;
  /** Step of the last observation. */
  readonly window: number;
  /** The state that the observations were made from, where it is known. */
  readonly truth?: Tensor;
}

const stations = 60;
/** Standard deviations of what a station measures: metres, and metres per second. */
const stationErrors = { h: 2, u: 1, v: 1 } as const;
const backgroundErrors = smoothErrors(350, [12, 3, 3]);

/** Twelve hours of a made-up weather, seen every two hours by 60 stations. */
export function twinCase(seed = 0): WaterCase {
  const [weatherKey, placeKey] = random.split(random.key(seed));
  const truth = trajectory(basin, balancedWeather(weatherKey), 24 * stepsPerHour).at(-1);
  const sites = random.uniform(placeKey, [stations, 2], { high: extent }).dataSync();
  const places = fields.flatMap((field) =>
    Array.from({ length: stations }, (_, i) => ({
      field,
      x: sites[2 * i] ?? 0,
      y: sites[2 * i + 1] ?? 0,
    })),
  );
  const observe = observeAt(places);
  const R = places.map(({ field }) => stationErrors[field] ** 2);
  const steps = [2, 4, 6, 8, 10, 12].map((hour) => hour * stepsPerHour);
  const twin = twinExperiment({
    model: basin,
    observe,
    truth,
    B: backgroundErrors,
    R,
    steps,
    seed,
  });
  return {
    name: 'A twin experiment',
    background: twin.background,
    B: backgroundErrors,
    observe,
    places,
    observations: twin.observations.map((observation) => ({ ...observation, R })),
    count: places.length * steps.length,
    window: steps.at(-1) ?? 0,
    truth,
  };
}

/** Eddies in geostrophic balance: f u = -g dh/dy, f v = g dh/dx. */
function balancedWeather(key: Tensor): Tensor {
  const drawn = smoothErrors(450, [25, 1, 1]).color(random.normal(key, [3 * cells ** 2]));
  const { h } = basin.fields(drawn);
  const slope = gravity / (coriolis * side);
  const north = (x: Tensor): Tensor => roll(x, -1, { axis: 0 });
  const east = (x: Tensor): Tensor => roll(x, -1, { axis: 1 });
  const south = (x: Tensor): Tensor => roll(x, 1, { axis: 0 });
  const west = (x: Tensor): Tensor => roll(x, 1, { axis: 1 });
  // Differences around the points where the velocities stand.
  const alongY = north(h).sub(south(h));
  const alongX = east(h).sub(west(h));
  const u = alongY.add(west(alongY)).mul(-slope / 4);
  const v = alongX.add(south(alongX)).mul(slope / 4);
  return basin.state({ h: h.add(restDepth), u, v });
}

/**
 * A user's observations, with water at rest for a background.
 *
 * @throws UserError when the file is wrong.
 */
export async function fileCase(path: string, context: JobContext): Promise<WaterCase> {
  const file = await readDelimited(path, context);
  const measured = readWaterObservations(file);
  const keyOf = ({ field, x, y }: Place): string => `${field} ${x} ${y}`;
  const places = [...new Map(measured.map((at) => [keyOf(at), at])).values()];
  const position = new Map(places.map((place, i) => [keyOf(place), i]));
  const rest = Float64Array.from({ length: 3 * cells ** 2 }, (_, i) =>
    i < cells ** 2 ? restDepth : 0,
  );
  return {
    name: file.name,
    background: tensor(rest),
    B: smoothErrors(350, [30, 6, 6]),
    observe: observeAt(places),
    places,
    observations: byStep(measured, (at) => position.get(keyOf(at)) ?? 0),
    count: measured.length,
    window: measured.reduce((last, { step }) => Math.max(last, step), 0),
  };
}

/** Single numbers as one vector for each step, in the order of steps. */
function byStep(
  measured: readonly WaterObservation[],
  component: (at: WaterObservation) => number,
): Observation[] {
  return [...Map.groupBy(measured, ({ step }) => step)]
    .sort(([a], [b]) => a - b)
    .map(([step, group]) => ({
      step,
      value: group.map(({ value }) => value),
      components: group.map(component),
      R: group.map(({ error }) => error ** 2),
    }));
}

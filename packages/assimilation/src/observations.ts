import { eye, linalg, matmul, type Tensor, type TensorLike, take, tensor, where } from '@grad/core';
import { type Covariance, type CovarianceRoot, covarianceRoot, restrict } from './covariance.ts';

/** What was measured at one time. */
export interface Observation {
  /** Model step it belongs to; the initial state is step 0. */
  readonly step: number;
  /** The measured numbers. */
  readonly value: TensorLike;
  /** Which components of what `observe` gives they measure, in this order; all when left out. */
  readonly components?: readonly number[];
  /** Covariance of their errors; that of the problem when left out. */
  readonly R?: Covariance;
}

/** Observations in units of their errors, which are then independent and of variance 1. */
export interface WhitenedObservations {
  /** Whether all errors were independent before. */
  readonly diagonal: boolean;
  /** What a row was minus what was predicted: a vector of `size`, zero where nothing was observed. */
  departure(predicted: Tensor, row: TensorLike): Tensor;
  /** The predicted numbers, zero where nothing was observed. */
  whiten(predicted: Tensor, row: TensorLike): Tensor;
  /** 1 where a row has an observation, else 0. */
  observed(row: TensorLike): Tensor;
}

/** Observations as tables that a compiled loop reads, one row for each and a last one for none. */
export interface ObservationTables extends WhitenedObservations {
  /** The row of each step before that of the last observation. */
  readonly rows: Int32Array;
  readonly lastRow: number;
}

/** Which components are measured, with which errors. */
interface Channel {
  readonly components: readonly number[];
  readonly errors: CovarianceRoot;
}

interface Entry {
  readonly value: Float64Array;
  readonly channel: Channel;
}

/**
 * Checks observations of vectors of `size` and lays them out.
 *
 * @throws RangeError naming the observation that is wrong.
 */
export function tabulate(
  caller: string,
  observations: readonly Observation[],
  size: number,
  R: Covariance | undefined,
): ObservationTables {
  checkSteps(caller, observations);
  const common = R === undefined ? undefined : commonChannel(caller, R, size);
  const entries = observations.map((observation, i) =>
    readEntry(`${caller}: observation ${i} (step ${observation.step})`, observation, size, common),
  );
  const none = entries.length;
  const rows = new Int32Array(observations.at(-1)?.step ?? 0).fill(none);
  observations.slice(0, -1).forEach(({ step }, row) => {
    rows[step] = row;
  });

  const values = new Float64Array((none + 1) * size);
  const observed = new Uint8Array((none + 1) * size);
  entries.forEach(({ value, channel }, row) => {
    channel.components.forEach((component, i) => {
      values[row * size + component] = value[i] ?? 0;
      observed[row * size + component] = 1;
    });
  });
  const [valueTable, observedTable] = [
    tensor(values).reshape([none + 1, size]),
    tensor(observed, { dtype: 'bool' }).reshape([none + 1, size]),
  ];
  const { diagonal, whitened } = whitener(entries, size);
  const whiten = (values: Tensor, row: TensorLike): Tensor =>
    whitened(where(take(observedTable, row), values, 0), row);
  return {
    rows,
    lastRow: none - 1,
    diagonal,
    departure: (predicted, row) => whiten(take(valueTable, row).sub(predicted), row),
    whiten,
    observed: (row) => take(observedTable, row).astype('float64'),
  };
}

function checkSteps(caller: string, observations: readonly Observation[]): void {
  if (observations.length === 0) {
    throw new RangeError(`${caller}: there are no observations; give at least one.`);
  }
  observations.forEach(({ step }, i) => {
    if (!Number.isInteger(step) || step < 0) {
      throw new RangeError(
        `${caller}: observation ${i} is at step ${step}; steps are whole numbers of 0 or more.`,
      );
    }
    const before = observations[i - 1]?.step ?? -1;
    if (step <= before) {
      throw new RangeError(
        `${caller}: observation ${i} is at step ${step}, after one at step ${before}. ` +
          'Sort observations by step, and give those of one step as one.',
      );
    }
  });
}

function commonChannel(caller: string, R: Covariance, size: number): Channel {
  const components = Array.from({ length: size }, (_, i) => i);
  return { components, errors: covarianceRoot(`${caller}: R`, R, size) };
}

function readEntry(
  name: string,
  { value, components, R }: Observation,
  size: number,
  common: Channel | undefined,
): Entry {
  const channel = readChannel(name, components, R, size, common);
  const given = tensor(value);
  const { shape } = given;
  const values = Float64Array.from(given.dataSync());
  if (shape.length !== 1 || values.length !== channel.components.length) {
    throw new RangeError(
      `${name} has a value of shape [${shape.join(', ')}]; a vector of the ${channel.components.length} observed components is needed.`,
    );
  }
  const wrong = values.findIndex((number) => !Number.isFinite(number));
  if (wrong >= 0) {
    throw new RangeError(
      `${name}: component ${channel.components[wrong]} is ${values[wrong]}. Leave out what was not measured by naming the others in components.`,
    );
  }
  return { value: values, channel };
}

function readChannel(
  name: string,
  components: readonly number[] | undefined,
  R: Covariance | undefined,
  size: number,
  common: Channel | undefined,
): Channel {
  if (components === undefined && R === undefined && common) return common;
  const places = components ?? Array.from({ length: size }, (_, i) => i);
  const outside = places.find((place) => !Number.isInteger(place) || place < 0 || place >= size);
  if (outside !== undefined) {
    throw new RangeError(
      `${name} measures component ${outside}; what is observed has components 0 to ${size - 1}.`,
    );
  }
  if (new Set(places).size < places.length) {
    throw new RangeError(`${name} measures a component twice: ${places.join(', ')}.`);
  }
  if (R !== undefined) {
    return { components: places, errors: covarianceRoot(`${name}: R`, R, places.length) };
  }
  if (common === undefined) {
    throw new RangeError(`${name} has no covariance of errors; give it an R, or the problem one.`);
  }
  return { components: places, errors: restrict(`${name}: R`, common.errors, places) };
}

/** The function that makes the departures of a row independent and of variance 1. */
function whitener(
  entries: readonly Entry[],
  size: number,
): { diagonal: boolean; whitened: (departure: Tensor, row: TensorLike) => Tensor } {
  const channels = [...new Set(entries.map(({ channel }) => channel))];
  const channelOfRow = Int32Array.from([
    ...entries.map(({ channel }) => channels.indexOf(channel)),
    channels.length,
  ]);
  const diagonal = channels.every(({ errors }) => errors.kind === 'diagonal');
  const shape = [channels.length + 1, size, ...(diagonal ? [] : [size])];
  const weights = new Float64Array(shape.reduce((product, extent) => product * extent));
  channels.forEach(({ components, errors }, k) => {
    const count = components.length;
    const inverse = inverseRoot(errors, count).dataSync();
    components.forEach((component, i) => {
      const row = k * size + component;
      if (diagonal) {
        weights[row] = inverse[i] ?? 0;
        return;
      }
      components.forEach((other, j) => {
        const place = errors.kind === 'full' ? i * count + j : i;
        if (errors.kind === 'full' || i === j) weights[row * size + other] = inverse[place] ?? 0;
      });
    });
  });
  const table = tensor(weights).reshape(shape);
  return {
    diagonal,
    whitened: (departure, row) => {
      const weight = take(table, take(channelOfRow, row));
      return diagonal ? departure.mul(weight) : matmul(weight, departure);
    },
  };
}

/** S^-1: its diagonal, or the matrix where it has more. */
function inverseRoot(errors: CovarianceRoot, count: number): Tensor {
  if (errors.kind === 'diagonal') return tensor(1).div(errors.deviations);
  return linalg.triangularSolve(errors.root, eye(count));
}

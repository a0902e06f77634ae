import { matmul, type Tensor, type TensorLike, take, tensor, where } from '@grad/core';
import {
  type Covariance,
  type CovarianceRoot,
  covarianceRoot,
  numbersOf,
  restrict,
} from './covariance.ts';

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

/** Observations as tables that a compiled loop reads, one row for each and a last one for none. */
export interface ObservationTables {
  /** The row of each step before that of the last observation. */
  readonly rows: Int32Array;
  readonly lastRow: number;
  /** Half the squared departure of a predicted observation from a row, in units of its errors. */
  misfit(predicted: Tensor, row: TensorLike): Tensor;
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
  observations: readonly Observation[],
  size: number,
  R: Covariance | undefined,
): ObservationTables {
  checkSteps(observations);
  const common = R === undefined ? undefined : commonChannel(R, size);
  const entries = observations.map((observation, i) => readEntry(observation, i, size, common));
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
  const whitened = whitener(entries, size);
  return {
    rows,
    lastRow: none - 1,
    misfit: (predicted, row) => {
      const departure = take(valueTable, row).sub(predicted);
      const known = where(take(observedTable, row), departure, 0);
      return whitened(known, row).square().sum().mul(0.5);
    },
  };
}

function checkSteps(observations: readonly Observation[]): void {
  if (observations.length === 0) {
    throw new RangeError('fourDVar: there are no observations; give at least one.');
  }
  observations.forEach(({ step }, i) => {
    if (!Number.isInteger(step) || step < 0) {
      throw new RangeError(
        `fourDVar: observation ${i} is at step ${step}; steps are whole numbers of 0 or more.`,
      );
    }
    const before = observations[i - 1]?.step ?? -1;
    if (step <= before) {
      throw new RangeError(
        `fourDVar: observation ${i} is at step ${step}, after one at step ${before}. ` +
          'Sort observations by step, and give those of one step as one.',
      );
    }
  });
}

function commonChannel(R: Covariance, size: number): Channel {
  const components = Array.from({ length: size }, (_, i) => i);
  return { components, errors: covarianceRoot('fourDVar: R', R, size) };
}

function readEntry(
  { step, value, components, R }: Observation,
  index: number,
  size: number,
  common: Channel | undefined,
): Entry {
  const name = `fourDVar: observation ${index} (step ${step})`;
  const channel = readChannel(name, components, R, size, common);
  const { shape, values } = numbersOf(value);
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
): (departure: Tensor, row: TensorLike) => Tensor {
  const channels = [...new Set(entries.map(({ channel }) => channel))];
  const channelOfRow = Int32Array.from([
    ...entries.map(({ channel }) => channels.indexOf(channel)),
    channels.length,
  ]);
  const diagonal = channels.every(({ errors }) => errors.kind === 'diagonal');
  const shape = [channels.length + 1, size, ...(diagonal ? [] : [size])];
  const weights = new Float64Array(shape.reduce((product, extent) => product * extent));
  channels.forEach(({ components, errors }, k) => {
    components.forEach((component, i) => {
      const row = k * size + component;
      if (errors.kind === 'diagonal') {
        weights[diagonal ? row : row * size + component] = 1 / (errors.deviations[i] ?? 1);
        return;
      }
      components.slice(0, i + 1).forEach((other, j) => {
        weights[row * size + other] = errors.inverse[i * errors.size + j] ?? 0;
      });
    });
  });
  const table = tensor(weights).reshape(shape);
  return (departure, row) => {
    const weight = take(table, take(channelOfRow, row));
    return diagonal ? departure.mul(weight) : matmul(weight, departure);
  };
}

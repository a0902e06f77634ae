import { random, type Tensor } from '@grad/core';
import { type LabelledImages, minibatches } from '@grad/data';
import { accuracy, crossEntropy, mlp } from '@grad/nn';
import { adam, fit } from '@grad/optim';
import { iterativeMagnitudePruning } from '@grad/vision';
import { UserError } from '../../user-error.ts';
import type { Digits } from './digits.ts';

/** How to look for a winning ticket. */
export interface TicketOptions {
  /** Units of the hidden layers. */
  readonly hidden: readonly number[];
  readonly rounds: number;
  /** Share of the weights that each round removes. */
  readonly rate: number;
  /** Passes over the images in the first round and the last, and in those between. */
  readonly epochs: number;
  readonly epochsBetween: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
  /** In each round of so many other first weights are tried too; of 1 in every round. */
  readonly compareEvery: number;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number) => void;
  readonly onRound?: (round: TicketRound) => void;
}

/** What came of a round. */
export interface TicketRound {
  /** Weights that are left, and their share. */
  readonly weights: number;
  readonly density: number;
  readonly epochs: number;
  /** Accuracy of the ticket, trained from its own first weights. */
  readonly ticket: number;
  /** Accuracy of the same connections, trained from other first weights, where that was tried. */
  readonly random: number | undefined;
}

type Params = ReturnType<ReturnType<typeof mlp>['init']>;
type Weights = Readonly<Record<string, Tensor>>;

/**
 * Trains a perceptron, removes its smallest weights, sets the others back to where they began, and so on
 * (Frankle and Carbin, arXiv:1803.03635); biases stay. Beside it the connections that are left are trained
 * from other first weights.
 *
 * @throws UserError when a training comes to numbers that are not finite.
 */
export async function winningTicket(
  { train, held, classes }: Pick<Digits, 'train' | 'held' | 'classes'>,
  options: TicketOptions,
): Promise<readonly TicketRound[]> {
  const { hidden, rounds, rate, seed, compareEvery, signal, onRound } = options;
  const [learned, judged] = [flat(train), flat(held)];
  const model = mlp([learned.images.shape[1] ?? 0, ...hidden, classes]);
  const [own, other] = [model.init(random.key(seed)), model.init(random.key(seed + 1))];
  const batches = minibatches(learned, { size: options.batch, key: random.key(seed + 2) });
  const all = Object.values(weightsOf(own)).reduce((sum, { size }) => sum + size, 0);
  const epochsOf = (round: number): number =>
    round > 0 && round < rounds ? options.epochsBetween : options.epochs;
  const isCompared = (round: number): boolean => (round + 1) % compareEvery === 0;
  const planned = Array.from(
    { length: rounds + 1 },
    (_, round) => epochsOf(round) * (isCompared(round) ? 2 : 1),
  ).reduce((sum, epochs) => sum + epochs);
  let finished = 0;

  const trained = async (
    start: Params,
    mask: Weights,
    epochs: number,
  ): Promise<{ params: Params; right: number }> => {
    const { params, status, message } = await fit(
      (at: Params, { images, labels }: LabelledImages) =>
        crossEntropy(model.apply(masked(at, mask), images), labels),
      start,
      {
        optimizer: adam({ learningRate: options.learningRate }),
        batches,
        epochs,
        signal,
        onProgress: ({ step }) =>
          options.onProgress((finished + step / batches.perEpoch) / planned),
      },
    );
    signal.throwIfAborted();
    if (status === 'notFinite') throw new UserError(`Training stopped. ${message}`);
    finished += epochs;
    const kept = masked(params, mask);
    return {
      params: kept,
      right: accuracy(model.apply(kept, judged.images), judged.labels).item(),
    };
  };

  const done: TicketRound[] = [];
  await iterativeMagnitudePruning(weightsOf(own), {
    rounds,
    rate,
    train: async (weights, mask, round) => {
      const epochs = epochsOf(round);
      const ticket = await trained(replaced(own, weights), mask, epochs);
      const compared = isCompared(round) ? (await trained(other, mask, epochs)).right : undefined;
      return { ...ticket, epochs, compared };
    },
    weightsOf: ({ params }) => weightsOf(params),
    signal,
    onRound: ({ density, trained: { right, compared, epochs } }) => {
      const weights = Math.round(density * all);
      const round: TicketRound = { weights, density, epochs, ticket: right, random: compared };
      done.push(round);
      onRound?.(round);
    },
  });
  return done;
}

/** Each image as a row. */
export function flat({ images, labels }: LabelledImages): LabelledImages {
  return { images: images.reshape([images.shape[0] ?? 0, -1]), labels };
}

function weightsOf(params: Params): Weights {
  return Object.fromEntries(Object.entries(params).map(([name, { weight }]) => [name, weight]));
}

function replaced(params: Params, weights: Weights): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, own]) => [
      name,
      { ...own, weight: weights[name] ?? own.weight },
    ]),
  );
}

function masked(params: Params, mask: Weights): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, own]) => [
      name,
      { ...own, weight: own.weight.mul(mask[name] ?? 1) },
    ]),
  );
}

import { slice, type Tensor } from '@grad/core';
import type { JobContext } from '../../job.ts';
import type { Row } from '../../row.ts';
import { timedAsync } from '../../timed.ts';
import type { Digits } from './digits.ts';
import { maskOfRandomWeights } from './random-weights.ts';
import { type TicketRound, winningTicket } from './ticket.ts';
import { ticketRows } from './ticket-report.ts';

/** How to look for a ticket. */
export interface Search {
  /** At the size of the paper, with so many epochs between the first round and the last; or small. */
  readonly epochsBetween: number | undefined;
  /** Whether the results are held against what is known. */
  readonly isHeld: boolean;
  readonly seed: number;
  readonly context: JobContext;
  /** How far the job is before. */
  readonly from: number;
}

/** A small perceptron on 3000 images, halved five times. */
const small = {
  hidden: [100, 50],
  rounds: 5,
  rate: 0.5,
  epochs: 3,
  epochsBetween: 3,
  batch: 50,
  learningRate: 2e-3,
  compareEvery: 1,
};

/** LeNet-300-100 and the rounds of Frankle and Carbin; they have batches of 60, and steps of 1.2e-3. */
export const full = {
  hidden: [300, 100],
  rounds: 15,
  rate: 0.2,
  epochs: 5,
  batch: 100,
  learningRate: 1.5e-3,
  compareEvery: 16,
};

/** Half of the weights of the same network. */
export const fullMask = {
  hidden: full.hidden,
  density: 0.5,
  epochs: 3,
  batch: 100,
  learningRate: 3e-3,
};

/** Rounds of a search, and what they are worth. */
export async function lookForTicket(
  digits: Digits,
  { epochsBetween, isHeld, seed, context, from }: Search,
): Promise<{ readonly rounds: readonly TicketRound[]; readonly rows: readonly Row[] }> {
  const shared = (stage: string, start: number, part: number) => ({
    seed,
    signal: context.signal,
    onProgress: (fraction: number) => context.progress.show(stage, start + part * fraction),
  });
  const stage = 'looking for a winning ticket';
  if (epochsBetween === undefined) {
    await context.enter(stage, from);
    const rounds = await winningTicket(firstOf(digits, 3000), {
      ...small,
      ...shared(stage, from, 0.95 - from),
    });
    const limits = isHeld ? { density: 0.3, lost: 0.01 } : undefined;
    return { rounds, rows: ticketRows(rounds, limits) };
  }
  // What is known at that size is known of MNIST.
  const isMnist = isHeld && digits.train.labels.size === 60_000;
  const second = 'training a mask of random weights';
  await context.enter(second, from);
  const masked = await timedAsync(() =>
    maskOfRandomWeights(digits, {
      ...fullMask,
      ...shared(second, from, 0.05),
    }),
  );
  await context.enter(stage, from + 0.05);
  const searched = await timedAsync(() =>
    winningTicket(digits, { ...full, epochsBetween, ...shared(stage, from + 0.05, 0.9 - from) }),
  );
  const limits = isMnist ? { density: 0.036, lost: 0.002 } : undefined;
  const [first, ...others] = ticketRows(searched.value, limits);
  return {
    rounds: searched.value,
    rows: [
      ...(first ? [{ ...first, seconds: searched.seconds }] : []),
      ...others,
      {
        what: 'half of its random weights, chosen by training and not changed: share classified wrongly',
        result: 1 - masked.value,
        seconds: masked.seconds,
        ...(isMnist && {
          reference: { kind: 'atMost', limit: 0.05 },
          source: 'Ramanujan et al., arXiv:1911.13299',
        }),
      },
    ],
  };
}

/** The same with so many images to learn from at most. */
function firstOf(digits: Digits, most: number): Digits {
  const count = Math.min(most, digits.train.labels.size);
  const first = (x: Tensor): Tensor => slice(x, [0], [count]);
  const { images, labels } = digits.train;
  return { ...digits, train: { images: first(images), labels: first(labels) } };
}

import { random, type Tensor, type Traced } from '@grad/core';
import { type Sinusoids, sinusoids } from '@grad/meta';
import { type AdamState, adam, fit } from '@grad/optim';
import { UserError } from '../../user-error.ts';

/** How to learn to learn. */
export interface LearnOptions<P> {
  readonly start: P;
  /** Mean loss over a batch of tasks. */
  readonly loss: (params: Traced<P>, tasks: Sinusoids) => Tensor;
  /** Error on tasks that are not learned from. */
  readonly judge: (params: Traced<P>) => Tensor;
  readonly iterations: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number) => void;
}

/** What was learned, and how well it did on the way. */
export interface Learned<P> {
  readonly params: Traced<P>;
  readonly history: readonly { readonly iteration: number; readonly error: number }[];
}

/** Times at which the error is taken on the way. */
const looks = 20;

/**
 * Meta-learning by Adam with the learning rate 1e-3, on 25 new sinusoids of 10 points in each iteration.
 *
 * @throws UserError when a loss is not finite; the signal's reason when it is aborted.
 */
export async function learn<P>(options: LearnOptions<P>): Promise<Learned<P>> {
  const { start, loss, judge, iterations, seed, signal, onProgress } = options;
  const every = Math.max(1, Math.round(iterations / looks));
  const history: { iteration: number; error: number }[] = [];
  const { params, status, message } = await fit<P, number, AdamState, null>(
    (at, _, { key }) => loss(at, sinusoids(key, { tasks: 25, shots: 10 })),
    start,
    {
      optimizer: adam({ learningRate: 1e-3 }),
      batches: () => Array(iterations).keys(),
      key: random.key(seed),
      signal,
      onProgress: ({ step, params: now }) => {
        onProgress(step / iterations);
        if (step % every === 0 || step === 1) {
          history.push({ iteration: step, error: judge(now).item() });
        }
      },
    },
  );
  signal.throwIfAborted();
  if (status !== 'completed') throw new UserError(`Learning stopped. ${message}`);
  return { params, history };
}

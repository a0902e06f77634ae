import { random, tensor, tree } from '@grad/core';
import { createPause } from '../event-loop.ts';
import { checkCount } from '../options.ts';
import type { Fit, FitCheckpoint, FitOptions, FitProgress, Loss } from './fit-options.ts';
import { type FitState, fitStep } from './fit-step.ts';
import { StepRate } from './step-rate.ts';

/**
 * Fits parameters to data by steps along gradients of batches. A step, with value, gradient and update,
 * is one compiled call; where it takes long, and between steps, other tasks have their turn every 16 ms.
 *
 * The loss must be pure. A last batch of another size than the others is compiled for itself. A fit that
 * is resumed from a checkpoint gives the same bits as one that never stopped.
 *
 * @param loss a scalar of the parameters, a batch and a context with `step`, `key` and `modelState`
 * @param params a tree of tensors and numbers
 * @throws RangeError when an option makes no sense or an epoch has no batch; TypeError when the loss
 * returns a model state of another structure, or none where there was one.
 */
export async function fit<const P, B, S, M = null>(
  loss: Loss<NoInfer<P>, B, M>,
  params: P,
  options: FitOptions<P, B, S, M>,
): Promise<Fit<P, S, M>> {
  const { optimizer, batches, epochs = 1, signal, onProgress, onEpoch, checkpoint } = options;
  checkCount('fit', 'epochs', epochs, 0);
  if (checkpoint) checkCount('fit', 'checkpoint.every', checkpoint.every, 1);
  const { key = random.key(0), resume } = options;
  const modelState = tensorsOf<M>(options.modelState ?? null);
  const first = tree.map((leaf) => leaf, params);
  let state: FitState<P, S, M> = resume ?? {
    params: first,
    optimizerState: optimizer.init(first),
    modelState,
  };
  const take = fitStep<P, B, S, M>(loss, optimizer, state, key);
  const pause = createPause();
  const rate = new StepRate();
  const losses = [...(resume?.losses ?? [])];
  const epochLosses = [...(resume?.epochLosses ?? [])];
  let epoch = resume?.epoch ?? 0;
  let batch = resume?.batch ?? 0;

  const here = (): FitCheckpoint<P, S, M> => ({
    params: state.params,
    optimizerState: state.optimizerState,
    modelState: state.modelState,
    epoch,
    batch,
    losses: [...losses],
    epochLosses: [...epochLosses],
  });
  const end = (status: Fit<P, S, M>['status'], message: string): Fit<P, S, M> => {
    const { params: last, optimizerState, modelState: model } = state;
    const history = { losses, epochLosses };
    return {
      params: last,
      state: optimizerState,
      modelState: model,
      history,
      checkpoint: here(),
      status,
      message,
    };
  };
  const aborted = (): Fit<P, S, M> =>
    end('aborted', `The signal was aborted after ${losses.length} steps.`);
  const progress = (of: number, value: number): FitProgress<P> => ({
    epoch: of,
    step: losses.length,
    loss: value,
    stepsPerSecond: rate.perSecond,
    params: state.params,
  });

  while (epoch < epochs) {
    let seen = 0;
    for await (const data of batches(epoch)) {
      if (seen++ < batch) continue;
      await pause();
      if (signal?.aborted) return aborted();
      const count = tensor(losses.length, { dtype: 'int32' });
      const stepped = await unlessAborted(take(state, data, count, signal), signal);
      if (stepped === undefined) return aborted();
      if (!stepped.isGood) {
        const what = Number.isFinite(stepped.value) ? 'an updated parameter' : 'the loss';
        return end(
          'notFinite',
          `At step ${losses.length} (epoch ${epoch}, batch ${batch}) ${what} is not finite: the loss is ${stepped.value}. The parameters are those before that step; a smaller learning rate or clipByGlobalNorm may help, and setDebug({ nans: true }) names the operation.`,
        );
      }
      state = stepped.state;
      losses.push(stepped.value);
      batch++;
      rate.mark();
      onProgress?.(progress(epoch, stepped.value));
      if (checkpoint && losses.length % checkpoint.every === 0) await checkpoint.save(here());
    }
    if (seen < batch || seen === 0) {
      throw new RangeError(
        `fit: batches(${epoch}) gave ${seen} batches${seen === 0 ? '; give at least one, as a fresh iterable for each epoch' : `, and ${batch} are done by the checkpoint`}.`,
      );
    }
    const mean = losses.slice(-batch).reduce((sum, value) => sum + value, 0) / batch;
    epochLosses.push(mean);
    epoch++;
    batch = 0;
    await onEpoch?.(progress(epoch - 1, mean));
  }
  return end('completed', `${losses.length} steps in ${epochs} epochs.`);
}

/** What a promise gives, or nothing when it was rejected because of the signal. */
async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
  }
}

function tensorsOf<M>(state: unknown): M {
  const [leaves, structure] = tree.flatten(state);
  return tree.unflatten<M>(structure, leaves);
}

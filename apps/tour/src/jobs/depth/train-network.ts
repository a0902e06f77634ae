import { argmax, jit, random, type Tensor, take, tensor, valueAndGrad } from '@grad/core';
import { crossEntropy } from '@grad/nn';
import { adam, addDecayedWeights, applyUpdates, chain, masked } from '@grad/optim';
import type { DeepNetwork, Weights } from './network.ts';
import type { NodeTask } from './node-task.ts';

/** When to stop, and what to be told. */
export interface TrainingOptions {
  readonly seed: number;
  /** Epochs at most. */
  readonly epochs: number;
  /** Epochs without a smaller loss of validation after which training ends. */
  readonly patience: number;
  readonly signal: AbortSignal;
  readonly onEpoch?: (epoch: number) => void;
}

/** A trained network. */
export interface Training {
  /** The numbers with the smallest loss of validation. */
  readonly weights: Weights;
  /** Share of the test nodes whose class those numbers tell. */
  readonly accuracy: number;
  /** Epochs that ran. */
  readonly epochs: number;
  readonly secondsPerEpoch: number;
}

/** What is measured after an epoch. */
interface Measures {
  readonly loss: Tensor;
  readonly accuracy: Tensor;
}

/** Trains a network on all nodes at once by Adam, until the loss of validation no longer falls. */
export async function trainNetwork(
  task: NodeTask,
  network: DeepNetwork,
  { seed, epochs, patience, signal, onEpoch }: TrainingOptions,
): Promise<Training> {
  const { inner, outer } = network.decay;
  const optimizer = chain(
    masked(addDecayedWeights(inner), { first: false, inner: true, last: false }),
    masked(addDecayedWeights(outer), { first: true, inner: false, last: true }),
    adam({ learningRate: 0.01 }),
  );
  const among = (logits: Tensor, nodes: Int32Array) => ({
    logits: take(logits, tensor(nodes)),
    labels: tensor(Int32Array.from(nodes, (node) => task.labels[node] ?? 0)),
  });
  const loss = (weights: Weights, nodes: Int32Array, key?: Tensor): Tensor => {
    const seen = among(network.logits(weights, key), nodes);
    return crossEntropy(seen.logits, seen.labels);
  };
  const step = jit((weights: Weights, state: ReturnType<typeof optimizer.init>, key: Tensor) => {
    const [, slopes] = valueAndGrad((w: Weights) => loss(w, task.train, key))(weights);
    const [updates, next] = optimizer.update(slopes, state, weights);
    return [applyUpdates(weights, updates), next] as const;
  });
  const measure = jit((weights: Weights): Measures => {
    const logits = network.logits(weights);
    const [held, test] = [among(logits, task.validation), among(logits, task.test)];
    const right = argmax(test.logits, { axis: 1 }).eq(test.labels);
    return {
      loss: crossEntropy(held.logits, held.labels),
      accuracy: right.astype('float32').mean(),
    };
  });

  const draws = random.key(seed + 1);
  let weights = network.init(random.key(seed));
  let state = optimizer.init(weights);
  let best = { loss: Number.POSITIVE_INFINITY, epoch: 0, weights, accuracy: 0 };
  let epoch = 0;
  const start = performance.now();
  while (epoch < epochs && epoch - best.epoch < patience) {
    const key = random.foldIn(draws, epoch);
    [weights, state] = await step.async([weights, state, key], { signal });
    const found = await measure.async([weights], { signal });
    epoch++;
    const value = found.loss.item();
    if (value < best.loss) best = { loss: value, epoch, weights, accuracy: found.accuracy.item() };
    onEpoch?.(epoch);
  }
  return {
    weights: best.weights,
    accuracy: best.accuracy,
    epochs: epoch,
    secondsPerEpoch: (performance.now() - start) / 1000 / Math.max(1, epoch),
  };
}

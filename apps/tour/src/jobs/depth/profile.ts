import { jit, type Tensor, take, tensor } from '@grad/core';
import { layerProfile } from '@grad/graph';
import { crossEntropy } from '@grad/nn';
import type { DeepNetwork, Weights } from './network.ts';
import type { NodeTask } from './node-task.ts';

/** What happens by layer, from the first hidden numbers on. */
export interface Profile {
  readonly name: string;
  /** Dirichlet energies. */
  readonly energies: readonly number[];
  /** Norms of the gradient of the loss. */
  readonly gradients: readonly number[];
}

/** Looks into a network: energies on the way there, gradients of the training loss on the way back. */
export async function profileOf(
  name: string,
  task: NodeTask,
  network: DeepNetwork,
  weights: Weights,
  signal: AbortSignal,
): Promise<Profile> {
  const labels = tensor(Int32Array.from(task.train, (node) => task.labels[node] ?? 0));
  const look = jit((w: Weights) => {
    const { start, layers, finish } = network.steps(w);
    const loss = (x: Tensor): Tensor => crossEntropy(take(finish(x), tensor(task.train)), labels);
    return layerProfile(layers, start, task.graph, loss);
  });
  const found = await look.async([weights], { signal });
  return {
    name,
    energies: Array.from(found.energies.dataSync()),
    gradients: Array.from(found.gradientNorms.dataSync()),
  };
}

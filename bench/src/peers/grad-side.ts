import { reshape, type Tensor, tensor, tree } from '../../../packages/core/src/index.ts';
import { type Input, type Inputs, need, type Work } from '../suite.ts';

const tensorOf = ({ data, shape }: Input): Tensor => reshape(tensor(data), shape);

/** An input by name, as a tensor. */
export const given = (inputs: Inputs, name: string): Tensor => tensorOf(need(inputs, name));

/** All elements of all tensors in a result, one after the other. */
export function elements(result: unknown): number[] {
  return tree.leaves(result).flatMap((leaf) => [...leaf.dataSync()].map(Number));
}

/**
 * Work that calls a function again and again, and gives back what it gave before, as `using` does in a loop and as
 * the other sides do. With `keep` that is left to the garbage collector.
 */
export function calling(f: () => unknown, { keep = false } = {}): Work {
  let result: unknown = [];
  return {
    run: () => {
      if (!keep) for (const leaf of tree.leaves(result)) leaf.dispose();
      result = f();
    },
    output: () => elements(result),
  };
}

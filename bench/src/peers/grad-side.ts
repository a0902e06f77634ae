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
 * Work that calls a function again and again and keeps the last result, as a program would. With
 * `dispose` it also gives back the result before, which no program needs to do.
 */
export function calling(f: () => unknown, { dispose = false } = {}): Work {
  let result: unknown = [];
  return {
    run: () => {
      if (dispose) for (const leaf of tree.leaves(result)) leaf.dispose();
      result = f();
    },
    output: () => elements(result),
  };
}

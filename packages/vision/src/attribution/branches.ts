import { split, type Tensor } from '@grad/core';
import type { Step } from '@grad/nn';
import { joinOf } from './go-back.ts';

/**
 * What comes back through the branches of a `parallel` step: each is given all of it when results are
 * added, and its own channels when they are concatenated.
 */
export function throughBranches(
  step: Step,
  back: Tensor,
  through: (branch: readonly Step[], part: Tensor, index: number) => Tensor,
): Tensor {
  const { combine, axis } = joinOf(step);
  const outputs = step.branches.map((steps) => steps.at(-1)?.output ?? step.input);
  const ends: number[] = [];
  for (const output of outputs) ends.push((ends.at(-1) ?? 0) + (output.shape.at(axis) ?? 0));
  const parts =
    combine === 'add' ? outputs.map(() => back) : split(back, ends.slice(0, -1), { axis });
  return step.branches
    .map((branch, i) => through(branch, parts[i] ?? back, i))
    .reduce((sum, part) => sum.add(part));
}

import { Cotangent } from '../primitives/cotangent.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { emptyLike } from './empty-stack.ts';

/**
 * Cotangents of the constants of a loop, to which the loop adds step by step. Where there is a sum
 * already, the loop goes on from it: nothing is built beside it, and the order of additions is that
 * of the steps, however the loop is cut into loops.
 */
export class RunningSums {
  /** What the loop begins with. */
  readonly starts: readonly Tensor[];
  readonly #targets: readonly (Tensor | Cotangent)[];

  constructor(targets: readonly (Tensor | Cotangent)[]) {
    this.#targets = targets;
    this.starts = targets.map((target, i) => {
      const sum = target instanceof Cotangent && this.#isFirst(i) ? target.get() : null;
      return sum ?? emptyLike(target.type);
    });
  }

  /** Takes what the loop ended with. Comes before anything else is added to these cotangents. */
  finish(sums: readonly Tensor[]): void {
    this.#targets.forEach((target, i) => {
      const sum = sums[i];
      if (!(target instanceof Cotangent) || !sum) return;
      if (this.#isFirst(i)) target.replace(sum);
      else target.add(sum);
    });
  }

  /** A constant that is given twice has one sum. */
  #isFirst(i: number): boolean {
    const target = this.#targets[i];
    return target !== undefined && this.#targets.indexOf(target) === i;
  }
}

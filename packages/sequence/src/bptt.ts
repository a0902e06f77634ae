import type { Recurrent, RunOptions } from './recurrent-layer.ts';

/** How gradients go back through time. */
export interface BpttOptions extends Pick<RunOptions, 'checkpoint'> {
  /** Gradients are cut before every step, but the first, whose number is a multiple of this; never when left out. */
  readonly truncate?: number;
}

/**
 * Backpropagation through time: `bptt({ truncate: 20 })(layer)` is the same layer, with the same
 * values, whose gradients go back through 20 steps at most (Williams and Peng 1990). Without `truncate`
 * they go back through all, and `checkpoint` says what is kept on the way.
 *
 * A cut is exactly a `stopGradient` of the state between two runs, one going on from the other.
 *
 * @throws RangeError when `truncate` is no whole number of 1 or more.
 */
export function bptt(options: BpttOptions): <P, S>(layer: Recurrent<P, S>) => Recurrent<P, S> {
  const { truncate, checkpoint } = options;
  if (truncate !== undefined && !(Number.isSafeInteger(truncate) && truncate >= 1)) {
    throw new RangeError(`bptt: truncate is ${truncate}; it must be a whole number of 1 or more.`);
  }
  return (layer) => ({
    ...layer,
    apply: (params, x, run = {}) => layer.apply(params, x, { truncate, checkpoint, ...run }),
  });
}

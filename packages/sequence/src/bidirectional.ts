import { concatenate, random, ShapeError, type Tensor } from '@grad/core';
import type { Recurrent, RecurrentParams, RecurrentState } from './recurrent-layer.ts';

/** Parameters, or states, of both directions. */
export interface BothWays<T> {
  /** Of the layer that goes from the first step to the last. */
  readonly forward: T;
  /** Of the layer that goes from the last step to the first. */
  readonly backward: T;
}

/** A layer that reads its input in both directions. */
export type Bidirectional<P = RecurrentParams, S = RecurrentState> = Recurrent<
  BothWays<P>,
  BothWays<S>
>;

/**
 * Two layers over the same input, one in each direction, side by side along the last axis: the hidden
 * state at a step knows what came before and what comes after (Schuster and Paliwal 1997). `final` has
 * the forward state after the last step, and the backward one after the first.
 *
 * @throws RangeError when the layers take inputs of different widths.
 */
export function bidirectional<P, S>(
  forward: Recurrent<P, S>,
  backward: Recurrent<P, S> = forward,
): Bidirectional<P, S> {
  if (forward.inputs !== backward.inputs) {
    throw new RangeError(
      `bidirectional: the layers take ${forward.inputs} and ${backward.inputs} inputs; both read the same input, so that they must agree.`,
    );
  }
  const hidden = forward.hidden + backward.hidden;
  return {
    kind: 'bidirectional',
    inputs: forward.inputs,
    hidden,
    init(key) {
      const [first, second] = random.split(key);
      return { forward: forward.init(first), backward: backward.init(second) };
    },
    apply(params, x, { disturbance, initial, reverse = false, ...options } = {}) {
      const wide = [...x.shape.slice(0, -1), hidden];
      if (disturbance !== undefined && disturbance.shape.join() !== wide.join()) {
        throw new ShapeError(
          `bidirectional: disturbance has shape [${disturbance.shape.join(', ')}]; it must be [${wide.join(', ')}].`,
        );
      }
      const part = (from: number, to: number) =>
        disturbance?.at(...disturbance.shape.slice(1).map(() => null), [from, to]);
      const there = forward.apply(params.forward, x, {
        ...options,
        reverse,
        disturbance: part(0, forward.hidden),
        initial: initial?.forward,
      });
      const back = backward.apply(params.backward, x, {
        ...options,
        reverse: !reverse,
        disturbance: part(forward.hidden, hidden),
        initial: initial?.backward,
      });
      const beside = (a: Tensor, b: Tensor) => concatenate([a, b], { axis: -1 });
      return {
        outputs: beside(there.outputs, back.outputs),
        final: beside(there.final, back.final),
        state: { forward: there.state, backward: back.state },
      };
    },
  };
}

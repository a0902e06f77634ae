import type { Tensor } from '@grad/core';
import { type Argument, grad, type LoopCheckpoint, scan, stopGradient, tree } from '@grad/core';
import { applyUpdates, type GradientTransformation } from '@grad/optim';
import { checkSteps, scalarLoss } from './check.ts';

/** How to train inside of what is differentiated. */
export interface UnrollOptions<S> {
  /** Any gradient transformation; numbers in it may be tensors that are differentiated. */
  readonly optimizer: GradientTransformation<S>;
  /** Updates to make, 0 or more. */
  readonly steps: number;
  /** Whether gradients of the loss are taken for constants, which leaves out its second derivatives. */
  readonly firstOrder?: boolean;
  /** What reverse mode keeps of the steps, as in `scan` of the core; all when left out. */
  readonly checkpoint?: LoopCheckpoint;
}

/**
 * The parameters after some steps of an optimizer, as one compiled loop: a function of the parameters at the
 * start, and of everything that the loss and the optimizer close over. It can be differentiated in all of
 * them and batched. With a `checkpoint`, memory does not grow with the number of steps.
 *
 * @param loss a scalar of the parameters, pure
 * @param params a tree of floats
 * @throws RangeError when steps is no whole number of 0 or more; ShapeError when the loss is no scalar.
 * @see D. Maclaurin et al., Gradient-based Hyperparameter Optimization through Reversible Learning (2015).
 */
export function unroll<P, S>(
  loss: (params: P) => Tensor,
  params: Argument<P>,
  options: UnrollOptions<S>,
): P {
  return unrollNamed('unroll', loss, params, options);
}

/** Parameters and the state of the optimizer on the way. */
interface Place {
  readonly leaves: readonly Tensor[];
  readonly state: readonly Tensor[];
}

/** The same for another function of that name. */
export function unrollNamed<P, S>(
  name: string,
  loss: (params: P) => Tensor,
  params: unknown,
  { optimizer, steps, firstOrder = false, checkpoint = 'store' }: UnrollOptions<S>,
): P {
  checkSteps(name, 'steps', steps);
  const [start, structure] = tree.flatten(params);
  const [first, stateStructure] = tree.flatten(optimizer.init(tree.unflatten(structure, start)));
  const slopesOf = grad((leaves: readonly Tensor[]) =>
    scalarLoss(name, loss(tree.unflatten<P>(structure, leaves))),
  );
  const step = ({ leaves, state }: Place): Place => {
    const exact = slopesOf(leaves);
    const slopes = firstOrder ? exact.map((slope) => stopGradient(slope)) : exact;
    const own = tree.unflatten<object>(structure, leaves);
    const [updates, next] = optimizer.update(
      tree.unflatten<object>(structure, slopes),
      tree.unflatten<S>(stateStructure, state),
      own,
    );
    return { leaves: tree.leaves(applyUpdates(own, updates)), state: tree.leaves(next) };
  };
  const from: Place = { leaves: start, state: first };
  const [end] = scan((at: Place) => [step(at), null], from, null, { length: steps, checkpoint });
  return tree.unflatten<P>(structure, end.leaves);
}

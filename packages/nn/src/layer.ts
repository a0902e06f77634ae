import type { Tensor, TensorLike } from '@grad/core';

/** A tree without leaves: the parameters of a layer that has none, or the state of one that keeps none. */
export type Empty = Readonly<Record<never, never>>;

/** What a layer is given besides parameters and input when it is evaluated. */
export interface Evaluation<S> {
  /** What `initState` made and `train` returned, such as running statistics. */
  readonly state?: S;
}

/** What a layer is given besides parameters and input when it is trained. */
export interface Training<S> extends Evaluation<S> {
  /** Randomness of this step, for dropout: another key each time. */
  readonly key?: Tensor;
}

/**
 * What a layer is as a function of x, when it is evaluated: `affine` (linear, and a constant),
 * `elementwise` (each element of the result depends on the one at its place), `maximum` (each is the
 * largest of some), `other`.
 */
export type Form = 'affine' | 'elementwise' | 'maximum' | 'other';

/**
 * A part of a network: functions, and no numbers. Its parameters P and its state S are trees that the
 * caller keeps, so that they can be differentiated, batched, stored and replaced.
 */
export interface Layer<P = Empty, S = Empty> {
  /** Name of the function that made it, such as `dense`. */
  readonly kind: string;
  /** What attribution methods need to know of it. */
  readonly form: Form;
  /** Parameters to start from. */
  init(key: Tensor): P;
  /** State to start from. */
  initState(): S;
  /** The result of x once trained: dropout does nothing, and normalization is by running statistics. */
  apply(params: P, x: TensorLike, options?: Evaluation<S>): Tensor;
  /** The result in training, and the next state. */
  train(params: P, x: TensorLike, options?: Training<S>): [y: Tensor, state: S];
  /** In layers made of layers: what happens inside; see `walk`. */
  walk?(params: P, x: Tensor, options: Evaluation<S>, path: string): readonly Step[];
}

/** A layer of any parameters and state. */
export type AnyLayer = Layer<unknown, unknown>;

/** One layer on the way from an input of a model to its result. */
export interface Step {
  /** Name in the model; `block.conv1` for a layer inside another one. */
  readonly name: string;
  readonly layer: AnyLayer;
  readonly params: unknown;
  readonly input: Tensor;
  readonly output: Tensor;
  /** The layer as a function of its input, with its parameters and state. */
  apply(x: Tensor): Tensor;
  /** The ways through a `parallel` layer, each from its input on; none elsewhere. */
  readonly branches: readonly (readonly Step[])[];
}

/** Completes a layer that keeps no state and is the same in training. */
export function stateless<P, X extends object>(
  layer: X & Pick<Layer<P>, 'kind' | 'form' | 'init' | 'apply'>,
): X & Layer<P> {
  return {
    ...layer,
    initState: () => ({}),
    train: (params: P, x: TensorLike): [Tensor, Empty] => [layer.apply(params, x), {}],
  };
}

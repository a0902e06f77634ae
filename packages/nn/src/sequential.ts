import { random, type Tensor, type TensorLike } from '@grad/core';
import type { AnyLayer, Evaluation, Layer, Step, Training } from './layer.ts';
import {
  checkLayers,
  evaluationOf,
  inLayer,
  type Layers,
  type ParamsOf,
  pathOf,
  type StateOf,
  stepsOf,
  treeOf,
  treeOfEach,
} from './named-layers.ts';
import { asInput } from './operands.ts';

/** Some layers of a `sequential`, one after the other. It takes the parameters and state of the whole. */
export interface Part<P, S> {
  readonly layers: Layers;
  /** The result of these layers once trained. */
  apply(params: P, x: TensorLike, options?: Evaluation<S>): Tensor;
}

/** Layers one after the other. */
export interface Sequential<P, S, N extends string = string> extends Layer<P, S> {
  readonly kind: 'sequential';
  /** In the order in which they are applied. */
  readonly layers: Readonly<Record<N, AnyLayer>>;
  /** The layers from the first to a named one. */
  until(name: N): Part<P, S>;
  /** The layers after a named one: `after(n).apply(p, until(n).apply(p, x))` is `apply(p, x)`. */
  after(name: N): Part<P, S>;
}

/**
 * Layers one after the other, each with a name: `sequential({ fc1: dense(4, 8), act: activation(relu) })`.
 * Parameters and state are objects of those of the layers, by name, without those that have none. In
 * training each layer has a key of its own, made from that of the step.
 *
 * @throws TypeError when a name is a whole number or has a dot in it, or something is no layer.
 */
export function sequential<const L extends Layers>(
  layers: L,
): Sequential<ParamsOf<L>, StateOf<L>, keyof L & string>;
export function sequential(layers: Layers): Sequential<unknown, unknown> {
  const kind = 'sequential';
  checkLayers(kind, layers);
  const names = Object.keys(layers);

  const part = (from: number, to: number): Part<unknown, unknown> => {
    const chosen = Object.entries(layers).slice(from, to);
    return {
      layers: Object.fromEntries(chosen),
      apply: (params, x, options) =>
        chosen.reduce<Tensor>(
          (h, [name, layer]) =>
            inLayer(kind, name, () =>
              layer.apply(treeOf(params, name), h, evaluationOf(options, name)),
            ),
          asInput(x),
        ),
    };
  };

  const position = (name: string): number => {
    const found = names.indexOf(name);
    if (found >= 0) return found;
    throw new RangeError(`sequential: there is no layer '${name}'; there are ${names.join(', ')}.`);
  };

  return {
    kind,
    form: 'other',
    layers,
    init: (key) => {
      const keys = random.keys(key, names.length);
      return treeOfEach(layers, (layer, i) => layer.init(keys.at(i)));
    },
    initState: () => treeOfEach(layers, (layer) => layer.initState()),
    apply: part(0, names.length).apply,
    train: (params, x, options) => {
      const states: Record<string, unknown> = {};
      const y = Object.entries(layers).reduce<Tensor>((h, [name, layer], i) => {
        const given = trainingOf(options, name, i);
        const [next, state] = inLayer(kind, name, () =>
          layer.train(treeOf(params, name), h, given),
        );
        states[name] = state;
        return next;
      }, asInput(x));
      return [y, treeOfEach(layers, (_, i) => states[names[i] ?? ''])];
    },
    until: (name) => part(0, position(name) + 1),
    after: (name) => part(position(name) + 1, names.length),
    walk: (params, x, options, path) => {
      const steps: Step[] = [];
      for (const [name, layer] of Object.entries(layers)) {
        const input = steps.at(-1)?.output ?? x;
        const inside = inLayer(kind, name, () =>
          stepsOf(
            layer,
            treeOf(params, name),
            input,
            evaluationOf(options, name),
            pathOf(path, name),
          ),
        );
        steps.push(...inside);
      }
      return steps;
    },
  };
}

/** What a layer is told in training; its key is made when it asks for one. */
export function trainingOf(
  options: Training<unknown> | undefined,
  name: string,
  index: number,
): Training<unknown> {
  const { key } = options ?? {};
  const evaluation = evaluationOf(options, name);
  if (!key) return evaluation;
  return {
    ...evaluation,
    get key() {
      return random.foldIn(key, index);
    },
  };
}

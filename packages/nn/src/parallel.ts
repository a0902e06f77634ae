import { concatenate, random, ShapeError, type Tensor } from '@grad/core';
import { identity } from './flatten.ts';
import type { AnyLayer, Layer } from './layer.ts';
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
import { asInput, shapeOf } from './operands.ts';
import { trainingOf } from './sequential.ts';

/** How results of branches come together. */
export interface ParallelOptions {
  /** Their sum, or one after the other along an axis; `add` when left out. */
  readonly combine?: 'add' | 'concatenate';
  /** Axis to concatenate along; 1 when left out, the channels. */
  readonly axis?: number;
}

/** Layers that each have the same input. */
export interface Parallel<P, S, N extends string = string> extends Layer<P, S> {
  readonly kind: 'parallel';
  readonly layers: Readonly<Record<N, AnyLayer>>;
  readonly combine: 'add' | 'concatenate';
  readonly axis: number;
}

/**
 * Layers that each have the same input, and whose results are added or concatenated: inception blocks,
 * skips of U-Nets and DenseNets. Parameters and state are as in `sequential`.
 *
 * @throws TypeError when a name is a whole number or has a dot in it, or something is no layer.
 */
export function parallel<const L extends Layers>(
  layers: L,
  options?: ParallelOptions,
): Parallel<ParamsOf<L>, StateOf<L>, keyof L & string>;
export function parallel(
  layers: Layers,
  { combine = 'add', axis = 1 }: ParallelOptions = {},
): Parallel<unknown, unknown> {
  const kind = 'parallel';
  checkLayers(kind, layers);
  if (combine !== 'add' && combine !== 'concatenate') {
    throw new TypeError(
      `parallel: combine is ${String(combine)}; it must be 'add' or 'concatenate'.`,
    );
  }
  const names = Object.keys(layers);
  const each = <T>(run: (layer: AnyLayer, name: string, i: number) => T): T[] =>
    Object.entries(layers).map(([name, layer], i) =>
      inLayer(kind, name, () => run(layer, name, i)),
    );
  const join = (results: readonly Tensor[]): Tensor => {
    if (combine === 'concatenate') return concatenate(results, { axis });
    return results.reduce((sum, y) => {
      if (sum.ndim === y.ndim && sum.shape.every((n, i) => n === y.shape[i])) return sum.add(y);
      throw new ShapeError(
        `parallel: the branches ${names.join(', ')} give ${results.map(shapeOf).join(' and ')}, which cannot be added. Change the way around as well, for instance by a convolution with strides.`,
      );
    });
  };

  const layer: Parallel<unknown, unknown> = {
    kind,
    form: 'other',
    layers,
    combine,
    axis,
    init: (key) => {
      const keys = random.keys(key, names.length);
      return treeOfEach(layers, (of, i) => of.init(keys.at(i)));
    },
    initState: () => treeOfEach(layers, (of) => of.initState()),
    apply: (params, x, options) => {
      const made = asInput(x);
      return join(
        each((of, name) => of.apply(treeOf(params, name), made, evaluationOf(options, name))),
      );
    },
    train: (params, x, options) => {
      const made = asInput(x);
      const results = each((of, name, i) =>
        of.train(treeOf(params, name), made, trainingOf(options, name, i)),
      );
      return [join(results.map(([y]) => y)), treeOfEach(layers, (_, i) => results[i]?.[1])];
    },
    walk: (params, x, options, path) => {
      const branches = each((of, name) =>
        stepsOf(of, treeOf(params, name), x, evaluationOf(options, name), pathOf(path, name)),
      );
      const output = join(branches.map((steps) => steps.at(-1)?.output ?? x));
      const apply = (input: Tensor): Tensor => layer.apply(params, input, options);
      return [{ name: path, layer, params, input: x, output, apply, branches }];
    },
  };
  return layer;
}

/**
 * body(x) + shortcut(x), where the shortcut is x itself unless said otherwise.
 *
 * @see He, Zhang, Ren and Sun, Deep residual learning for image recognition, arXiv:1512.03385.
 */
export function residual<const B extends AnyLayer, const C extends AnyLayer = Layer>(
  body: B,
  shortcut?: C,
): Parallel<
  ParamsOf<{ readonly body: B; readonly shortcut: C }>,
  StateOf<{ readonly body: B; readonly shortcut: C }>,
  'body' | 'shortcut'
>;
export function residual(
  body: AnyLayer,
  shortcut: AnyLayer = identity(),
): Parallel<unknown, unknown, 'body' | 'shortcut'> {
  return parallel<{ body: AnyLayer; shortcut: AnyLayer }>({ body, shortcut });
}

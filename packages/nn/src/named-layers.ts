import { DTypeError, ShapeError, type Tensor, tree } from '@grad/core';
import type { AnyLayer, Evaluation, Layer, Step } from './layer.ts';

/** Layers by name. Names are in the order of the object literal. */
export type Layers = Readonly<Record<string, AnyLayer>>;

/** Parameters by name of the layer; those that have none are left out. */
export type ParamsOf<L extends Layers> = {
  readonly [K in keyof L as keyof ReturnType<L[K]['init']> extends never ? never : K]: ReturnType<
    L[K]['init']
  >;
};

/** State by name of the layer; those that keep none are left out. */
export type StateOf<L extends Layers> = {
  readonly [K in keyof L as keyof ReturnType<L[K]['initState']> extends never
    ? never
    : K]: ReturnType<L[K]['initState']>;
};

/** Parameters or states of layers, by name. */
type Trees = Readonly<Record<string, unknown>>;

/** Refuses what is no object of layers, and names that it could not keep in order. */
export function checkLayers(kind: string, layers: Layers): void {
  const names = typeof layers === 'object' && layers !== null ? Object.keys(layers) : [];
  if (names.length === 0) {
    throw new TypeError(`${kind}: takes an object of layers by name, with at least one.`);
  }
  for (const name of names) {
    // JavaScript would list such names before all others, in the order of their numbers.
    if (/^(0|[1-9]\d*)$/.test(name) || name.includes('.')) {
      throw new TypeError(
        `${kind}: '${name}' cannot be the name of a layer: names are no whole numbers, and have no dots. Try 'layer${name.replaceAll('.', '_')}'.`,
      );
    }
    const layer: unknown = layers[name];
    if (typeof layer === 'object' && layer !== null && 'apply' in layer && 'init' in layer)
      continue;
    throw new TypeError(
      `${kind}: '${name}' is no layer; it is ${typeof layer}. A function such as relu becomes one by activation(relu).`,
    );
  }
}

/** One tree for each layer, without those that have no leaves. */
export function treeOfEach(
  layers: Layers,
  make: (layer: AnyLayer, index: number) => unknown,
): Trees {
  const made = Object.entries(layers).map(([name, layer], i) => [name, make(layer, i)] as const);
  return Object.fromEntries(made.filter(([, part]) => tree.leaves(part).length > 0));
}

/** The tree of one layer, empty when it was left out. */
export function treeOf(trees: unknown, name: string): unknown {
  const found: unknown =
    typeof trees === 'object' && trees !== null ? Reflect.get(trees, name) : undefined;
  return found ?? {};
}

/** What a layer is told of its own state. */
export function evaluationOf(
  options: Evaluation<unknown> | undefined,
  name: string,
): Evaluation<unknown> {
  return options?.state === undefined ? {} : { state: treeOf(options.state, name) };
}

/** Runs what belongs to a layer inside another one, and names it in errors about shapes and dtypes. */
export function inLayer<T>(kind: string, name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = `${kind}: in layer '${name}': ${error.message}`;
    const { constructor: kindOfError } = error;
    if (kindOfError === ShapeError) throw new ShapeError(message, { cause: error });
    if (kindOfError === DTypeError) throw new DTypeError(message, { cause: error });
    if (kindOfError === TypeError) throw new TypeError(message, { cause: error });
    throw error;
  }
}

/** The steps of one layer, which may be made of layers. */
export function stepsOf<P, S>(
  layer: Layer<P, S>,
  params: P,
  x: Tensor,
  options: Evaluation<S>,
  path: string,
): readonly Step[] {
  if (layer.walk) return layer.walk(params, x, options, path);
  const apply = (input: Tensor): Tensor => layer.apply(params, input, options);
  return [{ name: path, layer, params, input: x, output: apply(x), apply, branches: [] }];
}

/** The name of a layer inside another one. */
export function pathOf(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

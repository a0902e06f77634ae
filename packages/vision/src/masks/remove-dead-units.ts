import { isTensor, type Tensor, take, tensor, zeros } from '@grad/core';
import {
  type AnyLayer,
  dense,
  isActivation,
  type Sequential,
  sequential,
  type WeightParams,
} from '@grad/nn';

/** A network without the units that do nothing. */
export interface SmallerNetwork {
  readonly model: Sequential<Readonly<Record<string, WeightParams>>, unknown>;
  readonly params: Readonly<Record<string, WeightParams>>;
  /** Units of each dense layer that are left. */
  readonly units: Readonly<Record<string, number>>;
}

interface Part {
  readonly name: string;
  readonly weight: Tensor;
  readonly bias: Tensor;
  /** Functions between it and the next dense layer, by name. */
  readonly between: Record<string, AnyLayer>;
}

/**
 * The same function as a smaller network: hidden units that nothing goes out of are removed, and those that
 * nothing comes into, which are constants, go into the biases of the next layer; again, until none are left.
 *
 * @param model `sequential` of `dense` layers and elementwise activations, such as `mlp`
 * @param params masked, with exact zeros
 * @throws TypeError when there are other layers, or params are not those of the model.
 */
export function removeDeadUnits(
  model: Pick<Sequential<unknown, unknown>, 'layers'>,
  params: unknown,
): SmallerNetwork {
  const { before, parts } = partsOf(model.layers, params);
  let [made, previous] = [parts, ''];
  for (;;) {
    const done: Part[] = [];
    for (const part of made) {
      const last = done.pop();
      done.push(...(last ? joined(last, part) : [part]));
    }
    made = done;
    const sizes = made.map(({ bias }) => bias.size).join();
    if (sizes === previous) break;
    previous = sizes;
  }
  const layers: Record<string, AnyLayer> = { ...before };
  const kept: Record<string, WeightParams> = {};
  const units: Record<string, number> = {};
  for (const { name, weight, bias, between } of made) {
    const { dtype } = weight;
    layers[name] = dense(weight.shape[0] ?? 0, bias.size, {
      dtype: dtype === 'float64' ? dtype : 'float32',
    });
    Object.assign(layers, between);
    kept[name] = { weight, bias };
    units[name] = bias.size;
  }
  return { model: built(layers), params: kept, units };
}

function built(layers: Record<string, AnyLayer>): SmallerNetwork['model'];
function built(layers: Record<string, AnyLayer>): Sequential<unknown, unknown> {
  return sequential(layers);
}

/** Two layers without the dead units between them; one unit is always kept. */
function joined(first: Part, next: Part): [Part, Part] {
  const isLive = live(first.weight.ne(0).astype('int32').sum({ axis: 0 }));
  const isUsed = live(next.weight.ne(0).astype('int32').sum({ axis: 1 }));
  const units = isLive.map((_, unit) => unit);
  const chosen = units.filter((unit) => isLive[unit] && isUsed[unit]);
  const kept = tensor(Int32Array.from(chosen.length > 0 ? chosen : [0]));
  const value = Object.values(first.between).reduce((h, f) => f.apply({}, h), first.bias);
  const constants = units.filter((unit) => !isLive[unit] && !(chosen.length === 0 && unit === 0));
  const index = tensor(Int32Array.from(constants));
  const shift =
    constants.length === 0
      ? zeros(next.bias.shape, { dtype: next.bias.dtype })
      : take(value, index).matmul(take(next.weight, index, { axis: 0 }));
  return [
    { ...first, weight: take(first.weight, kept, { axis: 1 }), bias: take(first.bias, kept) },
    { ...next, weight: take(next.weight, kept, { axis: 0 }), bias: next.bias.add(shift) },
  ];
}

function live(counts: Tensor): boolean[] {
  return Array.from(counts.dataSync(), (count) => count > 0);
}

function partsOf(
  layers: Readonly<Record<string, AnyLayer>>,
  params: unknown,
): { before: Record<string, AnyLayer>; parts: Part[] } {
  const before: Record<string, AnyLayer> = {};
  const parts: Part[] = [];
  for (const [name, layer] of Object.entries(layers)) {
    const last = parts.at(-1);
    if (layer.kind === 'dense') parts.push({ name, ...weightsOf(name, params), between: {} });
    else if (isActivation(layer) && layer.form === 'elementwise' && last)
      last.between[name] = layer;
    else if (layer.kind === 'flatten' && !last) before[name] = layer;
    else {
      throw new TypeError(
        `removeDeadUnits: layer '${name}' is ${layer.kind}; there may be dense layers with elementwise activations between them.`,
      );
    }
  }
  return { before, parts };
}

function weightsOf(name: string, params: unknown): { weight: Tensor; bias: Tensor } {
  const own: unknown = typeof params === 'object' && params !== null && Reflect.get(params, name);
  const weight: unknown = typeof own === 'object' && own !== null && Reflect.get(own, 'weight');
  const bias: unknown = typeof own === 'object' && own !== null && Reflect.get(own, 'bias');
  if (!isTensor(weight)) {
    throw new TypeError(`removeDeadUnits: the parameters have no weight of layer '${name}'.`);
  }
  const { dtype } = weight;
  return { weight, bias: isTensor(bias) ? bias : zeros([weight.shape[1] ?? 0], { dtype }) };
}

import type { Tensor } from '@grad/core';
import { Noise } from '../../src/backends/reference/noise.ts';
import { allocate, isFloat } from '../../src/tensor/dtype.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import type { TensorType } from '../../src/tensor/type.ts';
import type { FlatFunction } from '../../src/testing/flat-function.ts';
import { Side } from './agree.ts';
import type { InputSpec, Recipe } from './recipe.ts';
import { functionOf, type Traits } from './scope.ts';

/** A random function with values to try it on. */
export class Subject {
  readonly recipe: Recipe;
  /** The function, of all inputs. */
  readonly f: FlatFunction;
  /** The float results as a function of the float inputs; the other inputs are as `inputs` says. */
  readonly smooth: FlatFunction;
  /** The same with loops that keep all that their derivatives need. */
  readonly stored: FlatFunction;
  /** The values that laws have tried it on. */
  readonly drawn: Tensor[][] = [];
  readonly #traits: Traits = {
    stops: false,
    closesOver: false,
    reverseOnly: false,
    looks: false,
    differentiates: false,
  };
  readonly seed: number;
  #recorded: Side | undefined;

  constructor(recipe: Recipe, seed: number) {
    this.recipe = recipe;
    this.seed = seed;
    this.f = functionOf(recipe, { reverseOnly: true, checkpoints: true }, this.#traits);
    const sides = this.inputs().filter(({ dtype }) => !isFloat(dtype));
    const stored = functionOf(recipe, { reverseOnly: true, checkpoints: false }, this.#traits);
    this.stored = (...x) => stored(...x, ...sides).filter(({ dtype }) => isFloat(dtype));
    this.smooth = (...x) => this.f(...x, ...sides).filter(({ dtype }) => isFloat(dtype));
  }

  /** The function as a Program. */
  get recorded(): Side {
    this.#recorded ??= new Side(this.f, this.inputs(0, { values: this.values }));
    return this.#recorded;
  }

  /** Values that laws without derivatives use. */
  get values(): Values {
    return this.seed % 8 === 0 ? 'special' : 'round';
  }

  get traits(): Traits {
    return this.recorded && this.#traits;
  }

  get specs(): readonly InputSpec[] {
    return this.recipe.inputs;
  }

  /** Random values of all inputs; those that are batched have an axis more, where asked. */
  inputs(number = 0, { batch = [], values = 'round' }: InputOptions = {}): Tensor[] {
    const noise = new Noise(Math.imul(this.seed, 64) + number);
    const inputs = this.specs.map(({ kind, shape }, i) => {
      const at = batch[i];
      const full = at ? shape.toSpliced(at.axis, 0, at.size) : shape;
      const dtype = kind === 'float' ? this.recipe.dtype : kind === 'int' ? 'int32' : 'bool';
      const data = allocate(dtype, sizeOf(full));
      for (let k = 0; k < data.length; k++) data[k] = sample(kind, noise, values);
      return fromData(dtype, full, data);
    });
    this.drawn.push(inputs);
    return inputs;
  }

  /** Random values of the float inputs. */
  floats(number = 0, values: Values = 'round'): Tensor[] {
    return this.inputs(number, { values }).filter(({ dtype }) => isFloat(dtype));
  }

  /** Random numbers for the choices that a law makes. */
  noise(number: number): Noise {
    return new Noise(Math.imul(this.seed, 64) + number + 32);
  }
}

/** Normal numbers. */
export function randomOf({ dtype, shape }: TensorType, noise: Noise): Tensor {
  const data = allocate(dtype, sizeOf(shape));
  for (let k = 0; k < data.length; k++) data[k] = noise.normal();
  return fromData(dtype, shape, data);
}

export interface Batch {
  readonly axis: number;
  readonly size: number;
}

/**
 * Which floats there are among normal ones: none, so that no two are equal; a few round numbers, so
 * that comparisons meet ties and functions their special points; in one of eight functions NaN,
 * infinities and huge numbers as well.
 */
type Values = 'distinct' | 'round' | 'special';

interface InputOptions {
  /** Where inputs have another axis. */
  readonly batch?: readonly (Batch | null)[];
  readonly values?: Values;
}

const specialValues = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  1e30,
  1e-30,
];

function sample(kind: InputSpec['kind'], noise: Noise, values: Values): number {
  if (kind === 'int') return Math.floor(noise.uniform() * 12) - 4;
  if (kind === 'bool') return noise.uniform() < 0.5 ? 0 : 1;
  const chance = values === 'distinct' ? 1 : noise.uniform();
  if (values === 'special' && chance < 0.05) {
    return specialValues[Math.floor(noise.uniform() * specialValues.length)] ?? 0;
  }
  if (chance < 0.1) return Math.floor(noise.uniform() * 3) - 1;
  return Math.max(-3, Math.min(3, noise.normal()));
}

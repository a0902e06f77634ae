import { type Nested, type Tensor, tensor } from '@grad/core';

/** An input that is not what the eval promises; the message names the field. */
class InputError extends Error {
  override readonly name = 'InputError';
}

/** A value that came as JSON, whose parts are read by name and checked. */
export class Input {
  readonly #value: unknown;
  readonly #path: string;

  constructor(value: unknown, path = 'input') {
    this.#value = value;
    this.#path = path;
  }

  /** Whether it is an object with a part of that name. */
  has(name: string): boolean {
    return isObject(this.#value) && Object.hasOwn(this.#value, name);
  }

  /** A part of an object. */
  at(name: string): Input {
    const path = `${this.#path}.${name}`;
    if (isObject(this.#value) && this.has(name)) return new Input(this.#value[name], path);
    throw new InputError(`${path} is missing.`);
  }

  string(): string {
    return typeof this.#value === 'string' ? this.#value : this.#refuse('a string');
  }

  number(): number {
    return typeof this.#value === 'number' ? this.#value : this.#refuse('a number');
  }

  boolean(): boolean {
    return typeof this.#value === 'boolean' ? this.#value : this.#refuse('true or false');
  }

  /** A whole number that is not below `least`. */
  count(least = 0): number {
    const value = this.number();
    if (Number.isInteger(value) && value >= least) return value;
    return this.#refuse(`a whole number of at least ${least}`);
  }

  /** Numbers in nested arrays, with the extents of `shape`; null stands for any extent. */
  tensor(shape: readonly (number | null)[], dtype: 'float64' | 'int32' = 'float64'): Tensor {
    const expected = `an array of shape [${shape.map((extent) => extent ?? 'any').join(', ')}]`;
    if (!isNested(this.#value)) {
      const holdsOther = Array.isArray(this.#value);
      return this.#refuse(expected, holdsOther ? 'an array of other things' : undefined);
    }
    const made = tensor(this.#value, { dtype });
    const fits =
      made.ndim === shape.length &&
      shape.every((extent, axis) => extent === null || extent === made.shape[axis]);
    return fits ? made : this.#refuse(expected, `an array of shape [${made.shape.join(', ')}]`);
  }

  /** Whether it is an array with nothing in it. */
  isEmpty(): boolean {
    return Array.isArray(this.#value) && this.#value.length === 0;
  }

  #refuse(expected: string, found = describe(this.#value)): never {
    throw new InputError(`${this.#path} must be ${expected}; it is ${found}.`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNested(value: unknown): value is Nested {
  return typeof value === 'number' || (Array.isArray(value) && value.every(isNested));
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return isObject(value) ? 'an object' : `${JSON.stringify(value)}`;
}

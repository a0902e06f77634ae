import { Noise } from '../../src/backends/reference/noise.ts';
import { catalog, operationNamed } from './operations/index.ts';

/** One operation of a random function: what it does is up to numbers and to functions inside it. */
export interface Step {
  readonly op: string;
  /** Numbers that choose operands, axes and the like; missing ones count as 0. */
  readonly picks: readonly number[];
  readonly blocks?: readonly Block[];
}

/** A function in a random function: steps, and numbers that choose the value it returns. */
export interface Block {
  readonly steps: readonly Step[];
  readonly results: readonly number[];
}

/** A random function of tensors. All floats in it are of one dtype; every recipe can be built. */
export interface Recipe extends Block {
  readonly dtype: 'float32' | 'float64';
  readonly inputs: readonly InputSpec[];
}

export interface InputSpec {
  readonly kind: 'float' | 'int' | 'bool';
  readonly shape: readonly number[];
}

const shapes = [
  [],
  [3],
  [2, 3],
  [1],
  [2],
  [4],
  [3, 2],
  [1, 3],
  [3, 1],
  [5],
  [2, 2, 2],
  [7],
  [0],
  [0, 2],
];

/** Shapes of more elements than vectors, blocks of sums and unrolled loops have. */
const larger = [[33], [2, 19], [130], [3, 41], [9, 16]];

/** Numbers of a step are below this. */
export const span = 2520;

/** A random function, the same for the same seed. */
export function randomRecipe(seed: number): Recipe {
  return new Author(new Noise(seed)).recipe();
}

class Author {
  readonly #noise: Noise;
  /** Steps that may still be written, inner ones included. */
  #budget = 0;

  constructor(noise: Noise) {
    this.#noise = noise;
  }

  recipe(): Recipe {
    this.#budget = 3 + this.#below(12);
    const dtype = this.#below(3) === 0 ? 'float32' : 'float64';
    const floats = Array.from({ length: 1 + this.#below(3) }, () => this.#input('float'));
    const sides = Array.from({ length: this.#below(3) }, () =>
      this.#input(this.#below(3) === 0 ? 'bool' : 'int'),
    );
    const steps: Step[] = [];
    while (this.#budget > 0) steps.push(this.#step(0));
    return {
      dtype,
      inputs: [...floats, ...sides],
      steps,
      results: [],
    };
  }

  #below(n: number): number {
    return Math.floor(this.#noise.uniform() * n);
  }

  #numbers(count: number): number[] {
    return Array.from({ length: count }, () => this.#below(span));
  }

  #input(kind: InputSpec['kind']): InputSpec {
    const among = this.#below(16) === 0 ? larger : shapes;
    return { kind, shape: among[this.#below(among.length)] ?? [] };
  }

  #step(depth: number): Step {
    this.#budget -= 1;
    const op = this.#name(depth < 3 && this.#budget > 0);
    const picks = this.#numbers(8);
    const count = operationNamed(op)?.blocks ?? 0;
    if (count === 0) return { op, picks };
    return { op, picks, blocks: Array.from({ length: count }, () => this.#block(depth + 1)) };
  }

  #block(depth: number): Block {
    const steps: Step[] = [];
    const wanted = 1 + this.#below(3);
    while (steps.length < wanted && (this.#budget > 0 || steps.length === 0)) {
      steps.push(this.#step(depth));
    }
    return { steps, results: this.#numbers(2) };
  }

  #name(nested: boolean): string {
    const groups = catalog.filter((group) => nested || !group.nested);
    const total = groups.reduce((sum, { weight }) => sum + weight, 0);
    let at = this.#noise.uniform() * total;
    const group = groups.find(({ weight }) => {
      at -= weight;
      return at < 0;
    });
    const names = Object.keys((group ?? groups[0])?.operations ?? {});
    return names[this.#below(names.length)] ?? 'neg';
  }
}

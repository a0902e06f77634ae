import {
  any,
  at,
  broadcastTo,
  full,
  maximum,
  minimum,
  mod,
  mul,
  reshape,
  sum,
  type Tensor,
} from '@grad/core';
import { isFloat } from '../../src/tensor/dtype.ts';
import { operationNamed } from './operations/index.ts';
import { type Block, type Recipe, span } from './recipe.ts';

/** Reads the numbers of a step one after the other. */
export class Draw {
  readonly #picks: readonly number[];
  #next = 0;

  constructor(picks: readonly number[]) {
    this.#picks = picks;
  }

  /** A whole number from 0 to n - 1; 0 when the numbers are used up. */
  below(n: number): number {
    const pick = this.#picks[this.#next++] ?? 0;
    return n > 0 ? pick % n : 0;
  }

  /** A whole number from 0 to n - 1, small ones more often: 0 is the latest of n values. */
  recent(n: number): number {
    const pick = this.#picks[this.#next++] ?? 0;
    return Math.floor(n * ((pick % span) / span) ** 2);
  }

  flag(): boolean {
    return this.below(2) === 1;
  }

  of<T>(first: T, ...rest: readonly T[]): T {
    return [first, ...rest][this.below(rest.length + 1)] ?? first;
  }

  /** An axis of x, also counted from the end; 0 for a scalar. */
  axis({ ndim }: Tensor): number {
    const axis = this.below(2 * ndim);
    return axis < ndim ? axis : axis - 2 * ndim;
  }
}

/** What a random function may contain where it stands. */
export interface Abilities {
  /** Functions without forward mode may stand here. */
  readonly reverseOnly: boolean;
  /** Loops may keep less than all for their derivatives. */
  readonly checkpoints: boolean;
}

/** What a random function contains that some laws do not hold for. */
export interface Traits {
  /** It holds values fixed that depend on the arguments: finite differences see them move. */
  stops: boolean;
  /** A rule of its own counts as constant what it closes over, so that its slopes have no potential. */
  closesOver: boolean;
  /** It has no forward mode. */
  reverseOnly: boolean;
  /** It looks at values where there are any, and is differentiated in parts then. */
  looks: boolean;
  /** It differentiates in turn. */
  differentiates: boolean;
}

/** Results of more elements are cut. */
const maxSize = 160;

/** A value at hand, and whether a step of any function has read it. */
interface Value {
  readonly tensor: Tensor;
  read: boolean;
}

function entry(tensor: Tensor): Value {
  return { tensor, read: false };
}

/** The values that a step can use: those of the functions around it as well. Floats are in [-4, 4]. */
export class Scope {
  readonly dtype: Recipe['dtype'];
  readonly abilities: Abilities;
  readonly traits: Traits;
  readonly #values: Value[];

  constructor(
    dtype: Recipe['dtype'],
    values: readonly Value[],
    abilities: Abilities,
    traits: Traits,
  ) {
    this.dtype = dtype;
    this.abilities = abilities;
    this.traits = traits;
    this.#values = [...values];
  }

  /** Runs the steps of a function inside with parameters of its own, and gives all values. */
  #enter(block: Block, parameters: readonly Tensor[], options: EnterOptions): Scope {
    const outer = options.closed === true ? [] : this.#values;
    const abilities = { ...this.abilities, ...options.abilities };
    const values = [...outer, ...parameters.map(entry)];
    const inner = new Scope(this.dtype, values, abilities, this.traits);
    inner.run(block);
    return inner;
  }

  /** The float results of a function inside, as many as its block names. */
  call(
    block: Block | undefined,
    parameters: readonly Tensor[],
    options: EnterOptions = {},
  ): Tensor {
    if (block === undefined) return parameters[0] ?? this.constant([]);
    const inner = this.#enter(block, parameters, options);
    return inner.float(new Draw(block.results));
  }

  /** A bool scalar that a function inside gives. */
  test(
    block: Block | undefined,
    parameters: readonly Tensor[],
    options: EnterOptions = {},
  ): Tensor {
    const y = this.call(block, parameters, options);
    return sum(y).lt(this.number(0.3));
  }

  run(block: Block): void {
    for (const { op, picks, blocks = [] } of block.steps) {
      const made = operationNamed(op)?.build(this, new Draw(picks), blocks) ?? [];
      for (const value of Array.isArray(made) ? made : [made]) this.push(value);
    }
  }

  push(value: Tensor): void {
    const small = value.size > maxSize ? at(reshape(value, [value.size]), [0, 19]) : value;
    this.#values.push(entry(small));
  }

  #choose(draw: Draw, suits: (x: Tensor) => boolean): Tensor | undefined {
    const suited = this.#values.filter(({ tensor }) => suits(tensor));
    const chosen = suited.at(-1 - draw.recent(suited.length));
    if (chosen) chosen.read = true;
    return chosen?.tensor;
  }

  /** The values that no step has read, the latest six of them. */
  get unread(): Tensor[] {
    const values = this.#values.filter(({ read }) => !read);
    return values.slice(-6).map(({ tensor }) => tensor);
  }

  any(draw: Draw): Tensor {
    return this.#choose(draw, () => true) ?? this.constant([]);
  }

  float(draw: Draw): Tensor {
    return this.#choose(draw, ({ dtype }) => isFloat(dtype)) ?? this.constant([]);
  }

  /** A number of any dtype but bool. */
  numeric(draw: Draw): Tensor {
    return this.#choose(draw, ({ dtype }) => dtype !== 'bool') ?? this.constant([]);
  }

  /** A float with at least one axis. */
  array(draw: Draw): Tensor {
    const x = this.#choose(draw, ({ dtype, ndim }) => isFloat(dtype) && ndim > 0);
    return x ?? broadcastTo(this.float(draw), [3]);
  }

  int(draw: Draw): Tensor {
    const x = this.#choose(draw, ({ dtype }) => dtype === 'int32');
    return x ?? wholeNumber(this.float(draw));
  }

  bool(draw: Draw): Tensor {
    const x = this.#choose(draw, ({ dtype }) => dtype === 'bool');
    return x ?? this.float(draw).lt(this.number(0.2));
  }

  /** Positions below n, n > 0, from whole numbers. */
  index(draw: Draw, n: number): Tensor {
    return mod(this.int(draw), n);
  }

  /** Another float that broadcasts with x, or one of its shape. */
  partner(x: Tensor, draw: Draw): Tensor {
    const y = this.float(draw);
    const [long, short] = x.ndim < y.ndim ? [y.shape, x.shape] : [x.shape, y.shape];
    const lead = long.length - short.length;
    const fits = short.every(
      (n, i) => n === long[i + lead] || n === 1 || (long[i + lead] ?? 0) === 1,
    );
    return fits ? y : this.fit(y, x.shape);
  }

  /** A value like x in shape, made of another of any dtype, whose dtype it keeps. */
  fit(x: Tensor, shape: readonly number[]): Tensor {
    const size = shape.reduce((product, extent) => product * extent, 1);
    if (x.size === size) return reshape(x, shape);
    if (x.dtype === 'bool') return broadcastTo(any(x), shape);
    const total = sum(x);
    return broadcastTo(isFloat(x.dtype) ? mul(total, 1 / Math.max(1, x.size)) : total, shape);
  }

  /** A number in the dtype of the function, part of the Program or an input of it. */
  number(value: number): Tensor {
    return full([], value, { dtype: this.dtype });
  }

  constant(shape: readonly number[]): Tensor {
    return full(shape, 0.75, { dtype: this.dtype });
  }

  /** Any float held between -2 and 2, smoothly; NaN and infinities stay. */
  tame(x: Tensor): Tensor {
    return x.div(x.square().mul(0.25).add(1).sqrt());
  }
}

interface EnterOptions {
  readonly abilities?: Partial<Abilities>;
  /** Whether it sees its parameters only. */
  readonly closed?: boolean;
}

/** A whole number from -6 to 6. */
export function wholeNumber(x: Tensor): Tensor {
  return maximum(minimum(x.mul(2), 6), -6).astype('int32');
}

/** The random function of a recipe: of all its inputs, giving some of its values. */
export function functionOf(recipe: Recipe, abilities: Abilities, traits: Traits) {
  return (...inputs: readonly Tensor[]): Tensor[] => {
    const scope = new Scope(recipe.dtype, inputs.map(entry), abilities, traits);
    scope.run(recipe);
    // A recipe names one result, or none: then everything that no step has read is a result.
    const [pick] = recipe.results;
    const results = pick === undefined ? scope.unread : [scope.any(new Draw([pick]))];
    const floating = results.some(({ dtype }) => isFloat(dtype));
    return floating ? results : [...results, scope.float(new Draw([]))];
  };
}

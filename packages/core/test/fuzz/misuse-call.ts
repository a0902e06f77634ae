import * as core from '@grad/core';

/** What an argument is, which says what is wrong in its place. */
export type Kind =
  | 'tensor'
  | 'float'
  | 'index'
  | 'mask'
  | 'axis'
  | 'count'
  | 'number'
  | 'shape'
  | 'text'
  | 'flag'
  | 'dtype'
  | 'list'
  | 'tree'
  | 'function'
  | 'scalar function'
  /** A function that may give anything. */
  | 'caller'
  | 'list of numbers'
  | 'list of tensors'
  | 'range'
  | 'list of pairs'
  /** Anything goes. */
  | 'value'
  /** Real numbers, or a pair of real and imaginary parts. */
  | 'complex'
  | 'sparse matrix'
  /** Whole numbers of a list or an Int32Array, as of a pattern. */
  | 'positions'
  | 'boolean'
  /** A number that is not negative. */
  | 'tolerance'
  /** Any structure, of what need not be known. */
  | 'structure'
  | 'label'
  | 'padding'
  | 'axes'
  /** The shape of a sparse matrix, which may be as large as can be. */
  | 'extents'
  /** Whole numbers, or null for the end of an axis. */
  | 'bounds'
  /** Any structure, which what is no tensor may stand in too. */
  | 'whole tree'
  | 'options';

/** A right argument, and for options what each of them is. */
export interface Argument {
  readonly kind: Kind;
  readonly value: unknown;
  readonly fields?: Readonly<Record<string, Argument>>;
}

/** A public function and arguments that it takes. */
export interface Call {
  /** A name that its messages must contain. */
  readonly name: string;
  readonly run: (...args: readonly unknown[]) => unknown;
  readonly args: readonly Argument[];
}

export const arg = (kind: Kind, value: unknown): Argument => ({ kind, value });

export function options(fields: Readonly<Record<string, Argument>>): Argument {
  const value = Object.fromEntries(Object.entries(fields).map(([name, { value: v }]) => [name, v]));
  return { kind: 'options', value, fields };
}

/** The function of a name, called with whatever is given. */
export function publicFunction(name: string, space: object = core): Call['run'] {
  const f: unknown = Reflect.get(space, name);
  if (typeof f !== 'function') throw new Error(`${name} is not a public function`);
  return (...args) => Reflect.apply(f, undefined, args);
}

/** A function that gives a function, which is called with the last `last` arguments. */
function curried(name: string, last: number, space: object): Call['run'] {
  const f = publicFunction(name, space);
  return (...args) => {
    const made = f(...args.slice(0, args.length - last));
    if (typeof made !== 'function') throw new Error(`${name} gave no function`);
    return Reflect.apply(made, undefined, args.slice(args.length - last));
  };
}

export function calls(
  names: string,
  args: readonly Argument[],
  space?: object,
  prefix = '',
): Call[] {
  return names
    .split(' ')
    .map((name) => ({ name: `${prefix}${name}`, run: publicFunction(name, space), args }));
}

export function higher(
  name: string,
  args: readonly Argument[],
  last: number,
  space: object = core,
): Call {
  return { name, run: curried(name, last, space), args };
}

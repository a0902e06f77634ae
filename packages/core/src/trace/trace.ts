import {
  type Atom,
  type Equation,
  newLiteral,
  newVar,
  noParams,
  type Operation,
  type Params,
  type Program,
  type Var,
} from '../program/program.ts';
import { Recent } from '../program/recent.ts';
import { copyParams } from '../program/static.ts';
import { describeValue } from '../tensor/check.ts';
import { allocate, toDtype } from '../tensor/dtype.ts';
import { Elements, Symbolic, type ValueStorage } from '../tensor/storage.ts';
import { isTensor, makeTensor, type Tensor } from '../tensor/tensor.ts';
import { checkType, describeType, type TensorType, type ValueType } from '../tensor/type.ts';
import { executor } from './executor.ts';
import type { Differentiation, TraceOptions } from './options.ts';
import { fromSourceOf, recordsSources, sourceOf } from './sources.ts';
import { leaked, Traced } from './traced.ts';

export { fromSourceOf, recordSources, recordsSources, withSource } from './sources.ts';

/** The literals that may be part of a Program's structure; all others are inputs. */
const structural = new Set([0, 1, -1, 2, 0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);

/** Traces under construction, outermost first. An operation goes to the last one. */
const open: Trace[] = [];

/** A Program under construction. */
export class Trace {
  readonly name: string;
  /** Whether it records what rules of primitives do, and nothing of the user's code. */
  readonly ofRules: boolean;
  /** Whether values that depend on arguments can be asked for. */
  readonly concrete: boolean;
  readonly #eager: boolean;
  readonly #inputs: Var[] = [];
  #equations: Equation[] = [];
  /** What stands for the equations that ran already, in the order in which they did. */
  readonly #remembered: Equation[] = [];
  readonly #captures = new Map<Symbolic | ValueStorage, { tensor: Tensor; variable: Var }>();
  /** Of captures, of what was computed from them, and of arguments where these are known. */
  readonly #values = new Map<Var, Tensor>();
  readonly #differentiation: Differentiation | undefined;
  /** Variables that depend on active arguments. */
  readonly #active = new Set<Atom>();

  constructor({ name, values, differentiation, eager = false, ofUser = false }: TraceOptions) {
    this.name = name;
    this.ofRules = !ofUser;
    this.#eager = eager;
    this.concrete = values !== undefined;
    this.#differentiation = differentiation;
  }

  /** A new argument of the Program. */
  input(type: ValueType, value?: Tensor): Tensor {
    const variable = newVar(type);
    if (this.#differentiation?.active[this.#inputs.length]) this.#active.add(variable);
    this.#inputs.push(variable);
    if (value) this.#values.set(variable, value);
    return makeTensor(type, new Traced(this, variable));
  }

  literal(value: number, type: TensorType): Tensor {
    const atom = newLiteral(value, type.dtype, type.weak);
    return makeTensor(type, new Traced(this, atom));
  }

  /** The atom of a tensor; one from outside becomes an input of the Program. */
  atomOf(tensor: Tensor, operation: string): Atom {
    const { source } = tensor;
    if (source instanceof Traced) {
      if (source.trace === this) return source.atom;
      if (!open.includes(source.trace)) throw leaked(operation, tensor.type, source);
      if (source.atom.kind === 'literal') return source.atom;
    } else if (source instanceof Symbolic) {
      source.concrete(operation);
    }
    let capture = this.#captures.get(source);
    if (capture === undefined) {
      capture = { tensor, variable: newVar(tensor.type) };
      this.#captures.set(source, capture);
      this.#values.set(capture.variable, tensor);
    }
    return capture.variable;
  }

  record(operation: Operation, operands: readonly Tensor[], given: Params): Tensor[] {
    const params = copyParams(given);
    const inputs = operands.map((operand) => this.atomOf(operand, operation.name));
    const types = operation.typeOf(
      inputs.map((input) => input.type),
      params,
    );
    for (const type of types) checkType(operation.name, type);
    const outputs = types.map(newVar);
    const source = sourceOf(operation, this.#eager);
    this.#equations.push({ operation, inputs, params, outputs, ...(source && { source }) });
    if (inputs.some((input) => this.#active.has(input))) {
      for (const output of outputs) this.#active.add(output);
    }
    return outputs.map((output) => makeTensor(output.type, new Traced(this, output)));
  }

  /**
   * Value of an atom now: runs the equations that it needs and that have not run yet. What depends on
   * captures alone is known in every trace.
   */
  evaluate(atom: Atom, operation: string): ValueStorage {
    const values = this.#values;
    if (atom.kind === 'literal') {
      const program: Program = { inputs: [], equations: [], outputs: [atom] };
      const [value] = outside(this, () => evaluateProgram(program, []));
      return concreteOf(value, operation);
    }
    const known = values.get(atom);
    if (known) return concreteOf(known, operation);
    const inputs = new Set<Var>();
    const needed = new Set<Atom>([atom]);
    const equations: Equation[] = [];
    for (const equation of this.#equations.toReversed()) {
      if (!equation.outputs.some((o) => needed.has(o) && !values.has(o))) continue;
      equations.unshift(equation);
      for (const input of equation.inputs) {
        needed.add(input);
        if (input.kind === 'var' && values.has(input)) inputs.add(input);
      }
    }
    if (this.#inputs.some((input) => needed.has(input) && !values.has(input))) {
      throw new TypeError(
        `${operation}: the value is not known while ${this.name} records the function. ` +
          'Use where, cond or whileLoop instead of a JavaScript condition, and return what you want to see.',
      );
    }
    const made = new Set(equations.flatMap((equation) => equation.outputs));
    const given = [...inputs].filter((v) => !made.has(v));
    const program: Program = { inputs: given, equations, outputs: [...made] };
    const inputValues = given.flatMap((v) => values.get(v) ?? []);
    const results = outside(this, () => this.#run(program, inputValues));
    [...made].forEach((variable, i) => {
      const result = results[i];
      if (result) values.set(variable, result);
    });
    return concreteOf(values.get(atom), operation);
  }

  /**
   * Runs a part of the Program. When it will be differentiated, its equations give way to one that
   * remembers their results and residuals. It depends on what ran before it alone, and goes there.
   */
  #run(program: Program, inputs: readonly Tensor[]): readonly Tensor[] {
    const active = program.inputs.map((input) => this.#active.has(input));
    if (!this.#differentiation || !active.includes(true)) return evaluateProgram(program, inputs);
    const part = this.#differentiation.run(program, inputs, active);
    const { operation, params, values, residuals } = part;
    const ran = new Set(program.equations);
    this.#equations = this.#equations.filter((equation) => !ran.has(equation));
    this.#remembered.push({
      operation,
      inputs: [
        ...[...values, ...residuals].map((tensor) => this.atomOf(tensor, operation.name)),
        ...program.inputs.filter((_, i) => active[i]),
      ],
      params,
      outputs: program.equations.flatMap((equation) => equation.outputs),
    });
    return values;
  }

  finish(outputs: readonly Tensor[]): TracedProgram {
    const results = outputs.map((output) => this.atomOf(output, this.name));
    const captures = [...this.#captures.values()];
    return {
      program: {
        inputs: [...captures.map((c) => c.variable), ...this.#inputs],
        equations: [...this.#remembered, ...this.#equations],
        outputs: results,
      },
      captures: captures.map((c) => c.tensor),
    };
  }
}

/** Runs something outside `trace`: in the trace around it, or at once. */
function outside<T>(trace: Trace, body: () => T): T {
  const hidden = open.splice(open.indexOf(trace));
  try {
    return body();
  } finally {
    open.push(...hidden);
  }
}

function concreteOf(tensor: Tensor | undefined, operation: string): ValueStorage {
  if (tensor === undefined) throw new Error(`${operation}: the value was not computed.`);
  return tensor.source instanceof Symbolic ? tensor.source.concrete(operation) : tensor.source;
}

/** A finished Program; its first inputs are the values captured from outside. */
export interface TracedProgram {
  readonly program: Program;
  readonly captures: readonly Tensor[];
}

/** Records what `body` does with arguments of the given types. */
export function trace(
  types: readonly ValueType[],
  body: (...inputs: Tensor[]) => readonly Tensor[],
  options: TraceOptions,
): TracedProgram {
  const recording = new Trace(options);
  const inputs = types.map((type, i) => recording.input(type, options.values?.[i]));
  open.push(recording);
  try {
    return recording.finish(body(...inputs));
  } finally {
    open.splice(open.lastIndexOf(recording), 1);
  }
}

/**
 * Records a body that uses nothing but its arguments.
 *
 * @throws Error when it uses a tensor from outside.
 */
export function traceClosed(
  types: readonly ValueType[],
  body: (...inputs: Tensor[]) => readonly Tensor[],
  name: string,
): Program {
  const { program, captures } = trace(types, body, { name });
  if (captures.length === 0) return program;
  throw new Error(
    `${name}: a rule used a tensor of type ${captures.map(({ type }) => describeType(type)).join(', ')} from outside, inside of a loop or a branch. Make it an operand of the primitive, or write a number.`,
  );
}

/** Applies an operation: recorded by the innermost open trace, or run at once. */
export function bind(
  operation: Operation,
  operands: readonly Tensor[],
  params: Params = noParams,
): Tensor[] {
  const innermost = open.at(-1);
  if (innermost) return innermost.record(operation, operands, params);
  return [...perform(operation, operands, params, (...xs) => bind(operation, xs, params))];
}

/** Programs of operations that run at once. */
const eager = new WeakMap<object, Recent<Program>>();

/**
 * Applies what `body` is made of: recorded by the innermost open trace, or run at once, as one
 * call. It may depend on `operation` (which tells it from others), `params` and the types of the
 * operands, and on nothing else.
 */
export function perform(
  operation: Pick<Operation, 'name'>,
  operands: readonly Tensor[],
  params: Params,
  body: (...operands: Tensor[]) => readonly Tensor[],
): readonly Tensor[] {
  if (open.length > 0) return body(...operands);
  for (const { source, type } of operands) {
    if (source instanceof Traced) throw leaked(operation.name, type, source);
    if (source instanceof Symbolic) source.concrete(operation.name);
  }
  const recent = eager.get(operation) ?? new Recent(32);
  let program = recordsSources() ? undefined : recent.find(operands, params);
  if (program === undefined) {
    const types = operands.map(({ type }) => type);
    const traced = trace(types, body, { name: operation.name, eager: true });
    program = traced.program;
    if (traced.captures.length > 0) {
      return executor().run(program, [...traced.captures, ...operands]);
    }
    if (!recordsSources()) recent.add(operands, params, program);
    eager.set(operation, recent);
  }
  return executor().run(program, operands);
}

/** `perform` for what has one result. */
export function performOne(
  operation: Pick<Operation, 'name'>,
  operands: readonly Tensor[],
  params: Params,
  body: (...operands: Tensor[]) => Tensor,
): Tensor {
  const results = perform(operation, operands, params, (...xs) => [body(...xs)]);
  return only(results, operation.name);
}

/** Applies an operation that has one output. */
export function bindOne(
  operation: Operation,
  operands: readonly Tensor[],
  params: Params = noParams,
): Tensor {
  return only(bind(operation, operands, params), operation.name);
}

function only(tensors: readonly Tensor[], name: string): Tensor {
  const [tensor] = tensors;
  if (tensor === undefined || tensors.length !== 1) {
    throw new Error(`${name}: expected one result, got ${tensors.length}`);
  }
  return tensor;
}

/** A Program's equations applied to tensors: inlined into the open trace, or run at once. */
export function evaluateProgram(program: Program, inputs: readonly Tensor[]): readonly Tensor[] {
  const innermost = open.at(-1);
  if (innermost === undefined) return executor().run(program, inputs);
  const environment = new Environment();
  environment.define(program.inputs, inputs);
  for (const equation of program.equations) {
    const { operation, inputs: operands, params, outputs } = equation;
    const values = operands.map((o) => environment.read(o));
    environment.define(
      outputs,
      fromSourceOf(equation, () => bind(operation, values, params)),
    );
  }
  return program.outputs.map((output) => environment.read(output));
}

/** Tensors that stand for the variables of a Program while it is interpreted. */
export class Environment {
  readonly #values = new Map<Var, Tensor>();

  define(variables: readonly Var[], tensors: readonly Tensor[]): void {
    variables.forEach((variable, i) => {
      const tensor = tensors[i];
      if (tensor === undefined) {
        throw new Error(`A Program of ${variables.length} inputs was given ${tensors.length}.`);
      }
      this.#values.set(variable, tensor);
    });
  }

  has(variable: Var): boolean {
    return this.#values.has(variable);
  }

  read(atom: Atom): Tensor {
    if (atom.kind === 'literal') return literalOf(atom.value, atom.type);
    const tensor = this.#values.get(atom);
    if (tensor === undefined) throw new Error('A variable was read before its definition.');
    return tensor;
  }
}

/** A scalar that is part of the structure of the Program. */
export function literalOf(value: number, type: TensorType): Tensor {
  const innermost = open.at(-1);
  return innermost ? innermost.literal(value, type) : concreteScalar(value, type);
}

/**
 * A scalar from a number in code. Integers, 0, 1, -1, 2 and 0.5 are literals of the Program, and so
 * are all numbers in rules; other floats are inputs, so that a changing learning rate does not
 * recompile.
 */
export function scalarOf(value: number, type: TensorType): Tensor {
  const isLiteral =
    type.dtype === 'int32' ||
    type.dtype === 'bool' ||
    (structural.has(value) && !Object.is(value, -0)) ||
    open.at(-1)?.ofRules === true;
  return isLiteral ? literalOf(value, type) : concreteScalar(value, type);
}

function concreteScalar(value: number, type: TensorType): Tensor {
  const data = allocate(type.dtype, 1);
  data[0] = toDtype(type.dtype, value);
  return makeTensor(type, new Elements(data));
}

/** Whether a tensor belongs to an open trace. */
export function isTraced(tensor: Tensor): boolean {
  return tensor.source instanceof Traced;
}

/**
 * Whether the elements of a tensor are known for sure: not while `jit`, `vmap` or a loop records the
 * function that it belongs to, though what depends on no argument can be read there too.
 */
export function isConcrete(x: Tensor): boolean {
  if (!isTensor(x)) throw new TypeError(`isConcrete: takes a tensor; it is ${describeValue(x)}.`);
  const { source } = x;
  if (!(source instanceof Traced)) return true;
  return open.slice(0, open.indexOf(source.trace) + 1).every((trace) => trace.concrete);
}

/** Whether operations are recorded rather than run. */
export function isTracing(): boolean {
  return open.length > 0;
}

import { broadcast } from '../primitives/broadcast.ts';
import { primitiveOf } from '../primitives/define.ts';
import { identityOf, keyOf } from '../program/hash.ts';
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
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { TensorType } from '../tensor/type.ts';
import { fromSourceOf, trace, withSource } from '../trace/trace.ts';
import { simplifyEquation } from './algebra.ts';
import { loopCompiler } from './loop-compiler.ts';
import { isLoop } from './loop-equations.ts';

/**
 * One pass from the first equation to the last. Each equation, its operands replaced by what they
 * have become, is given to the rules of `algebra.ts`, compared with those that are there, and
 * appended only when it is new.
 */
export function rewrite(program: Program, { expand = true }: RewriteOptions = {}): Program {
  const rewriter = new Rewriter({ expand });
  const outputs = rewriter.inline(program, program.inputs);
  return { inputs: program.inputs, equations: rewriter.equations, outputs };
}

export interface RewriteOptions {
  /**
   * Whether operations without kernel code become what they are composed of. Before a Program is
   * differentiated they stay, for the sake of their own derivative rules.
   */
  readonly expand?: boolean;
}

/** A straight line of equations under construction. */
export class Rewriter {
  readonly equations: Equation[] = [];
  readonly #makers = new Map<Var, Equation>();
  readonly #seen = new Map<string, readonly Var[]>();
  readonly #literals = new Map<string, number>();
  readonly #numbers = new Map<Var, number>();
  readonly #options: RewriteOptions;

  constructor(options: RewriteOptions) {
    this.#options = options;
  }

  /** A line of its own for the body of a loop. */
  inside(): Rewriter {
    return new Rewriter(this.#options);
  }

  /** Appends the equations of a Program whose inputs are given, and returns its outputs. */
  inline(program: Program, inputs: readonly Atom[]): Atom[] {
    const values = new Map<Atom, Atom>();
    program.inputs.forEach((input, i) => {
      const value = inputs[i];
      if (value) values.set(input, value);
    });
    const read = (atom: Atom): Atom => values.get(atom) ?? atom;
    for (const equation of program.equations) {
      const { operation, inputs: operands, params, outputs } = equation;
      const given = operands.map(read);
      const results = fromSourceOf(equation, () => this.apply(operation, given, params, outputs));
      outputs.forEach((output, i) => {
        const result = results[i];
        if (result) values.set(output, result);
      });
    }
    return program.outputs.map(read);
  }

  /** The results of an operation, by whatever equations give them. */
  apply(
    operation: Operation,
    inputs: readonly Atom[],
    params: Params,
    like?: readonly Var[],
  ): readonly Atom[] {
    const types =
      like?.map(({ type }) => type) ??
      operation.typeOf(
        inputs.map(({ type }) => type),
        params,
      );
    const equation = withSource({ operation, inputs, params, outputs: types.map(newVar) });
    if (isLoop(equation)) return loopCompiler().rewrite(this, equation);
    const simpler = simplifyEquation(this, equation);
    if (simpler) return [simpler];
    const { lower, decompose } = primitiveOf(operation);
    if (this.#options.expand && lower === undefined && decompose) {
      const { program, captures } = trace(
        inputs.map(({ type }) => type),
        (...operands) => decompose(operands, params),
        { name: operation.name },
      );
      return this.inline(program, [...captures.map((c) => literalIn(operation, c)), ...inputs]);
    }
    return this.append(equation);
  }

  /** Like `apply`, for an operation with one result. */
  applyOne(operation: Operation, inputs: readonly Atom[], params: Params = noParams): Atom {
    const [result] = this.apply(operation, inputs, params);
    if (result === undefined) throw new Error(`${operation.name} has no result.`);
    return result;
  }

  /** Appends an equation, or gives the results of an equal one before it. */
  append(equation: Equation): readonly Var[] {
    const { operation, inputs, params, outputs } = equation;
    if (!isLoop(equation) && !operation.effect) {
      const operands = inputs.map((input) => this.#numberOf(input)).join(',');
      const key = `${identityOf(operation)}${keyOf(params)}(${operands})`;
      const known = this.#seen.get(key);
      if (known) return known;
      this.#seen.set(key, outputs);
    }
    for (const output of outputs) this.#makers.set(output, equation);
    this.equations.push(equation);
    return outputs;
  }

  /** The equation of an atom, when it is one of `operation`. */
  madeBy(atom: Atom, operation: Operation): Equation | undefined {
    const equation = atom.kind === 'var' ? this.#makers.get(atom) : undefined;
    return equation?.operation === operation ? equation : undefined;
  }

  /** The number that every element of an atom is known to be. */
  constantOf(atom: Atom): number | undefined {
    if (atom.kind === 'literal') return atom.value;
    const source = this.madeBy(atom, broadcast)?.inputs[0];
    return source?.kind === 'literal' ? source.value : undefined;
  }

  /** A tensor whose elements are all one number. */
  filled(value: number, { dtype, shape, weak }: TensorType): Atom {
    const literal = newLiteral(value, dtype, weak);
    return shape.length === 0 ? literal : this.applyOne(broadcast, [literal], { shape, axes: [] });
  }

  /** The same for what is the same value: a variable, or a literal wherever it stands. */
  #numberOf(atom: Atom): number {
    const next = this.#numbers.size + this.#literals.size;
    if (atom.kind === 'var') return numberIn(this.#numbers, atom, next);
    const { type, value } = atom;
    return numberIn(this.#literals, `${type.dtype}${Object.is(value, -0) ? '-0' : value}`, next);
  }
}

/** The number of a key, which is `next` where it has none. */
function numberIn<K>(numbers: Map<K, number>, key: K, next: number): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, next);
  return next;
}

/** A number in the decomposition of an operation: part of what the operation is, so a literal. */
function literalIn({ name }: Operation, tensor: Tensor): Atom {
  if (tensor.ndim > 0) {
    throw new Error(
      `${name}: its decomposition closes over a tensor of shape ${formatShape(tensor.shape)}; make it an operand, or make it of operations.`,
    );
  }
  return newLiteral(tensor.item(), tensor.dtype);
}

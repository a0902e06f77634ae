import type { DType } from '../tensor/dtype.ts';
import { type TensorType, tensorType, type ValueType } from '../tensor/type.ts';
import type { Source } from './source.ts';

/** The part of a primitive that a Program needs: its name and its typing rule. */
export interface Operation {
  /** Name in messages and print-outs; two operations may share a name, identity decides. */
  readonly name: string;
  /** Output types for operand types; throws a ShapeError or DTypeError that names the operation. */
  typeOf(operands: readonly ValueType[], params: Params): readonly ValueType[];
  /** Whether it may fail when it runs, so that its place in the user's code is worth knowing. */
  readonly mayFail?: boolean;
  /** Whether it runs in JavaScript, outside compiled code. */
  readonly onHost?: boolean;
  /**
   * Which step of its own the compiler makes of it: a loop or a choice, whose parameters are those
   * of `scan`, `whileLoop` or `cond`, or the length of a stack. The compiler goes by this and does
   * not import the operations, so that a page without loops loads neither what differentiates them
   * nor what compiles them.
   */
  readonly step?: 'scan' | 'while' | 'switch' | 'length';
  /** Whether it acts on the world: it is never dropped, repeated, merged or moved past another. */
  readonly effect?: boolean;
}

/** Static parameters of an equation: numbers, strings, booleans, lists, Programs. */
export type Params = object;

/** A value computed by an equation or given as an input. Identity decides which one it is. */
export interface Var {
  readonly kind: 'var';
  readonly type: ValueType;
}

/** A scalar constant that is part of the structure of a Program. */
export interface Literal {
  readonly kind: 'literal';
  readonly type: TensorType;
  readonly value: number;
}

/** An operand of an equation. */
export type Atom = Var | Literal;

/** `outputs = operation[params](inputs)`. */
export interface Equation {
  readonly operation: Operation;
  readonly inputs: readonly Atom[];
  readonly params: Params;
  readonly outputs: readonly Var[];
  /** Where the user's code asked for it, when that was recorded. */
  readonly source?: Source;
}

/** A typed, first-order list of equations in order of evaluation, closed over nothing. */
export interface Program {
  readonly inputs: readonly Var[];
  readonly equations: readonly Equation[];
  readonly outputs: readonly Atom[];
}

export function newVar(type: ValueType): Var {
  return { kind: 'var', type };
}

export function newLiteral(value: number, dtype: DType, weak = false): Literal {
  return { kind: 'literal', type: tensorType(dtype, [], weak), value };
}

/** Types of the inputs. */
export function inputTypes(program: Program): ValueType[] {
  return program.inputs.map((input) => input.type);
}

/** The Programs among the parameters of an equation, such as the body of a loop. */
export function subprograms(params: Params): readonly Program[] {
  if (params === noParams) return none;
  let found: Program[] | undefined;
  for (const value of Object.values(params)) {
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) {
      if (isProgram(value)) found = [...(found ?? []), value];
    } else if (value.some(isProgram)) {
      found = [...(found ?? []), ...value.filter(isProgram)];
    }
  }
  return found ?? none;
}

/** Of an operation that has none. */
export const noParams: Params = Object.freeze({});

const none: readonly Program[] = [];

export function isProgram(value: unknown): value is Program {
  return (
    typeof value === 'object' &&
    value !== null &&
    'equations' in value &&
    'inputs' in value &&
    'outputs' in value
  );
}

/** Number of equations, those of nested Programs included. */
export function countEquations(program: Program): number {
  let count = 0;
  for (const equation of program.equations) {
    count += 1;
    for (const inner of subprograms(equation.params)) count += countEquations(inner);
  }
  return count;
}

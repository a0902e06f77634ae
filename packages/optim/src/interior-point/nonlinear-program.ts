import {
  concatenate,
  grad,
  jit,
  type SparsityPattern,
  sparseJacobian,
  type Tensor,
  tensor,
  valueAndGrad,
} from '@grad/core';
import { patientCall } from '../patient-call.ts';

/** minimize f(x), where the first constraints are 0 and the others at least 0, and x is within bounds. */
export interface NonlinearProgram {
  readonly start: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Numbers of constraints. */
  readonly equalities: number;
  readonly inequalities: number;
  /** Value and constraints. */
  values(x: Float64Array, signal: AbortSignal | undefined): Promise<Values>;
  derivatives(
    x: Float64Array,
    multipliers: Float64Array,
    objectiveScale: number,
    signal: AbortSignal | undefined,
  ): Promise<Derivatives>;
}

export interface Values {
  readonly f: number;
  readonly c: Float64Array;
}

export interface SparseValues {
  readonly pattern: SparsityPattern;
  readonly data: Float64Array;
}

/** At a point: the gradient, the Jacobian of the constraints, and the Hessian of `scale f + multipliers'c`. */
export interface Derivatives {
  readonly gradient: Float64Array;
  readonly jacobian: SparseValues | null;
  readonly hessian: SparseValues;
}

/** What a program starts from, and its shape. */
export type Setting = Omit<NonlinearProgram, 'values' | 'derivatives'>;

/** A function of all unknowns, and of arguments that stay the same while it is minimized. */
export type VectorFunction = (x: Tensor, args: readonly Tensor[]) => Tensor;

/** Compiled functions of vectors, with which programs are made. */
export type CompiledProgram = (setting: Setting, args: readonly Tensor[]) => NonlinearProgram;

/** Functions of vectors, compiled. */
export function compileProgram(
  value: VectorFunction,
  constraints: VectorFunction | null,
): CompiledProgram {
  const none = tensor([]);
  // Recorded once, for all that is made of them.
  const [f, c] = [jit(value), constraints && jit(constraints)];
  const valuesAt = patientCall(
    jit((x: Tensor, args: readonly Tensor[]) => ({ f: f(x, args), c: c?.(x, args) ?? none })),
  );
  type At = { x: Tensor; args: readonly Tensor[]; multipliers: Tensor; scale: Tensor };
  const lagrangian = (x: Tensor, { args, multipliers, scale }: Omit<At, 'x'>): Tensor => {
    const own = f(x, args).mul(scale);
    return c ? own.add(c(x, args).mul(multipliers).sum()) : own;
  };
  const hessianOf = sparseJacobian(grad(lagrangian));
  const jacobianOf = c ? sparseJacobian(c) : null;
  const derivativesAt = patientCall(
    jit(({ x, ...rest }: At) => ({
      gradient: valueAndGrad(f)(x, rest.args)[1],
      jacobian: jacobianOf?.(x, rest.args) ?? null,
      hessian: hessianOf(x, rest),
    })),
  );
  return (setting, args) => ({
    ...setting,
    async values(x, signal) {
      const at = await valuesAt([tensor(x), args], signal);
      return { f: at.f.item(), c: numbers(at.c) };
    },
    async derivatives(x, multipliers, scale, signal) {
      const at = await derivativesAt(
        [{ x: tensor(x), args, multipliers: tensor(multipliers), scale: tensor(scale) }],
        signal,
      );
      const sparse = (m: { data: Tensor; pattern: SparsityPattern }): SparseValues => ({
        pattern: m.pattern,
        data: numbers(m.data),
      });
      return {
        gradient: numbers(at.gradient),
        jacobian: at.jacobian && sparse(at.jacobian),
        hessian: sparse(at.hessian),
      };
    },
  });
}

/** The program that looks for the least violation: half the sum of its squares. */
export function compileFeasibility(c: VectorFunction, equalities: number): CompiledProgram {
  const violation: VectorFunction = (x, args) => {
    const all = c(x, args);
    const held = all.at([0, equalities]);
    const below = all.at([equalities, all.size]).minimum(0);
    return concatenate([held, below]).square().sum().mul(0.5);
  };
  const program = compileProgram(violation, null);
  return (setting, args) => program({ ...setting, equalities: 0, inequalities: 0 }, args);
}

function numbers(vector: Tensor): Float64Array {
  return vector.read((data) => new Float64Array(data));
}

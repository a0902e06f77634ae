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

/** Functions of vectors, compiled. */
export function compileProgram(
  value: (x: Tensor) => Tensor,
  constraints: ((x: Tensor) => Tensor) | null,
  problem: Omit<NonlinearProgram, 'values' | 'derivatives'>,
): NonlinearProgram {
  const none = tensor([]);
  // Recorded once, for all that is made of them.
  const [f, c] = [jit(value), constraints && jit(constraints)];
  const valuesAt = patientCall(jit((x: Tensor) => ({ f: f(x), c: c?.(x) ?? none })));
  const lagrangian = (x: Tensor, multipliers: Tensor, scale: Tensor): Tensor => {
    const own = f(x).mul(scale);
    return c ? own.add(c(x).mul(multipliers).sum()) : own;
  };
  const hessianOf = sparseJacobian(grad(lagrangian));
  const jacobianOf = c ? sparseJacobian(c) : null;
  const derivativesAt = patientCall(
    jit((x: Tensor, multipliers: Tensor, scale: Tensor) => ({
      gradient: valueAndGrad(f)(x)[1],
      jacobian: jacobianOf?.(x) ?? null,
      hessian: hessianOf(x, multipliers, scale),
    })),
  );
  return {
    ...problem,
    async values(x, signal) {
      const at = await valuesAt([tensor(x)], signal);
      return { f: at.f.item(), c: numbers(at.c) };
    },
    async derivatives(x, multipliers, scale, signal) {
      const at = await derivativesAt([tensor(x), tensor(multipliers), tensor(scale)], signal);
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
  };
}

/** The program that looks for the least violation: half the sum of its squares. */
export function feasibilityProgram(
  c: (x: Tensor) => Tensor,
  problem: Omit<NonlinearProgram, 'values' | 'derivatives'>,
): NonlinearProgram {
  const { equalities } = problem;
  const violation = (x: Tensor): Tensor => {
    const all = c(x);
    const held = all.at([0, equalities]);
    const below = all.at([equalities, all.size]).minimum(0);
    return concatenate([held, below]).square().sum().mul(0.5);
  };
  return compileProgram(violation, null, { ...problem, equalities: 0, inequalities: 0 });
}

function numbers(vector: Tensor): Float64Array {
  return vector.read((data) => Float64Array.from(data));
}

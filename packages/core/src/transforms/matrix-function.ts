/**
 * A function f of a symmetric matrix A = V diag(w) V' is F = V diag(f(w)) V'. Its tangent has elements
 * f[w_i, w_j] E_ij in the basis V, with E = V' dA V and divided differences f[x, y] = (f(x) - f(y)) / (x - y),
 * f[x, x] = f'(x) (Daleckii and Krein; Higham, Functions of Matrices (2008), theorem 3.11).
 *
 * Where w_i and w_j are apart, A F = F A says what they are: with M = V' A V and F written in the basis V, it is
 * the X with M X - X M = F E - E F. Where they are near, they are
 *
 *     (f'(w_i) + f'(w_j)) / 2 - (w_i - w_j) (f''(w_i) - f''(w_j)) / 12 + O((w_i - w_j)^4),
 *
 * so that X = (G E + E G) / 2 - [M, [H, E]] / 12 with the matrices G and H of f' and f''. These are functions of
 * the matrix again, and each of them has its derivative by the same rule. Both forms hold in any basis of the space
 * that near eigenvalues span, so that the derivatives of V among these cancel, and are left out.
 */

import { toFloat } from '../functions/promote.ts';
import { asTensor } from '../functions/tensor.ts';
import { add, mul, sub } from '../primitives/arithmetic.ts';
import { broadcast } from '../primitives/broadcast.ts';
import { le } from '../primitives/compare.ts';
import { filledLike } from '../primitives/create.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import { diagonalEquation } from '../primitives/diagonal-equation.ts';
import { eigh } from '../primitives/eigh.ts';
import { abs } from '../primitives/elementary.ts';
import { matrixTranspose } from '../primitives/matrices.ts';
import { multiply, rows, symmetric } from '../primitives/matrix.ts';
import { shareOfLargest } from '../primitives/reciprocal-beyond.ts';
import { reshape } from '../primitives/reshape.ts';
import { select } from '../primitives/select.ts';
import type { Program } from '../program/program.ts';
import { checkFunction } from '../tensor/check.ts';
import { roundingUnit } from '../tensor/dtype.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { formatShape, ShapeError, sameShape } from '../tensor/shape.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { tensorType, type ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram, trace, traceClosed } from '../trace/trace.ts';
import { batchProgram, withBatch } from './batch-program.ts';
import { jvp } from './jvp.ts';

/** Operands: the matrices, then what f closes over. */
interface MatrixFunctionParams {
  /** `[...captures, eigenvalues] -> values`. */
  readonly f: Program;
}

/** Eigenvalues whose distance is below this share of the largest are near. */
function nearShare(x: Tensor): number {
  return typeOf(x).dtype === 'float64' ? 1e-3 : 2e-2;
}

interface Decomposition {
  /** `[..., 1, n]` */
  readonly w: Tensor;
  /** Eigenvectors as rows. */
  readonly basis: Tensor;
}

function decomposed(x: Tensor): Decomposition {
  const packed = eigh(x, { vectors: true, near: nearShare(x) });
  return { w: rows(packed, 0, 1), basis: rows(packed, 1, x.shape.at(-1) ?? 0) };
}

function applied(f: Program, captures: readonly Tensor[], { w, basis }: Decomposition): Tensor {
  const [values] = evaluateProgram(f, [
    ...captures,
    reshape(w, { shape: w.shape.toSpliced(-2, 1) }),
  ]);
  if (!values) throw new Error('unreachable');
  const column = matrixTranspose(reshape(values, { shape: w.shape }));
  const stretched = broadcast(column, { shape: basis.shape, axes: basis.shape.map((_, i) => i) });
  return multiply(matrixTranspose(basis), mul(stretched, basis));
}

/** The derivative of a Program by its last input, element by element. */
function derivativeOf(f: Program): Program {
  return traceClosed(
    f.inputs.map(({ type }) => type),
    (...all) => {
      const x = all.at(-1);
      if (!x) throw new Error('unreachable');
      const of = (t: Tensor): readonly Tensor[] => evaluateProgram(f, [...all.slice(0, -1), t]);
      return jvp<[Tensor], readonly Tensor[]>(of, [x], [filledLike(x, 1)])[1];
    },
    'derivative',
  );
}

/** The Program of the derivative by one of what it closes over, along a tangent that is one more. */
function tangentOf(f: Program, which: number): Program {
  const types = f.inputs.map(({ type }) => type);
  const along = types[which];
  if (!along) throw new Error('unreachable');
  return traceClosed(
    [along, ...types],
    (tangent, ...all) => {
      const at = all[which];
      if (!tangent || !at) throw new Error('unreachable');
      const of = (t: Tensor): readonly Tensor[] => evaluateProgram(f, all.with(which, t));
      return jvp<[Tensor], readonly Tensor[]>(of, [at], [tangent])[1];
    },
    'tangent',
  );
}

const matrixFunctionOperation: Primitive = defineOperation({
  name: 'matrixFunction',

  typeOf: ([x]: readonly ValueType[]) => (x ? [x] : []),

  decompose: ([x, ...captures]: readonly Tensor[], { f }: MatrixFunctionParams) =>
    x ? [applied(f, captures, decomposed(x))] : [],

  linearizeAll: (operands, { f }: MatrixFunctionParams, active): Linearized => {
    const [x, ...captures] = operands;
    if (!x) throw new Error('unreachable');
    const of = (program: Program): Tensor => {
      const [result] = bind(matrixFunctionOperation, operands, { f: program });
      if (!result) throw new Error('unreachable');
      return result;
    };
    const result = of(f);
    const found = decomposed(x);
    const tangentOfMatrix = active[0] ? tangentMap(x, result, found, of, f) : undefined;
    return {
      outputs: [result],
      active: [active.includes(true)],
      pushforward: ([dx, ...moved]) => {
        const parts = [dx && tangentOfMatrix?.(dx)];
        moved.forEach((tangent, i) => {
          if (tangent) parts.push(applied(tangentOf(f, i), [tangent, ...captures], found));
        });
        const given = parts.filter((part) => part !== undefined && part !== null);
        return [given.length === 0 ? null : given.reduce((x, y) => add(x, y))];
      },
    };
  },

  vmap: (operands, batched, { f }: MatrixFunctionParams, size): Batched => {
    const [x, ...captures] = operands;
    if (!x) throw new Error('unreachable');
    const { program } = batchProgram(f, [...batched.slice(1), true], size, [true]);
    const matrices = withBatch(x, batched[0] === true, size);
    return {
      outputs: bind(matrixFunctionOperation, [matrices, ...captures], { f: program }),
      batched: [true],
    };
  },
});

function tangentMap(
  x: Tensor,
  result: Tensor,
  { w, basis }: Decomposition,
  of: (program: Program) => Tensor,
  f: Program,
): (dx: Tensor) => Tensor {
  const inBasis = (t: Tensor): Tensor => multiply(multiply(basis, t), matrixTranspose(basis));
  const first = derivativeOf(f);
  const [m, value] = [inBasis(symmetric(x)), inBasis(result)];
  const [g, h] = [inBasis(of(first)), inBasis(of(derivativeOf(first)))];
  const share = nearShare(x);
  const axes = m.shape.map((_, axis) => axis);
  const spread = (t: Tensor): Tensor => broadcast(t, { shape: m.shape, axes });
  const near = le(
    abs(sub(spread(matrixTranspose(w)), spread(w))),
    spread(shareOfLargest(w, share)),
  );
  const bracket = (a: Tensor, b: Tensor): Tensor => sub(multiply(a, b), multiply(b, a));
  return (dx) => {
    const e = inBasis(symmetric(dx));
    const mean = add(multiply(g, e), multiply(e, g));
    const curved = bracket(m, bracket(h, e));
    const all = sub(mul(filledLike(mean, 0.5), mean), mul(filledLike(curved, 1 / 12), curved));
    const close = select(near, all, filledLike(all, 0));
    // The second term is zero where the equation is solved, but its derivative is not.
    const r = sub(bracket(value, e), bracket(m, close));
    const units = share / roundingUnit(typeOf(x).dtype);
    const both = add(diagonalEquation(w, m, r, { right: -1, units }), close);
    return multiply(multiply(matrixTranspose(basis), both), basis);
  };
}

/**
 * A function of symmetric matrices `[..., n, n]`: `v diag(f(w)) v'` with the eigenvalues w and eigenvectors v of
 * (a + a') / 2. `f` takes the eigenvalues `[..., n]` and gives as many numbers, each of which may depend on its
 * own eigenvalue alone: `linalg.matrixFunction(exp, a)`, `linalg.matrixFunction((w) => w.pow(-0.5), a)`.
 *
 * Its derivatives, of all orders, are right at equal and nearly equal eigenvalues too, where those of
 * `linalg.eigh` are not: they use divided differences of f, and its derivatives where eigenvalues are near, so f
 * must have two more than are asked of the result.
 *
 * @throws ShapeError when the last two axes differ, or f gives another shape than it takes.
 * @see Higham, Functions of Matrices (2008), theorem 3.11.
 */
export function matrixFunction(f: (eigenvalues: Tensor) => Tensor, a: TensorLike): Tensor {
  checkFunction('linalg.matrixFunction', 'the first argument', f);
  const x = toFloat(asTensor(a, 'linalg.matrixFunction'), 'linalg.matrixFunction');
  if (x.ndim < 2 || x.shape.at(-1) !== x.shape.at(-2)) {
    throw new ShapeError(
      `linalg.matrixFunction: the argument has shape ${formatShape(x.shape)}; it must be a matrix [n, n], or a batch of them.`,
    );
  }
  const type = tensorType(x.dtype, x.shape.slice(0, -1));
  const { program, captures } = trace([type], (w) => [asTensor(f(w), 'linalg.matrixFunction')], {
    name: 'matrixFunction',
    ofUser: true,
  });
  const [made] = program.outputs;
  if (made?.type.kind !== 'tensor' || !sameShape(made.type.shape, type.shape)) {
    throw new ShapeError(
      `linalg.matrixFunction: f gives another shape than that of the eigenvalues, ${formatShape(type.shape)}; it must give a number for each.`,
    );
  }
  const [result] = bind(matrixFunctionOperation, [x, ...captures], { f: program });
  if (!result) throw new Error('unreachable');
  return result;
}

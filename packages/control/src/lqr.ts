import {
  concatenate,
  eye,
  linalg,
  matmul,
  scan,
  type Tensor,
  type TensorLike,
  tensor,
  transpose,
} from '@grad/core';

/** A regulator u = -K x, and the least cost x'P x. */
export interface Regulator {
  readonly K: Tensor;
  readonly P: Tensor;
}

/** Matrices of a linear system and of a quadratic cost, without factors of 1/2. */
export interface LinearQuadratic {
  readonly A: TensorLike;
  readonly B: TensorLike;
  /** Symmetric, positive semidefinite. */
  readonly Q: TensorLike;
  /** Symmetric, positive definite. */
  readonly R: TensorLike;
}

/** Doublings of the horizon: 2^30 steps. */
const doublings = 30;

/**
 * The regulator of infinite horizon: of x' = A x + B u with `time: 'continuous'`, and of x_{k+1} = A x_k + B u_k
 * with `'discrete'`, by the doubling of the Riccati equation. It can be differentiated in all four matrices, and mapped.
 * (A, B) must be stabilizable and (A, Q) detectable, else the result does not stabilize or is not finite.
 *
 * @throws ShapeError when the matrices do not fit.
 * @see Chu, Fan and Lin, A structure-preserving doubling algorithm for continuous-time algebraic Riccati
 * equations, Linear Algebra Appl. 396 (2005) 55, equations 9 to 14.
 */
export function lqr(
  { A, B, Q, R }: LinearQuadratic,
  { time = 'discrete' }: { readonly time?: 'discrete' | 'continuous' } = {},
): Regulator {
  const [a, b, q, r] = [tensor(A), tensor(B), tensor(Q), tensor(R)];
  const g = matmul(b, linalg.solve(r, transpose(b)));
  const n = a.shape[0] ?? 0;
  const one = eye(n);
  const P = doubled(time === 'discrete' ? { a, g, h: q } : cayley(a, g, q), one);
  if (time === 'continuous') return { K: linalg.solve(r, matmul(transpose(b), P)), P };
  return { K: gain(a, b, r, P), P };
}

/**
 * The regulator of a finite horizon: gains K [steps, m, n] and costs P [steps + 1, n, n] of the sum of x'Q x + u'R u over
 * the steps, and x'terminal x after them.
 *
 * @throws ShapeError when the matrices do not fit.
 */
export function tvlqr(
  { A, B, Q, R }: LinearQuadratic,
  { steps, terminal }: { readonly steps: number; readonly terminal: TensorLike },
): Regulator {
  const [a, b, q, r] = [tensor(A), tensor(B), tensor(Q), tensor(R)];
  const last = tensor(terminal);
  const [first, { K, after }] = scan(
    (P) => {
      const K = gain(a, b, r, P);
      const before = q.add(matmul(transpose(a), matmul(P, a.sub(matmul(b, K)))));
      return [before, { K, after: P }] as const;
    },
    last,
    null,
    { length: steps, reverse: true },
  );
  const [n] = last.shape;
  return { K, P: concatenate([first.reshape([1, n ?? 0, n ?? 0]), after]) };
}

function gain(a: Tensor, b: Tensor, r: Tensor, P: Tensor): Tensor {
  const pb = matmul(P, b);
  return linalg.solve(r.add(matmul(transpose(b), pb)), matmul(transpose(pb), a));
}

interface Pencil {
  readonly a: Tensor;
  readonly g: Tensor;
  readonly h: Tensor;
}

function doubled(start: Pencil, one: Tensor): Tensor {
  const [{ h }] = scan(
    ({ a, g, h }) => {
      const w = one.add(matmul(g, h));
      const wa = linalg.solve(w, a);
      const wg = linalg.solve(w, g);
      const next = {
        a: matmul(a, wa),
        g: g.add(matmul(a, matmul(wg, transpose(a)))),
        h: h.add(matmul(transpose(a), matmul(h, wa))),
      };
      return [next, null] as const;
    },
    start,
    null,
    { length: doublings },
  );
  return h.add(transpose(h)).mul(0.5);
}

function cayley(a: Tensor, g: Tensor, q: Tensor): Pencil {
  const one = eye(a.shape[0] ?? 0);
  const gamma = a.square().sum().sqrt().add(1);
  const shifted = a.sub(one.mul(gamma));
  const inverse = linalg.inv(shifted);
  const w = linalg.inv(transpose(shifted).add(matmul(q, matmul(inverse, g))));
  const double = gamma.mul(2);
  return {
    a: one.add(transpose(w).mul(double)),
    g: matmul(inverse, matmul(g, w)).mul(double),
    h: matmul(w, matmul(q, inverse)).mul(double),
  };
}

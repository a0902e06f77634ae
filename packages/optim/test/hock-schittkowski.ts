import { log, stack, type Tensor } from '@grad/core';

/** A problem of W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes (1981). */
export interface TestProblem {
  readonly f: (x: readonly Tensor[]) => Tensor;
  readonly start: readonly number[];
  readonly lower?: number | readonly number[];
  readonly upper?: number | readonly number[];
  readonly equalities?: (x: readonly Tensor[]) => readonly Tensor[];
  readonly inequalities?: (x: readonly Tensor[]) => readonly Tensor[];
  /** The published optimum. */
  readonly optimum: number;
}

type Term = Tensor | number;
const sum = (first: Tensor, ...rest: readonly Term[]): Tensor =>
  rest.reduce<Tensor>((total, term) => total.add(term), first);
const sq = (x: Tensor): Tensor => x.square();
const fourth = (x: Tensor): Tensor => x.square().square();
/** Σ weights[i] x[i]. */
const linear = (x: readonly Tensor[], weights: readonly number[]): Tensor =>
  stack([...x.slice(0, weights.length)])
    .mul(weights)
    .sum();
/** Σ weights[i] x[i]². */
const squares = (x: readonly Tensor[], weights: readonly number[]): Tensor =>
  linear(x.map(sq), weights);

type Make = (f: (...x: Tensor[]) => Tensor) => (x: readonly Tensor[]) => Tensor;
const of: Make = (f) => (x) => f(...x);
const all =
  (f: (...x: Tensor[]) => Tensor[]) =>
  (x: readonly Tensor[]): Tensor[] =>
    f(...x);

export const problems: Record<string, TestProblem> = {
  HS1: {
    f: of((a, b) => sum(sq(b.sub(sq(a))).mul(100), sq(a.sub(1)))),
    start: [-2, 1],
    lower: [-Infinity, -1.5],
    optimum: 0,
  },
  HS6: {
    f: of((a) => sq(a.sub(1))),
    start: [-1.2, 1],
    equalities: all((a, b) => [b.sub(sq(a)).mul(10)]),
    optimum: 0,
  },
  HS7: {
    f: of((a, b) => log(sq(a).add(1)).sub(b)),
    start: [2, 2],
    equalities: all((a, b) => [sum(sq(sq(a).add(1)), sq(b), -4)]),
    optimum: -Math.sqrt(3),
  },
  HS12: {
    f: (x) => sum(squares(x, [0.5, 1]), linear(x, [-7, -7])).sub(x[0]?.mul(x[1] ?? 0) ?? 0),
    start: [0, 0],
    inequalities: (x) => [squares(x, [-4, -1]).add(25)],
    optimum: -30,
  },
  HS14: {
    f: of((a, b) => sum(sq(a.sub(2)), sq(b.sub(1)))),
    start: [2, 2],
    equalities: (x) => [linear(x, [1, -2]).add(1)],
    inequalities: (x) => [squares(x, [-0.25, -1]).add(1)],
    optimum: 9 - 2.875 * Math.sqrt(7),
  },
  HS22: {
    f: of((a, b) => sum(sq(a.sub(2)), sq(b.sub(1)))),
    start: [2, 2],
    inequalities: all((a, b) => [a.add(b).neg().add(2), b.sub(sq(a))]),
    optimum: 1,
  },
  HS26: {
    f: of((a, b, c) => sum(sq(a.sub(b)), fourth(b.sub(c)))),
    start: [-2.6, 2, 2],
    equalities: all((a, b, c) => [sum(sq(b).add(1).mul(a), fourth(c), -3)]),
    optimum: 0,
  },
  HS28: {
    f: of((a, b, c) => sum(sq(a.add(b)), sq(b.add(c)))),
    start: [-4, 1, 1],
    equalities: (x) => [linear(x, [1, 2, 3]).sub(1)],
    optimum: 0,
  },
  HS35: {
    f: of((a, b, c) =>
      sum(
        linear([a, b, c], [-8, -6, -4]),
        9,
        squares([a, b, c], [2, 2, 1]),
        a.mul(b.add(c)).mul(2),
      ),
    ),
    start: [0.5, 0.5, 0.5],
    lower: 0,
    inequalities: (x) => [linear(x, [-1, -1, -2]).add(3)],
    optimum: 1 / 9,
  },
  HS39: {
    f: of((a) => a.neg()),
    start: [2, 2, 2, 2],
    equalities: all((a, b, c, d) => [b.sub(a.mul(sq(a))).sub(sq(c)), sq(a).sub(b).sub(sq(d))]),
    optimum: -1,
  },
  HS40: {
    f: of((a, b, c, d) => a.mul(b).mul(c).mul(d).neg()),
    start: [0.8, 0.8, 0.8, 0.8],
    equalities: all((a, b, c, d) => [
      sum(a.mul(sq(a)), sq(b), -1),
      sq(a).mul(d).sub(c),
      sq(d).sub(b),
    ]),
    optimum: -0.25,
  },
  HS43: {
    f: (x) => sum(squares(x, [1, 1, 2, 1]), linear(x, [-5, -5, -21, 7])),
    start: [0, 0, 0, 0],
    inequalities: (x) => [
      sum(squares(x, [-1, -1, -1, -1]), linear(x, [-1, 1, -1, 1]), 8),
      sum(squares(x, [-1, -2, -1, -2]), linear(x, [1, 0, 0, 1]), 10),
      sum(squares(x, [-2, -1, -1]), linear(x, [-2, 1, 0, 1]), 5),
    ],
    optimum: -44,
  },
  HS65: {
    f: of((a, b, c) => sum(sq(a.sub(b)), sq(a.add(b).sub(10)).div(9), sq(c.sub(5)))),
    start: [-5, 5, 0],
    lower: [-4.5, -4.5, -5],
    upper: [4.5, 4.5, 5],
    inequalities: (x) => [squares(x, [-1, -1, -1]).add(48)],
    optimum: 0.9535288567,
  },
  HS71: {
    f: of((a, b, c, d) => sum(a.mul(d).mul(sum(a, b, c)), c)),
    start: [1, 5, 5, 1],
    lower: 1,
    upper: 5,
    equalities: (x) => [squares(x, [1, 1, 1, 1]).sub(40)],
    inequalities: all((a, b, c, d) => [a.mul(b).mul(c).mul(d).sub(25)]),
    optimum: 17.0140173,
  },
  HS76: {
    f: of((a, b, c, d) =>
      sum(
        squares([a, b, c, d], [1, 0.5, 1, 0.5]),
        linear([a, b, c, d], [-1, -3, 1, -1]),
        c.mul(d.sub(a)),
      ),
    ),
    start: [0.5, 0.5, 0.5, 0.5],
    lower: 0,
    inequalities: (x) => [
      linear(x, [-1, -2, -1, -1]).add(5),
      linear(x, [-3, -1, -2, 1]).add(4),
      linear(x, [0, 1, 4]).sub(1.5),
    ],
    optimum: -103 / 22,
  },
  HS100: {
    f: of((a, b, c, d, e, f, g) =>
      sum(
        sq(a.sub(10)),
        sq(b.sub(12)).mul(5),
        fourth(c),
        sq(d.sub(11)).mul(3),
        sq(e).mul(fourth(e)).mul(10),
        sq(f).mul(7),
        fourth(g),
        f.mul(g).mul(-4),
        f.mul(-10),
        g.mul(-8),
      ),
    ),
    start: [1, 2, 0, 4, 0, 1, 1],
    inequalities: all((a, b, c, d, e, f, g) => [
      sum(squares([a, c, d], [-2, 0, -4]), fourth(b).mul(-3), linear([c, e], [-1, -5]), 127),
      sum(linear([a, b, d, e], [-7, -3, -1, 1]), sq(c).mul(-10), 282),
      sum(linear([a, g], [-23, 8]), squares([b, f], [-1, -6]), 196),
      sum(squares([a, b, c], [-4, -1, -2]), a.mul(b).mul(3), linear([f, g], [-5, 11])),
    ]),
    optimum: 680.6300573,
  },
};

import {
  add,
  cond,
  exp,
  foriLoop,
  grad,
  hessian,
  map,
  matmul,
  mod,
  scan,
  sin,
  sort,
  sum,
  switchCase,
  type Tensor,
  tanh,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';

const x = tensor([0.3, -0.7, 1.1, 0.2, 0.9]);
const many = tensor(Float64Array.from({ length: 300 * 240 }, (_, i) => Math.sin(i))).reshape([
  300, 240,
]);

const growing = (start: Tensor): Tensor =>
  whileLoop(
    (c) => c.sum().lt(40),
    (c) => c.mul(c.sin().mul(0.1).add(1.2)).add(0.05),
    start,
  );

/** `f` three times, in a loop of unknown length. */
const thrice = (f: (x: Tensor) => Tensor, start: Tensor): Tensor =>
  whileLoop(
    ({ n }) => n.lt(3),
    ({ n, c }) => ({ n: n.add(1), c: f(c.mul(0.05)) }),
    { n: 0, c: start },
  ).c;

const nested = (start: Tensor): Tensor => {
  const [c, rows] = scan(
    (outer, t) => {
      const [inner, ys] = scan((p, u) => [sin(p).mul(0.9).add(u), p.sum()], outer, t);
      return [tanh(inner).add(ys.sum()), ys];
    },
    start,
    many.at([0, 4], [0, 3]),
  );
  return add(c, rows.sum());
};

/** A loop in a branch in a loop, and a branch without one. */
const branching = (start: Tensor): Tensor =>
  foriLoop(
    0,
    7,
    (i, c) =>
      cond(
        mod(i, 3).eq(1),
        (p: Tensor) => growing(p.mul(0.1)).mul(0.1),
        (p: Tensor) =>
          switchCase(
            mod(i, 2),
            [
              (q: Tensor) => q.add(1),
              (q: Tensor) => scan((s) => [s.mul(1.1), null], q, null, { length: 3 })[0],
            ],
            p,
          ),
        c,
      ),
    start,
  );

/** A loop in the condition of a loop, whose body has one as well. */
const searching = (start: Tensor): Tensor =>
  whileLoop(
    (c) =>
      foriLoop(0, 4, (_, p: Tensor) => p.mul(p).add(0.1), c.mul(0.5))
        .sum()
        .lt(3),
    (c) => scan((p) => [p.add(c.mul(0.01)), null], c.add(0.05), null, { length: 2 })[0],
    start,
  );

const chain =
  (checkpoint: 'store' | 'recompute') =>
  (start: Tensor): Tensor => {
    const [end, seen] = scan((c) => [exp(sin(c).mul(0.5)).mul(c), c.at(0)], start, null, {
      length: 6,
      checkpoint,
    });
    return end.sum().add(seen.square().sum());
  };

/** Long kernels between loops: rows, columns, products and sums in pieces. */
const large = (m: Tensor): Tensor => {
  const product = matmul(sin(m), m.transpose());
  const [c] = scan((p) => [tanh(p.mul(0.5)), null], product, null, { length: 3 });
  return add(sort(c.sum({ axis: 1 })), m.sum({ axis: 1 }).mul(exp(m).sum()));
};

/** Functions that loop in every way that there is, each with an argument. */
export const loopingFunctions: readonly (readonly [
  name: string,
  f: (x: Tensor) => unknown,
  x: Tensor,
])[] = [
  ['no loop', (a) => sin(a).sum(), x],
  ['a scan with elements', (a) => scan((c, e) => [c.add(e), c.mul(e)], tensor(0), a), x],
  ['a scan of no steps', (a) => scan((c) => [c.mul(2), null], a, null, { length: 0 })[0], x],
  ['a scan of one step', (a) => scan((c) => [nested(c), null], a, null, { length: 1 })[0], x],
  ['two scans, and work before, between and after', (a) => nested(nested(sin(a))).mul(a), x],
  [
    'a carry of two that are exchanged',
    (a) => foriLoop(0, 5, (i, { p, q }) => ({ p: q, q: sin(p).add(i) }), { p: a, q: a.mul(2) }),
    x,
  ],
  ['a loop of unknown length', growing, x],
  ['a loop that never runs', (a) => growing(a.add(100)), x],
  ['loops in branches', branching, x],
  ['loops in conditions', searching, x],
  ['a loop of unknown length in a scan', (a) => map((e) => growing(e.abs()), a), x],
  ['a scan in a loop of unknown length', (a) => thrice(nested, a), x],
  ['the gradient of a scan', grad((a: Tensor) => nested(a).sum()), x],
  ['the gradient of a loop of unknown length', grad((a: Tensor) => growing(a).sum()), x],
  ['the gradient of branches', grad((a: Tensor) => branching(a).sum()), x],
  ['the gradient of loops in conditions', grad((a: Tensor) => searching(a).sum()), x],
  [
    'the gradient of loops of unknown length, one in the other',
    grad((a: Tensor) => thrice(growing, a).sum()),
    x,
  ],
  ['the gradient with all residuals', grad(chain('store')), x],
  ['the gradient that computes them again', grad(chain('recompute')), x],
  ['second derivatives', hessian(chain('store')), x],
  [
    'a batch of loops of unknown length',
    vmap(grad((a: Tensor) => growing(a).sum())),
    tensor([
      [1, 2],
      [3, 0.5],
    ]),
  ],
  ['long kernels', large, many],
  ['the gradient of long kernels', grad((m: Tensor) => sum(large(m))), many],
];

import {
  checkpoint,
  exp,
  foriLoop,
  type LoopCheckpoint,
  matmul,
  relu,
  scan,
  sin,
  sum,
  type Tensor,
  tanh,
  tensor,
  where,
  whileLoop,
} from '@grad/core';

/** A scalar function with a loop whose memory a policy decides. */
export interface Case {
  readonly title: string;
  readonly f: (policy: LoopCheckpoint, steps: number) => (...args: Tensor[]) => Tensor;
  readonly args: (steps: number) => readonly Tensor[];
}

const wave = (size: number, rate: number, dtype: 'float32' | 'float64' = 'float64'): Tensor =>
  tensor(
    Array.from({ length: size }, (_, i) => Math.sin(rate * (i + 1))),
    { dtype },
  );

/** Loops of a known number of steps. */
export const scans: readonly Case[] = [
  {
    title: 'constants, elements, collected values and a counter',
    f: (policy, length) => (x, w, us) => {
      const [{ a, k }, ys] = scan(
        ({ a: old, k: count, even }, u) => {
          const next = tanh(matmul(w, old)).add(where(even, u, u.mul(0.5)));
          return [
            { a: next, k: count.add(1), even: even.eq(false) },
            next.mul(count.astype('float64')),
          ];
        },
        { a: x, k: tensor(1, { dtype: 'int32' }), even: tensor(true) },
        us,
        { length, checkpoint: policy },
      );
      return sum(sin(ys)).add(a.sum()).add(k.astype('float64'));
    },
    args: (steps) => [wave(3, 0.7), wave(9, 1.3).reshape([3, 3]), wave(steps, 2.1)],
  },
  {
    title: 'several carries, from the last element to the first, in float32',
    f: (policy, length) => (x, y, us) => {
      const [[p, q], ys] = scan(
        ([a, b], u) => [[b.mul(0.9).add(sin(u)), tanh(a.mul(b)).add(u)], a.sum()],
        [x, y] as const,
        us,
        { length, reverse: true, checkpoint: policy },
      );
      return p.mul(q).sum().add(ys.square().sum());
    },
    args: (steps) => [
      wave(5, 0.3, 'float32'),
      wave(5, 0.9, 'float32'),
      wave(5 * steps, 1.1, 'float32').reshape([steps, 5]),
    ],
  },
  {
    title: 'work on constants alone, and zeros of either sign',
    f: (policy, length) => (x, w, us) =>
      scan(
        (c, u) => {
          const gate = exp(w.neg());
          return [relu(c.neg()).sub(relu(c).mul(gate)).add(u), null];
        },
        x,
        us,
        { length, checkpoint: policy },
      )[0].sum(),
    args: (steps) => [wave(4, 0.8), wave(4, 0.2), wave(4 * steps, 1.7).reshape([steps, 4])],
  },
  {
    title: 'loops inside of both kinds',
    f: (policy, length) => (x, w) =>
      foriLoop(
        0,
        length,
        (i, c) => {
          const inner = scan(
            (d) => [tanh(d.mul(w)).add(i.astype('float64').mul(0.01)), null],
            c,
            null,
            { length: 3, checkpoint: policy },
          )[0];
          return whileLoop(
            (d) => d.square().sum().lt(4),
            (d) => d.mul(1.3).add(w.mul(0.1)),
            inner,
            { checkpoint: policy },
          );
        },
        x,
        { checkpoint: policy },
      ).sum(),
    args: () => [wave(3, 0.4), wave(3, 0.9)],
  },
];

/** Loops until a condition fails; the number of steps grows with `steps`. */
export const whiles: readonly Case[] = [
  {
    title: 'a constant, several carries and a counter',
    f: (policy, steps) => (x, w) => {
      const { a, k } = whileLoop(
        (at) => at.k.lt(steps),
        (at) => ({ a: tanh(matmul(w, at.a)).add(at.b), b: at.a.mul(0.7), k: at.k.add(1) }),
        { a: x, b: x, k: tensor(0, { dtype: 'int32' }) },
        { checkpoint: policy, maxSteps: 200 },
      );
      return sin(a).sum().add(k.astype('float64'));
    },
    args: () => [wave(3, 0.7), wave(9, 1.3).reshape([3, 3])],
  },
  {
    title: 'a condition on the values, with a checkpoint inside, in float32',
    f: (policy, steps) => (x, w) =>
      whileLoop(
        (c) => c.sum().lt(steps),
        checkpoint((c: Tensor) => c.add(sin(c.mul(w)).mul(0.2)).add(0.3)),
        x,
        { checkpoint: policy },
      )
        .square()
        .sum(),
    args: () => [wave(4, 0.5, 'float32'), wave(4, 1.5, 'float32')],
  },
];

import type { Case, Input } from '../../src/suite.ts';
import { Numbers } from '../adbench.ts';

const files = ['1k/gmm_d10_K25', '1k/gmm_d32_K10', '10k/gmm_d10_K25', '10k/gmm_d20_K25'];

/** Columns of a matrix [rows, columns]. */
function columns({ shape, data }: Input, from: number, to: number): Input {
  const [rows = 0, all = 0] = shape;
  const taken = Array.from({ length: rows }, (_, i) => [
    ...data.slice(i * all + from, i * all + to),
  ]);
  return { shape: [rows, to - from], data: Float64Array.from(taken.flat()) };
}

/** ADBench's mixture of Gaussians, with the objective that GradBench gives it: the gradient in all parameters. */
export const cases: readonly Case[] = files.map((name) => ({
  group: 'adbench',
  name: name.replace('/gmm', ' gmm'),
  precision: 'float64',
  program: 'adbench-gmm',
  inputs: () => {
    const file = new Numbers(`gmm/${name}.txt`);
    const [d, k, n] = [file.next(), file.next(), file.next()];
    const [alpha, mu] = [file.array(k), file.array(k, d)];
    const factors = file.array(k, (d * (d + 1)) / 2);
    const [q, l] = [columns(factors, 0, d), columns(factors, d, (d * (d + 1)) / 2)];
    return { alpha, mu, q, l, x: file.array(n, d), gamma: file.array(), m: file.array() };
  },
  variants: { 'our objective': { options: { of: 'objective' } } },
  targets: [
    { side: 'C to WASM', atMost: 1.5 },
    { side: 'our objective', atMost: 3.5 },
  ],
}));

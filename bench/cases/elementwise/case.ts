import { type Case, noise } from '../../src/suite.ts';

const chains = {
  arithmetic: '(x y + x) (y - 0.5) + x x',
  exp: 'exp(-x x) y',
  log: 'log(1.5 + x) y',
  sin: 'sin(3 x) + y',
  tanh: 'tanh(x + y)',
  all: 'tanh(sin(x) log(1.5 + exp(y)))',
} as const;

const count = 65_536;

/** Functions of the elements of two vectors that fit the second cache. */
export const cases: readonly Case[] = (['float32', 'float64'] as const).flatMap((precision) =>
  Object.entries(chains).map(([chain, formula]) => ({
    group: 'elementwise',
    name: `${formula}, ${count} elements`,
    precision,
    program: 'elementwise',
    options: { chain },
    inputs: () => ({
      x: noise([count], precision, { seed: 1 }),
      y: noise([count], precision, { seed: 2 }),
    }),
    tolerance: precision === 'float32' ? 1e-5 : 1e-13,
    variants: { 'ours, keeping results': { options: { keep: true } } },
    targets: [{ side: 'C to WASM', atMost: 1.5 }],
  })),
);
